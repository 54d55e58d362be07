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
from outreach.records import sealing, selectors
from outreach.records.counted import KEY, Counted
from outreach.records.models import Record
from outreach.records.tally import Counts
from outreach.rounds.models import RoundSector
from privacy import sealed_sums
from privacy.core import envelope
from privacy.core.values import Cell
from privacy.db.scope import tenant_transaction
from privacy.retention import services as retention
from tests import databases, factories
from tests.factories import CELLS_WEST, Tenant

pytestmark = pytest.mark.database

NIGHT = date(2040, 1, 4)
NOW = datetime.combine(NIGHT, time(21), UTC)


def outline(code: str, name: str, shape: MultiPolygon) -> Outline:
    return Outline(1, code, name, shape, shape)


def swap(lanterne: Tenant) -> None:
    """The territory imported again, each sector on the other's ground."""
    now = list(SectorCell.objects.filter(association=lanterne.association).select_related("sector"))
    other = {"E": "O", "O": "E"}
    outlines = {one.code: outline(one.code, one.name, one.outline) for one in lanterne.sectors.values()}
    cells = {Cell.parse(one.cell): other[one.sector.code] for one in now}
    territory.replace(lanterne.association.id, outlines, cells, actor=factories.ACTOR, now=NOW)


def imported_again(lanterne: Tenant) -> None:
    with databases.as_worker():
        swap(lanterne)


def sector_gone(lanterne: Tenant) -> None:
    with databases.as_worker():
        outlines = {"X": outline("X", "Partout", lanterne.sectors["east"].outline)}
        cells = {Cell.parse(one): "X" for one in (*factories.CELLS_EAST, *CELLS_WEST)}
        territory.replace(lanterne.association.id, outlines, cells, actor=factories.ACTOR, now=NOW)


def plan_called_off(lanterne: Tenant) -> None:
    with databases.as_worker():
        assert RoundSector.objects.update(cancelled=True) == 2


def coarser_squares(lanterne: Tenant) -> None:
    with databases.as_owner():
        lanterne.association.policy_choice = {"team_cell": 1000}
        lanterne.association.save()


def made_again(lanterne: Tenant) -> None:
    with databases.as_worker():
        row = WeeklySummary.objects.get()
        assert rebuild.rebuild(row.association_id, row.week) == 3


def nothing(lanterne: Tenant) -> None:
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
def test_who_takes_an_encounter_back_is_in_no_sum(
    lanterne: Tenant, between: Callable[[Tenant], None]
) -> None:
    east, west = (str(lanterne.sectors[name].id) for name in ("east", "west"))
    with databases.as_worker():
        retention.raise_high_water(NIGHT)
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=NIGHT)
        said = [factories.yes(2), factories.yes(4), factories.yes(7, met_this_round=True)]
        drafts = [factories.sealed(round_, one) for one in said]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
        assert month() == {east: 6, west: 0}
        before = week()
    between(lanterne)
    with tenant_transaction(lanterne.scope("north")):
        opened = selectors.open_rows(list(Record.objects.select_related("round")))
        by_people = {one.encounter.people: one.id for one in opened}
        assert withdraw(by_people[7], actor=factories.ACTOR, now=NOW)
        assert (month(), week()) == ({east: 6, west: 0}, before), "met again: counted once, not taken back"
        assert withdraw(by_people[4], actor=factories.ACTOR, now=NOW)
        assert month() == {east: 2, west: 0}
        after = week()
    with databases.as_worker():
        row = WeeklySummary.objects.get()
        assert rebuild.rebuild(row.association_id, row.week) == 1
        assert week() == after != before
    with tenant_transaction(lanterne.scope("north")):
        assert withdraw(by_people[2], actor=factories.ACTOR, now=NOW)
        assert month() == {east: 0, west: 0}


def test_a_record_that_does_not_say_is_taken_back_by_todays_tables(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records of before, and those whose text leaves no room."""
    monkeypatch.setattr(sealing, "_body", lambda encounter, _counted: encounter.to_json())
    with databases.as_worker():
        retention.raise_high_water(NIGHT)
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=NIGHT)
        drafts = [factories.sealed(round_, factories.yes(2))]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
        [one] = selectors.open_rows(list(Record.objects.select_related("round")))
        assert one.counted is None
        assert set(month().values()) == {0, 2}
        assert withdraw(one.id, actor=factories.ACTOR, now=NOW)
        assert set(month().values()) == {0}


@pytest.mark.parametrize("length", range(900, 1000, 3))
def test_no_text_is_too_long_for_where_it_was_counted(length: int) -> None:
    """It stands beside the text in a record of one size: a text that fills it is refused for nothing."""
    encounter = replace(factories.yes(2), quote="x" * length)
    counted = Counted(1000, uuid4())
    text, body = encounter.to_json(), sealing._body(encounter, counted)
    assert len(body) <= max(len(text), envelope.LONGEST_RECORD)
    found = json.loads(body)
    fits = len(text) + len(json.dumps({KEY: counted.to_body()}, separators=(",", ":"))) - 1
    assert Counted.of_body(found.pop(KEY, None)) == (counted if fits <= envelope.LONGEST_RECORD else None)
    assert found == json.loads(text)
