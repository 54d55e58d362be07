"""A planned departure holds minutes, and only as long as the round waits for it; nobody read the hour of a round that left.

Back again a departure is its full hour; those that were forgotten stay forgotten.
"""

from django.db import migrations, models

from privacy.db.rowsecurity import sql


class Migration(migrations.Migration):
    dependencies = [("outreach", "0030_phone_count")]

    operations = [
        migrations.AddField("round", "planned_start", models.TimeField(null=True, blank=True)),
        sql(
            "UPDATE outreach_round SET planned_start = make_time(planned_hour, 0, 0)"
            " WHERE planned_hour <= 23 AND status IN ('planned', 'cancelled')",
            "UPDATE outreach_round SET planned_hour = extract(hour FROM planned_start)",
        ),
        migrations.RemoveField("round", "planned_hour"),
    ]
