"""What the log asks of the time, it asks of `app_now()`, as everything else does."""

from importlib import import_module

from django.db import migrations

from privacy.db.rowsecurity import sql

before = import_module("privacy.audit.migrations.0005_who_and_when")
AT = "({clock} AT TIME ZONE 'UTC')::time"


def _functions(clock: str) -> str:
    start, end = (before.FIT.index(f"{word} FUNCTION audit_fit()") for word in ("CREATE", "REVOKE ALL ON"))
    both = before.FIT[start:end].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION") + before.COUNT_TODAY
    return both.replace(AT.format(clock="now()"), AT.format(clock=clock))


class Migration(migrations.Migration):
    dependencies = [("audit", "0010_round_reopened"), ("retention", "0011_app_now")]

    operations = [sql(_functions("app_now()"), _functions("now()"))]
