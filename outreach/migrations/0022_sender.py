"""By whom a draft is counted: a number of the account on the round, keyed; its key dies with the round (`outreach.rounds.limits`)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outreach", "0021_running_totals")]

    operations = [
        migrations.AddField("draft", "sender", models.UUIDField(null=True)),
        migrations.AddField("tombstone", "sender", models.UUIDField(null=True)),
        migrations.AddIndex(
            "tombstone",
            models.Index(
                condition=models.Q(("sender__isnull", False)), fields=["sender"], name="tombstone_of_sender"
            ),
        ),
    ]
