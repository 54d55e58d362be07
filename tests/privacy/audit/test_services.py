"""Recording: in the caller's transaction, in checked words, by day; actors without names."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest

from privacy.audit import actors, events, services
from privacy.audit.actors import Actor
from privacy.audit.events import Event
from privacy.audit.models import PendingEvent
from privacy.db.scope import Scope, tenant_transaction
from tests import databases
from tests.privacy.audit.scenes import LANTERNE, NOON

BOTH = Actor("admin+auditor:0123456789ab")
LATE_SUBMISSION_WINDOW = datetime(2026, 11, 22, 0, 30, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.database
def test_an_event_is_a_day_and_a_few_words() -> None:
    with databases.as_worker():
        services.record(
            Event.RECORD_REVEALED,
            association_id=LANTERNE,
            actor=Actor("lead:0123456789ab"),
            subject_kind="record",
            count=3,
            now=LATE_SUBMISSION_WINDOW,
        )
        [row] = PendingEvent.objects.values(
            "day", "event", "association_id", "actor", "subject_kind", "count", "outcome"
        )
    assert row == {
        "day": LATE_SUBMISSION_WINDOW.astimezone(UTC).date(),
        "event": "record_revealed",
        "association_id": LANTERNE,
        "actor": "lead:0123456789ab",
        "subject_kind": "record",
        "count": 3,
        "outcome": "done",
    }


@pytest.mark.database
def test_what_did_not_happen_is_not_logged() -> None:
    with pytest.raises(ZeroDivisionError), tenant_transaction(Scope(LANTERNE)):
        services.record(Event.MAP_READ, association_id=LANTERNE, actor=Actor("lead:0123456789ab"), now=NOON)
        raise ZeroDivisionError
    with tenant_transaction(Scope(LANTERNE)):
        services.record(Event.MAP_READ, association_id=LANTERNE, actor=BOTH, outcome="wrong-role", now=NOON)
    with databases.as_worker():
        assert list(PendingEvent.objects.values_list("actor", flat=True)) == [BOTH]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("actor", "jeanne@example.org"),
        ("actor", "Jeanne Dupont"),
        ("actor", ""),
        ("actor", "x" * 81),
        ("subject_kind", "Porte de la Chapelle"),
        ("subject_kind", "48.89,2.36"),
        ("outcome", "à revoir"),
        ("outcome", ""),
        ("count", -1),
        ("count", 2**31),
    ],
)
def test_a_refusal_names_the_argument_and_never_its_value(name: str, value: Any) -> None:
    arguments: dict[str, Any] = {"actor": "lead", "subject_kind": "record", "outcome": "done", "count": 1} | {
        name: value
    }
    with pytest.raises(ValueError) as caught:
        services.record(Event.MAP_READ, association_id=LANTERNE, now=NOON, **arguments)
    assert str(caught.value) == name


def test_the_vocabulary_is_closed_and_every_word_has_its_sentence() -> None:
    assert set(events.SENTENCES) == set(Event)
    assert len({str(event.sentence) for event in Event}) == len(Event)
    for event in Event:
        assert str(event.sentence).endswith(".")
    with pytest.raises(ValueError):
        services.record("anything", association_id=None, actor=Actor("lead:0123456789ab"), now=NOON)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("actor", "role"),
    [
        ("lead", "lead"),
        ("lead:0a1b", "lead"),
        ("admin+auditor:77", "admin+auditor"),
        ("system", "system"),
        ("1a000000-0000-4000-8000-000000000001", ""),
        ("admin+chief", ""),
    ],
)
def test_the_role_in_an_actor(actor: str, role: str) -> None:
    assert events.role_of(actor) == role
    assert events.who(role)


@pytest.mark.database
def test_a_pseudonym_lasts_a_day_and_names_nobody() -> None:
    account, other = uuid4(), uuid4()
    today = actors.named("lead", account, NOON)
    assert today == actors.named("lead", account, NOON + timedelta(hours=5))
    assert today.startswith("lead:") and len(today) == len("lead:") + 12
    assert account.hex[:6] not in today
    assert (
        len(
            {
                today,
                actors.named("lead", other, NOON),
                actors.named("lead", account, NOON + timedelta(days=1)),
            }
        )
        == 3
    )
    with tenant_transaction(Scope(LANTERNE)):
        services.record(Event.MAP_READ, association_id=LANTERNE, actor=today, now=NOON)
