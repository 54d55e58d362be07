"""The purge may fold the book's old weeks: it removes their lines and writes one in their place."""

from django.db import migrations

from privacy.db.rowsecurity import WORKER, sql


class Migration(migrations.Migration):
    dependencies = [("retention", "0003_ledger_columns")]

    operations = [
        sql(
            f"GRANT DELETE ON retention_ledgerentry TO {WORKER}",
            f"REVOKE DELETE ON retention_ledgerentry FROM {WORKER}",
        )
    ]
