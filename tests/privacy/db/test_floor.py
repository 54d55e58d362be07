"""The database as a floor, over raw connections with the real roles: what each may see when a query forgets every filter."""

from uuid import UUID, uuid4

import psycopg
import pytest

from outreach.closing import services as closing
from outreach.records.models import Record
from outreach.records.tally import Counts
from privacy.audit import services as audit
from privacy.audit.events import Event
from privacy.db.scope import tenant_transaction, use_tenant
from tests import databases, factories
from tests.factories import NOW, Tenant

pytestmark = pytest.mark.database

# Tables without a tenant, and why nothing in them is anybody's: framework bookkeeping, the clock, sessions named by a random key.
WITHOUT_TENANT = {
    "django_content_type",
    "django_migrations",
    "django_session",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
    "spatial_ref_sys",
    "retention_highwater",
    "retention_purgerun",
    "audit_checkpoint",
    "audit_lastpromise",
    "audit_anonymouscounter",
}


def fill(lanterne: Tenant, *teams: str) -> None:
    """One closed and one open round with every kind of row a night makes."""
    with tenant_transaction(lanterne.scope(*teams)):
        for team in teams:
            closed = factories.open_round(lanterne, team)
            closing.close_round(
                closed.id,
                phone=uuid4(),
                counts=Counts(people_count=4, refused=1),
                now=NOW,
                drafts=[factories.sealed(closed, factories.yes(2, note="duvet"))],
                handover="clé au local",
            )


def tables() -> list[str]:
    with databases.raw("owner") as connection:
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
    return [row[0] for row in rows]


def visible(
    role: str, association_id: UUID | None, teams: list[UUID], account: UUID | None = None
) -> dict[str, int]:
    """Rows of each table that a bare SELECT shows to `role`; tables it may not read at all are left out."""
    counts: dict[str, int] = {}
    with databases.raw(role, autocommit=False) as connection:
        for table in tables():
            with connection.transaction(force_rollback=True):
                connection.execute(
                    "SELECT set_config('app.association_id', %s, true), set_config('app.team_ids', %s, true),"
                    " set_config('app.account_id', %s, true)",
                    [str(association_id or ""), "{" + ",".join(map(str, teams)) + "}", str(account or "")],
                )
                try:
                    with connection.transaction():
                        row = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
                except psycopg.errors.InsufficientPrivilege:
                    continue
            counts[table] = row[0] if row else 0
    return counts


def test_web_with_tenant_a_sees_no_row_of_b_in_any_table(lanterne: Tenant, passerelle: Tenant) -> None:
    fill(passerelle, "quay")
    # Presence first: as itself, B sees its own rows in every table that the night filled.
    own = visible("web", passerelle.association.id, [passerelle.teams["quay"].id])
    for table in (
        "record",
        "sealedpart",
        "consentevent",
        "tally",
        "handover",
        "round",
        "account",
        "sectorcell",
    ):
        assert own[f"outreach_{table}"] > 0, table
    assert own["maps_weeklysummary"] > 0
    # A has people and places but met nobody: whatever exceeds them would be B's.
    seen = visible("web", lanterne.association.id, [team.id for team in lanterne.teams.values()])
    expected = {
        "outreach_association": 1,
        "outreach_team": 2,
        "outreach_account": 7,
        "outreach_membership": 7,
        "outreach_teammembership": 3,
        "outreach_sector": 2,
        "outreach_sectorcell": len(factories.CELLS_EAST) + len(factories.CELLS_WEST),
    }
    foreign = {t: n for t, n in seen.items() if n and t not in WITHOUT_TENANT and n != expected.get(t)}
    assert foreign == {}


def test_web_without_a_tenant_sees_nothing(lanterne: Tenant) -> None:
    fill(lanterne, "north")
    seen = visible("web", None, [])
    assert {table: n for table, n in seen.items() if n and table not in WITHOUT_TENANT} == {}


def test_a_team_does_not_see_the_records_of_another(lanterne: Tenant) -> None:
    fill(lanterne, "north")
    north = visible("web", lanterne.association.id, [lanterne.teams["north"].id])
    south = visible("web", lanterne.association.id, [lanterne.teams["south"].id])
    for table in ("record", "sealedpart", "consentevent", "tally", "handover"):
        assert north[f"outreach_{table}"] > 0, table
        assert south[f"outreach_{table}"] == 0, table


def test_the_auditor_s_role_sees_no_record_at_all(lanterne: Tenant) -> None:
    fill(lanterne, "north")
    seen = visible(
        "audit", lanterne.association.id, [lanterne.teams["north"].id], lanterne.people["victor"].id
    )
    forbidden = ("outreach_", "maps_", "keystore_")
    # Finished quarters in bands are the auditor's to read (the table holds nothing finer, and of this quarter nothing), and what
    # administrators gave or ask for alone, in columns that name nobody (test_own_roles).
    told = ["outreach_consentcounter", "outreach_rolenotice"]
    assert [t for t in seen if t.startswith(forbidden)] == told
    assert not any(seen[table] for table in told)


def test_no_data_role_reaches_the_keystore(lanterne: Tenant) -> None:
    for role in ("web", "worker", "audit"):
        with pytest.raises(psycopg.OperationalError):
            databases.raw(role, "keystore")
    with databases.raw("keys", "keystore") as connection:
        assert connection.execute("SELECT count(*) FROM keystore_kekepoch").fetchone() is not None


def test_expired_rows_are_invisible_before_any_purge(lanterne: Tenant) -> None:
    fill(lanterne, "north")
    team = [lanterne.teams["north"].id]
    assert visible("web", lanterne.association.id, team)["outreach_record"] == 1
    with databases.raw("worker") as connection:
        connection.execute("INSERT INTO retention_highwater (id, day) VALUES (1, app_today() + 1000)")
    seen = visible("web", lanterne.association.id, team)
    for table in ("record", "sealedpart", "tally", "handover", "round"):
        assert seen[f"outreach_{table}"] == 0, table
    # A clock set back revives nothing: the mark refuses to fall.
    with databases.raw("worker") as connection, pytest.raises(psycopg.errors.IntegrityError):
        connection.execute("UPDATE retention_highwater SET day = %s", [factories.NIGHT])


def test_no_record_without_a_live_consent_event(lanterne: Tenant) -> None:
    fill(lanterne, "north")
    with databases.raw("owner") as connection:
        connection.execute("CREATE TEMP TABLE kept AS SELECT * FROM outreach_record")
        connection.execute("UPDATE kept SET id = gen_random_uuid()")
        # Even the owner of the tables is refused: the trigger binds everyone.
        with pytest.raises(psycopg.errors.IntegrityError):
            connection.execute("INSERT INTO outreach_record SELECT * FROM kept")


def test_a_record_needs_that_the_last_word_is_yes(lanterne: Tenant) -> None:
    """The trigger's own rule, said with events that no service would write: a withdrawal counts when it came later."""
    fill(lanterne, "north")
    event = (
        "INSERT INTO said SELECT * FROM outreach_consentevent LIMIT 1;"
        " UPDATE said SET id = gen_random_uuid(), subject = (SELECT id FROM kept), sequence = {1}, decision = '{0}';"
        " INSERT INTO outreach_consentevent SELECT * FROM said; DELETE FROM said"
    )
    cases = [
        ((("given", 1),), True),
        ((("withdrawn", 1), ("given", 2)), True),
        ((("given", 1), ("withdrawn", 2)), False),
        ((("given", 1), ("withdrawn", 2), ("given", 3), ("withdrawn", 4)), False),
    ]
    with databases.raw("owner") as connection:
        connection.execute("CREATE TEMP TABLE kept AS SELECT * FROM outreach_record")
        connection.execute("UPDATE kept SET id = gen_random_uuid()")
        connection.execute("CREATE TEMP TABLE said AS SELECT * FROM outreach_consentevent LIMIT 0")
        for said, taken in cases:
            with connection.transaction(force_rollback=True):
                for decision, sequence in said:
                    connection.execute(event.format(decision, sequence))
                try:
                    with connection.transaction():
                        connection.execute("INSERT INTO outreach_record SELECT * FROM kept")
                except psycopg.errors.IntegrityError:
                    assert not taken, said
                else:
                    assert taken, said


def test_a_record_cannot_name_a_round_of_another_association(lanterne: Tenant, passerelle: Tenant) -> None:
    fill(lanterne, "north")
    fill(passerelle, "quay")
    with databases.raw("owner") as connection:
        theirs = connection.execute(
            "SELECT id FROM outreach_round WHERE association_id = %s", [passerelle.association.id]
        ).fetchone()
        assert theirs is not None
        with pytest.raises(psycopg.errors.ForeignKeyViolation), connection.transaction():
            connection.execute(
                "UPDATE outreach_record SET round_id = %s WHERE association_id = %s",
                [theirs[0], lanterne.association.id],
            )


def test_consent_and_log_are_append_only(lanterne: Tenant) -> None:
    fill(lanterne, "north")
    scope = lanterne.scope("north").settings()
    with tenant_transaction(lanterne.scope("north")):
        audit.record(Event.LOGIN, association_id=lanterne.association.id, actor=factories.ACTOR, now=NOW)
    for statement in (
        "UPDATE outreach_consentevent SET decision = 'withdrawn'",
        "DELETE FROM outreach_consentevent",
        "DELETE FROM audit_pendingevent",
        "UPDATE audit_logentry SET body = NULL",
        "DELETE FROM audit_logentry",
        "TRUNCATE audit_logentry",
    ):
        with databases.raw("web", autocommit=False) as connection:
            connection.execute(
                "SELECT set_config('app.association_id', %s, true), set_config('app.team_ids', %s, true)",
                scope[:2],
            )
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_a_scope_inside_a_transaction_holds_at_once_and_leaves_nothing_behind(
    lanterne: Tenant, passerelle: Tenant
) -> None:
    fill(lanterne, "north")
    with tenant_transaction(passerelle.scope("quay")):
        assert Record.objects.count() == 0
        with use_tenant(lanterne.scope("north")):
            assert Record.objects.count() == 1
        assert Record.objects.count() == 0
    assert Record.objects.count() == 0
