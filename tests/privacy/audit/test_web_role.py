"""What the web's database role may say in the log, over a raw connection: its own association, a person's name, today."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from privacy.audit import events
from privacy.audit.events import Event
from tests import databases, factories
from tests.privacy.audit.scenes import LANTERNE, PASSERELLE

pytestmark = pytest.mark.database

INSERT = (
    "INSERT INTO audit_pendingevent (id, day, event, association_id, actor, subject_kind, outcome)"
    " VALUES (gen_random_uuid(), %s, %s, %s, %s, '', 'done')"
)
SOMEBODY = "coordinator:0123456789ab"


@pytest.fixture
def web() -> Iterator[psycopg.Connection[Any]]:
    with databases.raw("web") as connection:
        yield connection


def scope(web: psycopg.Connection[Any], association: UUID | None = None, account: UUID | None = None) -> None:
    for name, value in (("association_id", association), ("account_id", account)):
        web.execute("SELECT set_config(%s, %s, false)", [f"app.{name}", str(value or "")])


def today() -> date:
    """The database's own day: the service may not know better."""
    with databases.raw("owner") as owner:
        row = owner.execute("SELECT app_today()").fetchone()
    assert row is not None
    found: date = row[0]
    return found


def said(web: psycopg.Connection[Any], event: str, association: UUID | None, actor: str) -> bool:
    """Whether the database took that line."""
    try:
        web.execute(INSERT, [factories.NIGHT, event, association, actor])
    except errors.InsufficientPrivilege:
        return False
    return True


@pytest.mark.parametrize(
    "actor", ["system", "operator", "stranger", "member", "round", "coordinator", "lead+admin"]
)
def test_a_request_never_speaks_in_the_name_of_the_system_or_of_nobody(
    web: psycopg.Connection[Any], actor: str
) -> None:
    scope(web, LANTERNE)
    assert said(web, "map_read", LANTERNE, SOMEBODY)
    assert said(web, "map_read", LANTERNE, "admin+lead:0123456789ab")
    assert not said(web, "map_read", LANTERNE, actor)
    assert not said(web, "map_read", LANTERNE, f"{actor}:no")
    if actor in ("system", "operator", "stranger", "round"):
        assert not said(web, "map_read", LANTERNE, f"{actor}:0123456789ab")


def test_a_round_closes_and_a_refusal_has_its_line_without_a_pseudonym(web: psycopg.Connection[Any]) -> None:
    scope(web, LANTERNE)
    assert said(web, "round_closed", LANTERNE, "round")
    assert said(web, "denied", LANTERNE, "member")


def test_what_only_the_worker_does_is_no_requests_to_say(web: psycopg.Connection[Any]) -> None:
    scope(web, LANTERNE)
    assert said(web, "member_changed", LANTERNE, SOMEBODY)
    for event in ("purge_run", "keys_lost", "origin_opened", "checkpoint_exported", "denied_anonymous"):
        assert not said(web, event, LANTERNE, SOMEBODY), event


def test_a_line_is_of_the_association_that_the_request_is_for(web: psycopg.Connection[Any]) -> None:
    scope(web, LANTERNE)
    assert said(web, "login", LANTERNE, SOMEBODY)
    assert not said(web, "login", PASSERELLE, SOMEBODY)
    assert not said(web, "login", None, SOMEBODY), (
        "a reading of Lanterne's may not be put where its auditor looks not"
    )
    scope(web)
    assert not said(web, "login", PASSERELLE, SOMEBODY)
    assert not said(web, "login", None, SOMEBODY), "without an account nobody did it"
    scope(web, account=uuid4())
    assert said(web, "login", None, "account:0123456789ab")
    assert not said(web, "map_read", None, "account:0123456789ab")
    assert not said(web, "login", LANTERNE, SOMEBODY)


@pytest.mark.parametrize("days", [-300, -2, 2, 355_000])
def test_the_day_of_a_line_is_the_databases(web: psycopg.Connection[Any], days: int) -> None:
    scope(web, LANTERNE)
    before = today()
    web.execute(INSERT, [before + timedelta(days=days), "map_read", LANTERNE, SOMEBODY])
    web.execute("SELECT audit_count_denied(%s, 'page')", [before + timedelta(days=days)])
    with databases.raw("owner") as owner:
        [(line,)] = owner.execute("SELECT day FROM audit_pendingevent").fetchall()
        [(counter,)] = owner.execute("SELECT day FROM audit_anonymouscounter").fetchall()
    assert before <= line <= today()
    assert before <= counter <= today()


@pytest.mark.parametrize(
    ("said_on", "clock", "written"),
    [
        (date(2026, 11, 27), time(12), date(2026, 11, 27)),
        (date(2026, 11, 26), time(0, 59), date(2026, 11, 26)),
        (date(2026, 11, 26), time(1), date(2026, 11, 27)),
        (date(2026, 11, 28), time(23), date(2026, 11, 28)),
        (date(2026, 11, 28), time(22, 59), date(2026, 11, 27)),
        (date(2026, 11, 25), time(0, 1), date(2026, 11, 27)),
        (date(2999, 1, 1), time(23, 59), date(2026, 11, 27)),
    ],
)
def test_two_clocks_may_disagree_about_midnight_by_an_hour(said_on: date, clock: time, written: date) -> None:
    with databases.raw("owner") as owner:
        row = owner.execute("SELECT audit_day(%s, %s, %s)", [said_on, date(2026, 11, 27), clock]).fetchone()
    assert row == (written,)


def test_the_worker_writes_past_days_and_the_systems_name() -> None:
    """The control of all the above: these lines are fine, the web only may not write them."""
    with databases.raw("worker") as worker:
        worker.execute(INSERT, [date(2026, 1, 1), "purge_run", None, "system"])
    with databases.raw("owner") as owner:
        assert owner.execute("SELECT day, actor FROM audit_pendingevent").fetchall() == [
            (date(2026, 1, 1), "system")
        ]


def test_the_database_knows_the_same_words_as_the_service() -> None:
    """A new event has to be called an act or a repetition here, and in a migration where it is an act."""
    assert set(Event) == events.ACTS | events.REPEATED
    assert not events.ACTS & events.REPEATED
    with databases.raw("owner") as owner:
        for event in Event:
            for kind in ("", "reset"):
                row = owner.execute("SELECT audit_ceiling(%s, %s)", [event.value, kind]).fetchone()
                assert row == (events.ceiling(event, kind),), event
        row = owner.execute(
            "SELECT with_check FROM pg_policies WHERE tablename = 'audit_pendingevent' AND policyname = 'web_insert'"
        ).fetchone()
    assert row is not None
    people = set(events.WHO) - {"operator", "round", "system", "stranger"}
    assert f"^({'|'.join(sorted(people))})([+]" in row[0]
