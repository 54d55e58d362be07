"""Which rows and rights each database role has: every table of the schema, against tables that a person wrote from the design.

Rows of every kind (one's own, another team's, another association's, over) lie in each table; each role looks without a filter.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests import databases
from tests.factories import NIGHT
from tests.privacy.db.bare_copy import Row, bare_copy, columns, connect, every, insert

pytestmark = pytest.mark.database

A, B, NORTH, SOUTH, ME, OTHER = (UUID(int=number) for number in range(1, 7))
LIVING, OVER = NIGHT + timedelta(days=9), NIGHT - timedelta(days=9)
MINE = {"association_id": A, "team_id": NORTH, "expires_on": LIVING, "frozen": True, "user_id": ME}
CHOICES: dict[str, tuple[Any, ...]] = {
    "association_id": (A, B),
    "team_id": (NORTH, SOUTH),
    "expires_on": (LIVING, OVER),
    "frozen": (True, False),
    "user_id": (ME, OTHER),
}
NAMED_BY_ID = {"outreach_association": (A, B), "outreach_account": (ME, OTHER)}

TENANT = frozenset({"association_id"})
LIVE = TENANT | {"expires_on"}
TEAM = LIVE | {"team_id"}
FINISHED = TENANT | {"frozen"}
OWN = frozenset({"user_id"})
BY_ID = frozenset({"id"})
ALL_OF_IT = frozenset[str]()

# What must be the reader's own before a role sees a row; a table without a line shows it none.
WEB: dict[str, frozenset[str]] = {
    "account_emailaddress": OWN,
    "mfa_authenticator": OWN,
    "usersessions_usersession": OWN,
    "outreach_account": BY_ID,
    "outreach_association": BY_ID,
    "outreach_membership": TENANT,
    "outreach_team": TENANT,
    "outreach_teammembership": TENANT,
    "outreach_invitation": TENANT,
    "outreach_rolenotice": LIVE,
    "outreach_sector": TENANT,
    "outreach_sectorcell": TENANT,
    "outreach_importjob": LIVE,
    "outreach_importline": TENANT,
    "outreach_round": LIVE,
    "outreach_roundsector": TENANT,
    "outreach_record": TEAM,
    "outreach_sealedpart": TEAM,
    "outreach_consentevent": TEAM,
    "outreach_draft": TEAM,
    "outreach_quarantine": TEAM,
    "outreach_tombstone": TEAM,
    "outreach_tally": TEAM,
    "outreach_handover": TEAM,
    "outreach_runningmonth": LIVE,
    "outreach_runningquarter": LIVE,
    "outreach_tallymonth": FINISHED,
    "outreach_consentcounter": FINISHED,
    "maps_weeklysummary": LIVE,
    "maps_monthlyaccumulator": LIVE,
    "retention_ledgerentry": TENANT,
    "retention_purgerun": ALL_OF_IT,
    "audit_checkpoint": ALL_OF_IT,
    "audit_lastpromise": ALL_OF_IT,
}
AUDIT: dict[str, frozenset[str]] = {
    "outreach_consentcounter": FINISHED,
    "outreach_rolenotice": LIVE,
    "retention_purgerun": ALL_OF_IT,
    "audit_logentry": LIVE,
    "audit_checkpoint": ALL_OF_IT,
    "audit_lastpromise": ALL_OF_IT,
}
SEEN = {"web": WEB, "audit": AUDIT}

# select, insert, update, delete of whole rows; small letters: of some columns. Session rows are found by a random key.
RIGHTS = """
account_emailaddress web:SIUD worker:SIUD
account_emailconfirmation web:SD worker:SD
audit_anonymouscounter worker:SD
audit_checkpoint audit:S web:S worker:SI
audit_lastpromise audit:S web:S worker:SIU
audit_logentry audit:S worker:SIu
audit_pendingevent web:I worker:SID
django_session web:SIUD worker:SIUD
maps_monthlyaccumulator web:SIU worker:SIUD
maps_weeklysummary web:SIU worker:SIUD
mfa_authenticator web:SIUD worker:SIUD
outreach_account web:SIU worker:SIUD
outreach_association web:SU worker:SIUD
outreach_consentcounter audit:S web:S worker:SID
outreach_consentevent web:SI worker:SIDu
outreach_draft web:SID worker:SIUD
outreach_handover web:SID worker:SIUD
outreach_importedrow worker:SIUD
outreach_importjob web:SIU worker:SIUD
outreach_importline web:SI worker:SIUD
outreach_invitation web:SIDu worker:SIUD
outreach_membership web:SIU worker:SIUD
outreach_quarantine web:SI worker:SIUD
outreach_record web:SID worker:SIUD
outreach_rolenotice audit:s web:SID worker:SIUD
outreach_round web:SIU worker:SIUD
outreach_roundsector web:SIUD worker:SIUD
outreach_runningmonth web:SIU worker:SIUD
outreach_runningquarter web:SIU worker:SIUD
outreach_sealedpart web:SID worker:SIUD
outreach_sector web:SIUD worker:SIUD
outreach_sectorcell web:SIUD worker:SIUD
outreach_tally web:SIu worker:SIUD
outreach_tallymonth web:S worker:SID
outreach_team web:SIU worker:SIUD
outreach_teammembership web:SIUD worker:SIUD
outreach_tombstone web:SI worker:SIUD
retention_highwater worker:SIU
retention_ledgerentry web:SIu worker:SIUD
retention_purgerun audit:s web:S worker:SIU
usersessions_usersession web:SIUD worker:SIUD
"""


def test_each_role_may_do_this_with_each_table_and_no_more(db_clean: None) -> None:
    with databases.raw("owner") as owner:
        rows = owner.execute(
            "SELECT c.relname, r, (SELECT coalesce(string_agg(left(p, 1), '' ORDER BY n), '') FROM"
            "   unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY AS t(p, n)"
            "   WHERE has_table_privilege('maraudes_' || r, c.oid, p))"
            " || (SELECT coalesce(string_agg(lower(left(p, 1)), '' ORDER BY n), '') FROM"
            "   unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) WITH ORDINALITY AS t(p, n)"
            "   WHERE has_any_column_privilege('maraudes_' || r, c.oid, p)"
            "   AND NOT has_table_privilege('maraudes_' || r, c.oid, p))"
            " FROM pg_class c, unnest(ARRAY['audit', 'keys', 'web', 'worker']) r"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relowner = current_user::regrole"
        ).fetchall()
        unbound = owner.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND relname ~ '^(outreach|maps|audit|retention|account|mfa|usersessions)_'"
            " AND NOT (relrowsecurity AND relforcerowsecurity)"
        ).fetchall()
    found: dict[str, str] = {}
    for table, role, rights in sorted(rows):
        if rights:
            found[table] = f"{found.get(table, table)} {role}:{rights}"
    assert sorted(found.values()) == RIGHTS.strip().split("\n")
    assert unbound == []


@pytest.fixture(scope="module")
def copy(_databases: None) -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
    """The copy with rows of every kind in each table, and the columns of its tables."""
    with bare_copy() as name, connect("owner", name) as owner:
        kinds = columns(owner)
        with owner.transaction():
            for table, of in kinds.items():
                for row in filter(None, lying_in(table, of)):
                    insert(owner, table, of, row)
        yield name, kinds


def lying_in(table: str, kinds: dict[str, str]) -> list[Row]:
    choices = CHOICES | ({"id": NAMED_BY_ID[table]} if table in NAMED_BY_ID else {})
    return every(choices, sorted(choices.keys() & kinds.keys()))


def session(role: str, name: str) -> psycopg.Connection[Any]:
    """As Nadia would be: her association, her team, her account."""
    found = connect(role, name)
    found.execute(
        "SELECT set_config('app.association_id', %s, false), set_config('app.team_ids', %s, false),"
        " set_config('app.account_id', %s, false)",
        [str(A), f"{{{NORTH}}}", str(ME)],
    )
    return found


def own(table: str) -> dict[str, Any]:
    return MINE | ({"id": NAMED_BY_ID[table][0]} if table in NAMED_BY_ID else {})


@pytest.mark.parametrize("role", sorted(SEEN))
def test_a_role_sees_the_rows_that_are_its_own_and_no_other(
    copy: tuple[str, dict[str, dict[str, str]]], role: str
) -> None:
    name, kinds = copy
    wrong = []
    with session(role, name) as reader:
        for table, of in kinds.items():
            rows = lying_in(table, of)
            if not rows or not rows[0]:
                continue
            binding = SEEN[role].get(table)
            expected = (
                [] if binding is None else [r for r in rows if all(r[c] == own(table)[c] for c in binding)]
            )
            assert binding is None or expected, table
            names = ", ".join(f'"{column}"' for column in rows[0])
            try:
                seen = reader.execute(f"SELECT {names} FROM {table}").fetchall()
            except psycopg.errors.InsufficientPrivilege:
                seen = []
            if sorted(map(repr, seen)) != sorted(repr(tuple(row.values())) for row in expected):
                wrong.append(f"{table}: {len(seen)} of {len(rows)} rows, {len(expected)} are its own")
    assert wrong == []


def test_a_request_writes_no_row_that_it_may_not_see(copy: tuple[str, dict[str, dict[str, str]]]) -> None:
    """Another's association or team, or a day that is over; and the control: a row of one's own is taken."""
    name, kinds = copy
    wrong, taken = [], set()
    with session("web", name) as writer:
        for table, binding in WEB.items():
            if not binding & TENANT:
                continue
            for row in lying_in(table, kinds[table]):
                fits = all(row[column] == MINE[column] for column in binding)
                try:
                    with writer.transaction(force_rollback=True):
                        insert(writer, table, kinds[table], row)
                except psycopg.errors.InsufficientPrivilege:
                    continue
                taken.add(table)
                if not fits:
                    wrong.append(f"{table}: {row}")
            for column in sorted(binding & {"association_id", "team_id"}):
                other = CHOICES[column][1]
                try:
                    with writer.transaction(force_rollback=True):
                        moved = writer.execute(f"UPDATE {table} SET {column} = %s", [other]).rowcount
                except psycopg.errors.InsufficientPrivilege:
                    continue
                if moved:
                    wrong.append(f"{table}: {moved} rows moved to another {column}")
    assert wrong == []
    assert {table for table, binding in WEB.items() if binding == TEAM} <= taken
