"""A request may count what is stored and what is taken back; only the purge may write that something was destroyed."""

from django.db import migrations

from privacy.db.rowsecurity import WEB, sql


class Migration(migrations.Migration):
    dependencies = [("retention", "0002_row_security")]

    operations = [
        sql(
            f"REVOKE UPDATE ON retention_ledgerentry FROM {WEB};"
            f" GRANT UPDATE (stored, withdrawn) ON retention_ledgerentry TO {WEB}",
            f"GRANT UPDATE ON retention_ledgerentry TO {WEB}",
        )
    ]
