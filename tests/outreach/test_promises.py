"""Whatever the order of acts, sums equal what lives and nothing outlives the shortest promise made for a record in it."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy import sealed_sums
from privacy.retention import services as retention
from tests import databases, factories
from tests.outreach.promises import PLACES, Life

pytestmark = [pytest.mark.database, pytest.mark.slow]

Act = tuple[Any, ...]
STORE = st.tuples(
    st.just("store"),
    st.sampled_from(["north", "south"]),
    st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True),
    st.integers(0, len(PLACES) - 1),
    st.booleans(),
)
SHORTEN = st.tuples(st.just("shorten"), st.sampled_from([11, 14, 30, 60]), st.sampled_from([5, 14]))
TAKE_BACK = st.tuples(st.just("take back"), st.integers(0, 9))
WAIT = st.tuples(st.just("wait"), st.sampled_from([1, 2, 5, 12, 40]), st.booleans())
ACTS = st.lists(st.one_of(STORE, STORE, SHORTEN, TAKE_BACK, WAIT, st.just(("turn",))), min_size=4, max_size=9)


def play(acts: list[Act]) -> None:
    """Live the acts in a service of their own, everything checked after each."""
    databases.empty()
    with databases.as_owner():
        life = Life(factories.make_lanterne())
    with databases.as_worker():
        retention.raise_high_water(life.day)
    doing: dict[str, Callable[..., None]] = {
        "store": life.store,
        "turn": life.turn,
        "shorten": lambda record, note: life.shorten(
            record_days=record,
            note_days=note,
            tally_days=max(record, 11),
            handover_days=note,
            accumulator_days=60,
        ),
        "take back": life.take_back,
        "wait": lambda days, purged: life.wait(days, purged=purged),
    }
    for name, *more in acts:
        doing[name](*more)
        life.check()


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS)
def test_any_order_of_acts_keeps_every_promise_and_every_sum(acts: list[Act]) -> None:
    play(acts)


EAST, WEST = 0, 2
MONDAY_ROUND: Act = ("store", "north", [2, 5], EAST, False)
STORIES: dict[str, list[Act]] = {
    "shortened in mid-week": [
        MONDAY_ROUND, ("wait", 2, False), ("shorten", 14, 5), ("store", "south", [3], EAST, False), ("wait", 12, True),
    ],
    "sectors imported again, then withdrawn": [MONDAY_ROUND, ("turn",), ("take back", 1), ("take back", 0)],
    "met again, withdrawn": [("store", "north", [2, 5], WEST, True), ("take back", 0), ("take back", 0)],
    "shortened twice, then time": [
        MONDAY_ROUND, ("shorten", 60, 14), ("wait", 5, True), ("store", "north", [4], WEST, False), ("take back", 0),
        ("shorten", 11, 5), ("wait", 1, True), ("wait", 5, True), ("store", "north", [1], EAST, False),
    ],
    "past its day before the purge": [MONDAY_ROUND, ("wait", 40, False), ("shorten", 14, 5), ("wait", 1, True)],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_a_story(lanterne: factories.Tenant, story: str) -> None:
    play(STORIES[story])


def _born_day(row: Any, _day: Any, _today: Any) -> Any:
    """A sum keeps the day it was born with."""
    return row.expires_on


def _todays_tables(encounter: Any, _counted: Any) -> Any:
    return encounter.to_json()


def nothing_is_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule is saved, and what is stored keeps its days."""
    monkeypatch.setattr("outreach.associations.services.shorteners", lambda: ())


def sums_keep_their_day(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_is_moved(monkeypatch)
    monkeypatch.setattr(sealed_sums, "_latest", _born_day)
    monkeypatch.setattr(Life, "shorten", _rule_for_what_comes)


def _rule_for_what_comes(self: Life, **days: int) -> None:
    with databases.as_owner():
        self.lanterne.association.policy_choice = days
        self.lanterne.association.save()
        self.lanterne.association.refresh_from_db()
    self.policy = self.lanterne.association.policy


def withdrawals_ask_todays_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outreach.records.sealing._body", _todays_tables)


def rows_move_without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outreach.shortening.keys.shorten", lambda *_more: 0)


def the_book_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outreach.shortening.ledger.moved", lambda *_more: None)


@pytest.mark.parametrize(
    ("story", "before", "found"),
    [
        ("shortened in mid-week", nothing_is_moved, "a record"),
        ("shortened in mid-week", sums_keep_their_day, "a sum and its key"),
        ("sectors imported again, then withdrawn", withdrawals_ask_todays_tables, "a month"),
        ("shortened in mid-week", rows_move_without_keys, "a key"),
        ("shortened in mid-week", the_book_stays, "the book"),
    ],
)
def test_the_same_stories_find_the_faults_of_before(
    lanterne: factories.Tenant,
    monkeypatch: pytest.MonkeyPatch,
    story: str,
    before: Callable[[Any], None],
    found: str,
) -> None:
    """The control: a check that cannot fail shows nothing."""
    before(monkeypatch)
    with pytest.raises(AssertionError, match=found):
        play(STORIES[story])
