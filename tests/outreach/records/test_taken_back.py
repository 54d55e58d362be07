"""A withdrawal takes its share out of the sums where it was put in, whatever became of sectors, plans and rules since."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.gis.geos import MultiPolygon

from maps import rebuild
from maps.models import MonthlyAccumulator, WeeklySummary
from outreach.closing import services as closing
from outreach.closing.withdrawal import withdraw
from outreach.places import territory
from outreach.places.models import SectorCell
from outreach.places.outlines import Outline
from outreach.records import reading, sealing
from outreach.records.counted import KEY, Counted
from outreach.records.models import Record
from outreach.records.tally import Counts
from outreach.rounds.models import RoundSector
from privacy import sealed_sums
from privacy.core import envelope
from privacy.core.values import Cell
from privacy.db.scope import working
from privacy.retention import services as retention
from tests import cast, databases
from tests.cast import CELLS_WEST, House

pytestmark = pytest.mark.database

NIGHT = date(2040, 1, 4)
NOW = datetime.combine(NIGHT, time(21), UTC)


def outline(code: str, name: str, shape: MultiPolygon) -> Outline:
    return Outline(1, code, name, shape, shape)


def swap(home: House) -> None:
    """The territory imported again, each sector on the other's ground."""
    now = list(SectorCell.objects.filter(association=home.association).select_related("sector"))
    other = {"E": "O", "O": "E"}
    outlines = {one.code: outline(one.code, one.name, one.outline) for one in home.sectors.values()}
    cells = {Cell.parse(one.cell): other[one.sector.code] for one in now}
    territory.replace(home.association.id, outlines, cells, actor=cast.ACTOR, now=NOW)


def imported_again(home: House) -> None:
    with databases.as_worker():
        swap(home)


def sector_gone(home: House) -> None:
    with databases.as_worker():
        outlines = {"X": outline("X", "Partout", home.sectors["east"].outline)}
        cells = {Cell.parse(one): "X" for one in (*cast.CELLS_EAST, *CELLS_WEST)}
        territory.replace(home.association.id, outlines, cells, actor=cast.ACTOR, now=NOW)


def plan_called_off(home: House) -> None:
    with databases.as_worker():
        assert RoundSector.objects.update(cancelled=True) == 2


def coarser_squares(home: House) -> None:
    with databases.as_owner():
        home.association.policy_choice = {"team_cell": 1000}
        home.association.save()


def made_again(home: House) -> None:
    with databases.as_worker():
        row = WeeklySummary.objects.get()
        assert rebuild.rebuild(row.association_id, row.week) == 3


def nothing(home: House) -> None:
    pass


def month() -> dict[str, int]:
    [(_month, body)] = sealed_sums.read(list(MonthlyAccumulator.objects.all()))
    return {sector: line["s"] for sector, line in body.items()}


def week() -> Any:
    [(_week, body)] = sealed_sums.read(list(WeeklySummary.objects.all()))
    return body


@pytest.mark.parametrize(
    "between",
    [nothing, imported_again, sector_gone, plan_called_off, coarser_squares, made_again],
)
def test_who_takes_an_encounter_back_is_in_no_sum(home: House, between: Callable[[House], None]) -> None:
    east, west = (str(home.sectors[name].id) for name in ("east", "west"))
    with databases.as_worker():
        retention.raise_high_water(NIGHT)
    with working(home.scope("north")):
        round_ = cast.open_round(home, night=NIGHT)
        said = [cast.yes(2), cast.yes(4), cast.yes(7, met_this_round=True)]
        drafts = [cast.sealed(round_, one) for one in said]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
        assert month() == {east: 6, west: 0}
        before = week()
    between(home)
    with working(home.scope("north")):
        opened = reading.open_rows(list(Record.objects.select_related("round")))
        by_people = {one.encounter.people: one.id for one in opened}
        assert withdraw(by_people[7], actor=cast.ACTOR, now=NOW)
        assert (month(), week()) == ({east: 6, west: 0}, before), "met again: counted once, not taken back"
        assert withdraw(by_people[4], actor=cast.ACTOR, now=NOW)
        assert month() == {east: 2, west: 0}
        after = week()
    with databases.as_worker():
        row = WeeklySummary.objects.get()
        assert rebuild.rebuild(row.association_id, row.week) == 1
        assert week() == after != before
    with working(home.scope("north")):
        assert withdraw(by_people[2], actor=cast.ACTOR, now=NOW)
        assert month() == {east: 0, west: 0}


def test_a_record_that_does_not_say_is_taken_back_by_todays_tables(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records of before, and those whose text leaves no room."""
    monkeypatch.setattr(sealing, "_body", lambda encounter, _counted: encounter.to_json())
    with databases.as_worker():
        retention.raise_high_water(NIGHT)
    with working(home.scope("north")):
        round_ = cast.open_round(home, night=NIGHT)
        drafts = [cast.sealed(round_, cast.yes(2))]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
        [one] = reading.open_rows(list(Record.objects.select_related("round")))
        assert one.counted is None
        assert set(month().values()) == {0, 2}
        assert withdraw(one.id, actor=cast.ACTOR, now=NOW)
        assert set(month().values()) == {0}


@pytest.mark.parametrize("length", range(900, 1000, 3))
def test_no_text_is_too_long_for_where_it_was_counted(length: int) -> None:
    """It stands beside the text in a record of one size: a text that fills it is refused for nothing."""
    encounter = replace(cast.yes(2), quote="x" * length)
    counted = Counted(1000, uuid4())
    text, body = encounter.to_json(), sealing._body(encounter, counted)
    assert len(body) <= max(len(text), envelope.LONGEST_RECORD)
    found = json.loads(body)
    fits = len(text) + len(json.dumps({KEY: counted.to_body()}, separators=(",", ":"))) - 1
    assert Counted.of_body(found.pop(KEY, None)) == (counted if fits <= envelope.LONGEST_RECORD else None)
    assert found == json.loads(text)
