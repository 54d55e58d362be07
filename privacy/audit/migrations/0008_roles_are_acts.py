"""Who gets or loses a role, a link to an account, and a rule that is shortened are acts: no ceiling hides the next one."""

from importlib import import_module

from django.db import migrations

from privacy.db.rowsecurity import sql

before = import_module("privacy.audit.migrations.0006_counts_voided")
VOIDED = before.REPLACED.replace("'counts_late'", "'counts_late', 'counts_voided'")
MORE = (
    "account_link_made",
    "own_role_asked",
    "own_role_granted",
    "own_role_refused",
    "own_role_removed",
    "policy_shortened",
    "role_granted",
    "role_joined",
    "role_left",
    "role_removed",
)
WITH_ROLES = VOIDED.replace("'counts_late'", "'counts_late', " + ", ".join(f"'{word}'" for word in MORE))


class Migration(migrations.Migration):
    dependencies = [("audit", "0007_last_promise")]

    operations = [sql(WITH_ROLES, VOIDED)]
