"""The drafts of a closed round lie deleted in their table's file in the order they came, until vacuum: let it come at its next turn.

Deleted rows of a table this small would otherwise wait for fifty others. When nothing is left alive, vacuum gives the file back to
the system (docs/measured/order.md). The rows of the log that wait for noon are set the same way.
"""

from django.db import migrations

from privacy.db.rowsecurity import sql

AT_ONCE = "autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0"
TOO = "toast.autovacuum_vacuum_threshold = 0, toast.autovacuum_vacuum_scale_factor = 0"
NAMES = (
    "autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor,"
    " toast.autovacuum_vacuum_threshold, toast.autovacuum_vacuum_scale_factor"
)


class Migration(migrations.Migration):
    dependencies = [("outreach", "0010_drop_known_records"), ("audit", "0001_initial")]

    operations = [
        sql(f"ALTER TABLE {table} SET ({AT_ONCE}, {TOO})", f"ALTER TABLE {table} RESET ({NAMES})")
        for table in ("outreach_draft", "outreach_quarantine")
    ] + [
        sql(
            f"ALTER TABLE audit_pendingevent SET ({AT_ONCE})",
            "ALTER TABLE audit_pendingevent RESET (autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor)",
        )
    ]
