"""Indexes that lead to a round's or record's rows within its association, now that PostgreSQL keeps no statistics of them.

Row security and the tenant's foreign keys ask for an id and an association together. With an index on each and no idea which tells
more, PostgreSQL read a whole association for every record that a purge deleted (4 ms each at 15,000). One index on both is never in
doubt. It takes the place and the name of the one on the id alone.
"""

from django.db import migrations

from privacy.db.rowsecurity import sql

TEAM = ("association_id", "team_id")
LOOKUPS = {
    "outreach_record_round_id_f3e76e1d": ("outreach_record", "round_id", TEAM),
    "outreach_sealedpart_record_id_b3a377bf": ("outreach_sealedpart", "record_id", TEAM),
    "outreach_draft_round_id_765bec8d": ("outreach_draft", "round_id", TEAM),
    "outreach_tally_round_id_720ebdf6": ("outreach_tally", "round_id", TEAM),
    "outreach_quarantine_round_id_d5e66ccd": ("outreach_quarantine", "round_id", TEAM),
    "outreach_handover_round_id_1526b879": ("outreach_handover", "round_id", TEAM),
    "outreach_roundsector_round_id_631838ef": ("outreach_roundsector", "round_id", TEAM[:1]),
    "outreach_importline_job_id_47c21167": ("outreach_importline", "job_id", TEAM[:1]),
}


def _replaced(name: str, table: str, key: str, more: tuple[str, ...]) -> migrations.RunSQL:
    drop = f"DROP INDEX IF EXISTS {name};"
    columns = ", ".join((key, *more))
    return sql(
        f"{drop} CREATE INDEX {name} ON {table} ({columns})", f"{drop} CREATE INDEX {name} ON {table} ({key})"
    )


class Migration(migrations.Migration):
    dependencies = [("outreach", "0022_sender")]

    operations = [_replaced(name, *where) for name, where in LOOKUPS.items()]
