"""A request opens a line of the book and never one that is settled already: only the purge may say that something was destroyed."""

from django.db import migrations

from privacy.db.rowsecurity import WEB, sql


class Migration(migrations.Migration):
    dependencies = [("retention", "0004_ledger_folds")]

    operations = [
        sql(
            f"CREATE POLICY web_born_open ON retention_ledgerentry AS RESTRICTIVE FOR INSERT TO {WEB}"
            " WITH CHECK (withdrawn = 0 AND erased = 0 AND erased_on IS NULL)",
            "DROP POLICY web_born_open ON retention_ledgerentry",
        )
    ]
