"""The auditor's page: roles and bands, by frozen quarter, of one association."""

from datetime import UTC, date, datetime, timedelta

import pytest

from privacy.audit import sealing, selectors, services
from privacy.audit.actors import Actor
from privacy.audit.events import READS, WHO, Event
from privacy.audit.selectors import Band, Quarter
from tests import databases
from tests.privacy.audit.scenes import LANTERNE, NOON, PASSERELLE, sealed

NOW = Quarter.of(NOON.date())
MIDDLE = NOW.previous.first + timedelta(days=40)
SETTLED = max(NOON.date(), NOW.first + selectors.SETTLING)
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
    remembered = list(selectors.quarters(date(2026, 11, 22)))
    assert remembered == [Quarter(2026, 4), Quarter(2026, 3), Quarter(2026, 2), Quarter(2026, 1)]


@pytest.mark.parametrize(
    ("count", "band"), [(1, "0–19"), (19, "0–19"), (20, "20–49"), (49, "20–49"), (50, "50+"), (5000, "50+")]
)
def test_bands(count: int, band: str) -> None:
    assert selectors.band(count).value == band


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
        sealing.publish_checkpoint(NOON)
    told = selectors.told(LANTERNE, NOW.previous, today=SETTLED)
    kinds = list(READS)
    opened = {(row.role, kinds[at]): band for row in told.reads for at, band in enumerate(row.bands) if band}
    assert opened == {
        ("auditor", Event.LEDGER_READ): Band.FEW,
        ("coordinator", Event.MAP_READ): Band.MANY,
        ("lead", Event.MAP_READ): Band.SOME,
    }
    assert {row.who for row in told.reads} == {str(WHO[row.role]) for row in told.reads}
    assert [(row.event, row.role, row.band) for row in told.acts] == [("login", "", Band.SOME)]
    assert not told.refused and not told.capped
    other = selectors.told(PASSERELLE, NOW.previous, today=SETTLED)
    assert [(row.event, row.band) for row in other.acts] == [("login", Band.FEW)] and not other.reads
    assert not selectors.told(LANTERNE, NOW, today=SETTLED)


@pytest.mark.database
def test_what_was_opened_for_two_reasons_is_counted_together_before_it_is_banded() -> None:
    """Ten and ten are twenty: two bands of few would say less, and which reason is nobody's question here."""
    with databases.as_worker():
        for number in range(20):
            services.record(
                Event.RECORD_REVEALED,
                association_id=LANTERNE,
                actor=Actor(f"lead:{number:012x}"),
                outcome="team-map" if number % 2 else "prepare-round-ceiling",
                now=NOON - (NOON.date() - MIDDLE),
            )
        services.record(
            Event.DENIED,
            association_id=LANTERNE,
            actor=Actor("coordinator:0123456789ab"),
            outcome="wrong-role",
            now=NOON - (NOON.date() - MIDDLE),
        )
        sealing.publish_checkpoint(NOON)
    told = selectors.told(LANTERNE, NOW.previous, today=SETTLED)
    [row] = told.reads
    assert row.bands[list(READS).index(Event.RECORD_REVEALED)] is Band.SOME
    assert told.capped
    assert [(row.event, row.outcome) for row in told.refused] == [("denied", "wrong-role")]


def test_the_lines_of_a_day_are_readable_at_the_next_noon() -> None:
    for hour in (0, 11, 12, 23):
        assert selectors.readable_from(datetime(2026, 3, 31, hour, 59, tzinfo=UTC)) == datetime(
            2026, 4, 1, 12, tzinfo=UTC
        )


@pytest.mark.database
def test_the_running_quarter_says_that_and_not_how_often() -> None:
    on = NOW.first if NOW.first < NOON.date() else NOON.date() - timedelta(days=1)
    _happen(Event.MAP_READ, "lead", 60, on)
    with databases.as_worker():
        sealing.publish_checkpoint(NOON)
    told = selectors.told(LANTERNE, Quarter.of(on), today=NOON.date())
    assert [band for row in told.reads for band in row.bands if band] == [Band.OPEN]
    assert str(Band.OPEN.label) == "trimestre en cours"


@pytest.mark.database
def test_a_quarter_that_is_being_forgotten_shows_nothing() -> None:
    _happen(Event.MAP_READ, "lead", 3, MIDDLE)
    with databases.as_worker():
        sealing.publish_checkpoint(NOON)
    assert selectors.told(LANTERNE, NOW.previous, today=NOON.date())
    assert not selectors.told(LANTERNE, NOW.previous, today=MIDDLE + timedelta(days=380))


@pytest.mark.database
def test_checkpoints_newest_first_through_the_auditors_connection() -> None:
    notes = sealed(2, 3, 4)
    shown = selectors.latest_checkpoints(2)
    assert [(one.size, one.note) for one in shown] == [(9, notes[2]), (5, notes[1])]
    assert all(len(one.root) == 64 and one.origin in one.note for one in shown)
