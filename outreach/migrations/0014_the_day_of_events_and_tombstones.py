"""The purge asks these two tables for what is due by day, as it asks records and parts: without an index, every batch read them whole."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outreach", "0013_totals_by_function"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="consentevent",
            index=models.Index(fields=["expires_on"], name="outreach_co_expires_af7a2d_idx"),
        ),
        migrations.AddIndex(
            model_name="tombstone",
            index=models.Index(fields=["expires_on"], name="outreach_to_expires_b8fc42_idx"),
        ),
    ]
