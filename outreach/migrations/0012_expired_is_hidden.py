"""What is over is hidden from a request in every table that has a day of expiry: consents and imports too, before the purge comes."""

from django.db import migrations

from privacy.db.rowsecurity import ALIVE, ASSOCIATION, TEAMS, WEB, policy, sql

TABLES = {
    "outreach_consentevent": f" AND team_id = ANY (({TEAMS})::uuid[])",
    "outreach_importjob": "",
}


def hidden(table: str, team: str) -> list[migrations.RunSQL]:
    mine = f"association_id = {ASSOCIATION}{team}"
    again = f"CREATE POLICY web_all ON {table} FOR ALL TO {WEB} USING ({mine}) WITH CHECK ({mine})"
    return [sql(f"DROP POLICY web_all ON {table}", again), policy(table, WEB, f"{mine} AND {ALIVE}")]


class Migration(migrations.Migration):
    dependencies = [("outreach", "0011_drafts_leave_the_file"), ("retention", "0002_row_security")]

    operations = [one for table, team in TABLES.items() for one in hidden(table, team)]
