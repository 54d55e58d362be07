"""Who may do what with the log, over raw connections: presence first, then refusal."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests import databases
from tests.privacy.audit.scenes import LANTERNE, NOON, PASSERELLE, happen, sealed

pytestmark = pytest.mark.database

PENDING = (
    "INSERT INTO audit_pendingevent (id, day, event, association_id, actor, subject_kind, outcome)"
    " VALUES (gen_random_uuid(), app_today(), %s, %s, %s, '', 'done')"
)
ENTRY = (
    "INSERT INTO audit_logentry (index, entry_id, day, expires_on, commitment, leaf_hash)"
    " SELECT 1000 + index, gen_random_uuid(), day, expires_on, commitment, leaf_hash FROM audit_logentry LIMIT 1"
)
SOMEBODY = "coordinator:0123456789ab"
TABLES = ("audit_pendingevent", "audit_logentry", "audit_checkpoint", "audit_anonymouscounter", "audit_leaf")


@pytest.fixture
def log() -> Iterator[None]:
    sealed(6)
    happen(2, NOON)
    with databases.raw("owner") as owner:
        for table, count in zip(TABLES, (2, 6, 1, 0, 6), strict=True):
            assert owner.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,)
    yield


def refused(connection: psycopg.Connection[Any], statement: str, values: list[Any] | None = None) -> bool:
    try:
        connection.execute(statement, values)
    except errors.InsufficientPrivilege:
        return True
    return False


def readable(connection: psycopg.Connection[Any]) -> set[str]:
    return {table for table in TABLES if not refused(connection, f"SELECT 1 FROM {table}")}


def scope(connection: psycopg.Connection[Any], association: object) -> None:
    connection.execute("SELECT set_config('app.association_id', %s, false)", [str(association)])


def test_the_web_role_adds_and_reads_nothing_but_checkpoints(log: None) -> None:
    with databases.raw("web") as web:
        assert readable(web) == {"audit_checkpoint"}
        scope(web, LANTERNE)
        assert not refused(web, PENDING, ["map_read", LANTERNE, SOMEBODY])
        assert refused(web, "DELETE FROM audit_pendingevent")
        assert refused(web, "UPDATE audit_pendingevent SET actor = 'x'")
        assert refused(web, "INSERT INTO audit_checkpoint (id) VALUES (gen_random_uuid())")
        assert refused(web, "INSERT INTO audit_logentry (index) VALUES (7)")


def test_a_request_cannot_write_into_another_associations_log(log: None) -> None:
    with databases.raw("web") as web:
        scope(web, LANTERNE)
        assert refused(web, PENDING, ["map_read", PASSERELLE, SOMEBODY])
        assert not refused(web, PENDING, ["map_read", LANTERNE, SOMEBODY])
        scope(web, "")
        assert refused(web, PENDING, ["login", PASSERELLE, SOMEBODY])


@pytest.mark.parametrize(
    ("event", "actor"),
    [
        ("map_read", "jeanne@example.org"),
        ("map_read", "Jeanne Dupont"),
        ("48.85, 2.35", "lead"),
        ("", "lead"),
    ],
)
def test_words_that_could_hold_a_person_or_a_place_do_not_fit(log: None, event: str, actor: str) -> None:
    """For every role: what the web may say is narrower still (test_web_role.py)."""
    with databases.raw("worker") as worker, pytest.raises(errors.CheckViolation):
        worker.execute(PENDING, [event, None, actor])


def test_the_auditor_sees_the_entries_of_one_association_and_all_hashes(log: None) -> None:
    with databases.raw("audit") as audit:
        assert readable(audit) == {"audit_logentry", "audit_checkpoint", "audit_leaf"}
        assert audit.execute("SELECT count(*) FROM audit_logentry").fetchone() == (0,)
        for association in (LANTERNE, PASSERELLE):
            scope(audit, association)
            seen = audit.execute("SELECT DISTINCT association_id FROM audit_logentry").fetchall()
            assert seen == [(association,)]
        assert audit.execute("SELECT count(*) FROM audit_leaf").fetchone() == (6,)
        assert "body" not in [
            column.name for column in audit.execute("SELECT * FROM audit_leaf").description or []
        ]
        for statement in ("DELETE FROM audit_logentry", "UPDATE audit_logentry SET body = NULL", ENTRY):
            assert refused(audit, statement)


def test_the_role_of_the_keystore_sees_nothing(log: None) -> None:
    try:
        connection = databases.raw("keys")
    except psycopg.OperationalError:
        return  # it may not even connect here
    with connection:
        assert readable(connection) == set()
        assert refused(connection, PENDING, ["map_read", None, "lead"])


def test_the_worker_seals_and_forgets_and_changes_nothing_else(log: None) -> None:
    with databases.raw("worker") as worker:
        assert readable(worker) == set(TABLES)
        assert not refused(worker, ENTRY)
        for statement in (
            "DELETE FROM audit_logentry",
            "TRUNCATE audit_logentry",
            "UPDATE audit_logentry SET leaf_hash = commitment",
            "UPDATE audit_logentry SET expires_on = app_today()",
            "DELETE FROM audit_checkpoint",
            "UPDATE audit_checkpoint SET note = ''",
            "TRUNCATE audit_checkpoint",
            "ALTER TABLE audit_logentry DISABLE TRIGGER USER",
        ):
            assert refused(worker, statement), statement
        for statement in (
            "UPDATE audit_logentry SET body = NULL, association_id = NULL WHERE index = 0",
            "UPDATE audit_logentry SET body = '{}' WHERE index = 0",
        ):
            with pytest.raises(errors.IntegrityConstraintViolation):
                worker.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_logentry",
        "TRUNCATE audit_logentry",
        "UPDATE audit_logentry SET body = NULL, association_id = NULL",
        "UPDATE audit_logentry SET leaf_hash = commitment",
        "DELETE FROM audit_checkpoint",
        "UPDATE audit_checkpoint SET note = ''",
        "TRUNCATE audit_checkpoint",
    ],
)
def test_even_the_owner_must_first_disable_a_trigger(log: None, statement: str) -> None:
    with databases.raw("owner") as owner, pytest.raises(errors.IntegrityConstraintViolation):
        owner.execute(statement)


def test_only_what_is_over_can_be_emptied_and_only_emptied(log: None) -> None:
    with databases.raw("owner") as owner:
        owner.execute("ALTER TABLE audit_logentry DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE audit_logentry SET day = day - 400, expires_on = %s", [NOON.date() - timedelta(days=1)]
        )
        owner.execute("ALTER TABLE audit_logentry ENABLE TRIGGER USER")
    with databases.raw("worker") as worker:
        for statement in (
            "UPDATE audit_logentry SET body = '{}'",
            "UPDATE audit_logentry SET association_id = NULL",
        ):
            with pytest.raises(errors.IntegrityConstraintViolation):
                worker.execute(statement)
        done = worker.execute("UPDATE audit_logentry SET body = NULL, association_id = NULL WHERE index < 2")
        assert done.rowcount == 2
    with databases.raw("audit") as audit:
        scope(audit, LANTERNE)
        assert audit.execute("SELECT count(*) FROM audit_logentry").fetchone() == (
            0,
        )  # expired, though not yet emptied


def test_every_audit_table_has_row_security() -> None:
    with databases.raw("owner") as owner:
        rows = owner.execute(
            "SELECT relname, relrowsecurity FROM pg_class WHERE relkind = 'r' AND relname LIKE 'audit_%'"
        ).fetchall()
    assert len(rows) == 5
    assert all(secured for _, secured in rows)
