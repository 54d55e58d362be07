"""A planned night that nobody walked has its own word; what was cancelled before stays so, for nobody knows which it was.

Back again a night that was not walked is a cancelled one.
"""

from django.db import migrations, models

from privacy.db.rowsecurity import sql


class Migration(migrations.Migration):
    dependencies = [("outreach", "0032_sessions_last_a_night")]

    operations = [
        migrations.AlterField(
            "round",
            "status",
            models.CharField(
                choices=[
                    ("planned", "prévue"),
                    ("open", "en cours"),
                    ("closed", "close"),
                    ("cancelled", "annulée"),
                    ("not_walked", "pas faite"),
                ],
                default="planned",
                max_length=10,
            ),
        ),
        sql(
            "SELECT 1",
            "UPDATE outreach_round SET status = 'cancelled' WHERE status = 'not_walked'",
        ),
    ]
