"""The account book has no lines of exact points: nothing was ever in those blobs, and their rows go with this version."""

from django.db import migrations

from privacy.db.rowsecurity import sql


class Migration(migrations.Migration):
    dependencies = [("retention", "0011_app_now")]

    operations = [sql("DELETE FROM retention_ledgerentry WHERE retention_class = 'point'")]
