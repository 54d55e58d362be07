"""Opening a closed round again is an act: each has its line, and no ceiling hides the next one."""

from importlib import import_module

from django.db import migrations

from privacy.db.rowsecurity import sql

before = import_module("privacy.audit.migrations.0008_roles_are_acts")
REOPENED = before.WITH_ROLES.replace("'counts_late'", "'counts_late', 'round_reopened'")


class Migration(migrations.Migration):
    dependencies = [("audit", "0009_public_key")]

    operations = [sql(REOPENED, before.WITH_ROLES)]
