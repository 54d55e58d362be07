"""The auditor's page: roles and bands, by frozen quarter, of one association."""

from datetime import date, timedelta

import pytest

from privacy.audit import reading, sealing, services
from privacy.audit.actors import Actor
from privacy.audit.events import Event
from privacy.audit.reading import Band, Quarter
from tests import databases
from tests.privacy.audit.scenes import LANTERNE, NOON, PASSERELLE, sealed

NOW = Quarter.of(NOON.date())
MIDDLE = NOW.previous.first + timedelta(days=40)
SETTLED = max(NOON.date(), NOW.first + reading.SETTLING)
"""Today, or the first day on which the quarter before is frozen, when that is still to come."""


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2026, 1, 1), Quarter(2026, 1)),
        (date(2026, 3, 31), Quarter(2026, 1)),
        (date(2026, 4, 1), Quarter(2026, 2)),
        (date(2026, 12, 31), Quarter(2026, 4)),
    ],
)
def test_quarters_of_days(day: date, quarter: Quarter) -> None:
    assert Quarter.of(day) == quarter
    assert quarter.first <= day < quarter.following.first
    assert quarter.following.previous == quarter
    assert str(quarter) == f"{day.year}-T{quarter.number}"


def test_a_quarter_freezes_after_its_last_seal_and_is_forgotten_as_a_whole() -> None:
    quarter = Quarter(2026, 3)
    assert not quarter.frozen(date(2026, 10, 2))
    assert quarter.frozen(date(2026, 10, 3))
    assert quarter.remembered(date(2027, 6, 20))
    assert not quarter.remembered(date(2027, 7, 1))
    remembered = list(reading.quarters(date(2026, 11, 22)))
    assert remembered == [Quarter(2026, 4), Quarter(2026, 3), Quarter(2026, 2), Quarter(2026, 1)]


@pytest.mark.parametrize(
    ("count", "band"), [(1, "0–19"), (19, "0–19"), (20, "20–49"), (49, "20–49"), (50, "50+"), (5000, "50+")]
)
def test_bands(count: int, band: str) -> None:
    assert reading.band(count).value == band


def _happen(event: Event, actor: str, times: int, on: date) -> None:
    now = NOON - (NOON.date() - on)
    with databases.as_worker():
        for number in range(times):
            one = Actor(f"{actor}:{number:012x}")
            services.record(event, association_id=LANTERNE, actor=one, subject_kind="map", now=now)


@pytest.mark.database
def test_who_did_what_how_often_in_a_finished_quarter() -> None:
    _happen(Event.MAP_READ, "coordinator", 50, MIDDLE)
    _happen(Event.MAP_READ, "lead", 49, MIDDLE)
    _happen(Event.LEDGER_READ, "auditor", 19, MIDDLE)
    _happen(Event.LOGIN, "someone", 20, MIDDLE)
    with databases.as_worker():
        services.record(
            Event.LOGIN,
            association_id=PASSERELLE,
            actor=Actor("lead:0123456789ab"),
            now=NOON - (NOON.date() - MIDDLE),
        )
        sealing.seal_day(NOON)
    rows = reading.events_by_role(LANTERNE, NOW.previous, today=SETTLED)
    assert [(row.event, row.role, row.band) for row in rows] == [
        ("ledger_read", "auditor", Band.FEW),
        ("login", "", Band.SOME),
        ("map_read", "coordinator", Band.MANY),
        ("map_read", "lead", Band.SOME),
    ]
    assert rows[2].sentence == "Une carte a été consultée."
    assert rows[2].who == "Coordination"
    [other] = reading.events_by_role(PASSERELLE, NOW.previous, today=SETTLED)
    assert (other.event, other.band) == ("login", Band.FEW)
    assert reading.events_by_role(LANTERNE, NOW, today=SETTLED) == []


@pytest.mark.database
def test_the_running_quarter_says_that_and_not_how_often() -> None:
    on = NOW.first if NOW.first < NOON.date() else NOON.date() - timedelta(days=1)
    _happen(Event.MAP_READ, "lead", 60, on)
    with databases.as_worker():
        sealing.seal_day(NOON)
    rows = reading.events_by_role(LANTERNE, Quarter.of(on), today=NOON.date())
    assert [(row.event, row.band) for row in rows] == [("map_read", Band.OPEN)]
    assert str(rows[0].band.label) == "trimestre en cours"


@pytest.mark.database
def test_a_quarter_that_is_being_forgotten_shows_nothing() -> None:
    _happen(Event.MAP_READ, "lead", 3, MIDDLE)
    with databases.as_worker():
        sealing.seal_day(NOON)
    assert reading.events_by_role(LANTERNE, NOW.previous, today=NOON.date())
    assert reading.events_by_role(LANTERNE, NOW.previous, today=MIDDLE + timedelta(days=380)) == []


@pytest.mark.database
def test_checkpoints_newest_first_through_the_auditors_connection() -> None:
    notes = sealed(2, 3, 4)
    shown = reading.latest_checkpoints(2)
    assert [(one.size, one.note) for one in shown] == [(9, notes[2]), (5, notes[1])]
    assert all(len(one.root) == 64 and one.origin in one.note for one in shown)
