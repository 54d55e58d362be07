"""Setting a phone's counts aside is an act: each has its line, and no ceiling hides the next one."""

from importlib import import_module

from django.db import migrations

from privacy.db.rowsecurity import sql

before = import_module("privacy.audit.migrations.0005_who_and_when")
REPLACED = before.CEILING.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_who_and_when")]

    operations = [sql(REPLACED.replace("'counts_late'", "'counts_late', 'counts_voided'"), REPLACED)]
