"""A request books nothing that is over and touches no line that is settled: past weeks of the book are the purge's alone."""

from django.db import migrations

from privacy.db.rowsecurity import ALIVE, WEB, sql

LIVING = f"erased_on IS NULL AND {ALIVE}"


class Migration(migrations.Migration):
    dependencies = [("retention", "0008_rewrite")]

    operations = [
        sql(
            f"CREATE POLICY web_books_the_living ON retention_ledgerentry AS RESTRICTIVE FOR INSERT TO {WEB} WITH CHECK ({ALIVE})",
            "DROP POLICY web_books_the_living ON retention_ledgerentry",
        ),
        sql(
            f"CREATE POLICY web_settles_nothing ON retention_ledgerentry AS RESTRICTIVE FOR UPDATE TO {WEB} USING ({LIVING})",
            "DROP POLICY web_settles_nothing ON retention_ledgerentry",
        ),
    ]
