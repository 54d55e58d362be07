"""Why a draft was set aside is sealed as the draft is: `no-consent` is about a person, and a dump is not to say it.

Reasons kept so far stood in clear and go with their column, and with the file that held it; of those drafts (a week of them at
most) `quarantine --retry` says today's.
"""

from django.db import migrations, models

from privacy.db.rowsecurity import sql


class Migration(migrations.Migration):
    dependencies = [("outreach", "0014_the_day_of_events_and_tombstones")]

    operations = [
        # For the way back: what is set aside then has no reason to show.
        migrations.AlterField("quarantine", "reason", models.CharField(max_length=30, default="?")),
        migrations.RemoveField("quarantine", "reason"),
        migrations.AddField(
            "quarantine", "sealed_reason", models.BinaryField(default=b""), preserve_default=False
        ),
        # A dropped column stays on the disk until its rows are written again.
        sql(
            "ALTER TABLE outreach_quarantine ALTER COLUMN sealed_reason TYPE bytea USING sealed_reason || ''::bytea"
        ),
        # Empty on rows of before and while a key is damaged; one length for all others, or it would tell the word.
        sql(
            "ALTER TABLE outreach_quarantine ADD CONSTRAINT outreach_reason_length"
            " CHECK (octet_length(sealed_reason) IN (0, 137))",
            "ALTER TABLE outreach_quarantine DROP CONSTRAINT outreach_reason_length",
        ),
    ]
