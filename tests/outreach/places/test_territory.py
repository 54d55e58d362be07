"""Taking a territory in, again and again: identities stay, nothing is deleted, the table of squares is refilled."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from outreach.places.errors import FileRefused
from outreach.places.geo_files import read
from outreach.places.models import Sector, SectorCell
from outreach.places.outlines import Territory, parse_sectors
from outreach.places.services import cells_of, sector_of, squares_grid
from outreach.places.squares import assign_cells
from outreach.places.territory import Change, changes, refuse_elsewhere, replace
from privacy.audit.actors import OPERATOR
from privacy.core.values import Cell
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import Tenant
from tests.outreach.places.towns import NAMES, ORIGIN, TOWN, Box, feature, geojson, polygon

pytestmark = pytest.mark.database

NORTH, EAST = ORIGIN


@pytest.fixture(autouse=True)
def as_the_command(db_clean: None) -> Iterator[None]:
    """`import_territory` runs as the worker: a request has no territory to change."""
    with databases.as_worker():
        yield


def town(folder: Path, boxes: dict[str, Box] = TOWN, **names: str) -> Territory:
    lines = [
        feature(code, names.get(code, NAMES.get(code, code)), polygon(box)) for code, box in boxes.items()
    ]
    return parse_sectors(read(geojson(folder / f"{uuid4().hex}.geojson", lines)))


def take_in(association: UUID, territory: Territory) -> list[Change]:
    cells = assign_cells({code: outline.shape for code, outline in territory.outlines.items()})
    return replace(association, territory.outlines, cells, actor=OPERATOR, now=factories.NOW)


def kinds(done: list[Change]) -> dict[str, str]:
    return {change.code: change.kind.value for change in done}


def test_a_new_territory_replaces_the_sectors_and_keeps_the_old_ones_aside(
    lanterne: Tenant, tmp_path: Path
) -> None:
    association = lanterne.association.id
    with tenant_transaction(lanterne.scope()):
        done = take_in(association, town(tmp_path))
        assert kinds(done) == {"A": "new", "B": "new", "C": "new", "E": "gone", "O": "gone"}
        active = Sector.objects.filter(active=True)
        assert {sector.code: sector.name for sector in active} == NAMES
        assert not Sector.objects.get(pk=lanterne.sectors["east"].pk).active
        sizes = Counter(SectorCell.objects.values_list("size", flat=True))
        assert sizes == {250: 64, 500: 16, 1000: 4}


def test_the_same_file_again_changes_nothing(lanterne: Tenant, tmp_path: Path) -> None:
    with tenant_transaction(lanterne.scope()):
        territory = town(tmp_path)
        take_in(lanterne.association.id, territory)
        before = set(Sector.objects.values_list("pk", "code", "active"))
        cells = set(SectorCell.objects.values_list("sector_id", "cell"))
        assert set(kinds(take_in(lanterne.association.id, territory)).values()) == {"same"}
        assert set(Sector.objects.values_list("pk", "code", "active")) == before
        assert set(SectorCell.objects.values_list("sector_id", "cell")) == cells


def test_identity_follows_the_code(lanterne: Tenant, tmp_path: Path) -> None:
    association = lanterne.association.id
    with tenant_transaction(lanterne.scope()):
        take_in(association, town(tmp_path))
        ids = dict(Sector.objects.values_list("code", "pk"))
        boxes = {"A": (0, 0, 1000, 500), "B": TOWN["B"]}
        done = take_in(association, town(tmp_path, boxes, B="Le Quai"))
        assert kinds(done) == {"A": "moved", "B": "renamed", "C": "gone"}
        assert dict(Sector.objects.values_list("code", "pk")) == ids
        assert Sector.objects.get(code="B").name == "Le Quai"
        assert cells_of(ids["C"], 500) == []
        assert kinds(take_in(association, town(tmp_path))) == {"A": "moved", "B": "renamed", "C": "back"}
        assert len(cells_of(ids["C"], 500)) == 8


def test_saying_what_would_change_changes_nothing(lanterne: Tenant, tmp_path: Path) -> None:
    with tenant_transaction(lanterne.scope()):
        before = list(Sector.objects.order_by("pk").values_list("pk", "code", "active"))
        said = changes(lanterne.association.id, town(tmp_path).outlines)
        assert kinds(said) == {"A": "new", "B": "new", "C": "new", "E": "gone", "O": "gone"}
        assert list(Sector.objects.order_by("pk").values_list("pk", "code", "active")) == before


def test_a_sector_that_rounds_name_survives(lanterne: Tenant, tmp_path: Path) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
    with tenant_transaction(lanterne.scope("north")):
        take_in(lanterne.association.id, town(tmp_path))
        assert round_.plan.count() == 2
        assert Sector.objects.filter(pk=lanterne.sectors["east"].pk).exists()


def test_another_association_sees_and_loses_nothing(
    lanterne: Tenant, passerelle: Tenant, tmp_path: Path
) -> None:
    def as_one_of_theirs() -> Any:
        return databases.role("maraudes_web", "default")

    with as_one_of_theirs(), tenant_transaction(passerelle.scope()):
        before = set(Sector.objects.values_list("pk", "active"))
        assert before
    with tenant_transaction(lanterne.scope()):
        take_in(lanterne.association.id, town(tmp_path))
    with as_one_of_theirs(), tenant_transaction(passerelle.scope()):
        assert set(Sector.objects.values_list("pk", "active")) == before
        assert sector_of(lanterne.association.id, Cell(500, NORTH, EAST)) is None


def test_a_failure_leaves_everything_as_it_was(lanterne: Tenant, tmp_path: Path) -> None:
    with tenant_transaction(lanterne.scope()):
        before = set(SectorCell.objects.values_list("cell", "sector_id"))
    territory = town(tmp_path)
    with pytest.raises(KeyError), tenant_transaction(lanterne.scope()):
        replace(
            lanterne.association.id,
            territory.outlines,
            {Cell(500, NORTH, EAST): "no such sector"},
            actor=OPERATOR,
            now=factories.NOW,
        )
    with tenant_transaction(lanterne.scope()):
        assert set(SectorCell.objects.values_list("cell", "sector_id")) == before
        assert not Sector.objects.filter(code="A").exists()


def test_the_change_is_in_the_audit_log(lanterne: Tenant, tmp_path: Path) -> None:
    with tenant_transaction(lanterne.scope()):
        take_in(lanterne.association.id, town(tmp_path))
    with databases.raw("owner") as connection:
        rows = connection.execute(
            "SELECT event, actor, subject_kind, count, association_id FROM audit_pendingevent"
        ).fetchall()
    assert rows == [("territory_changed", "operator", "sector", 5, lanterne.association.id)]


def test_a_territory_far_from_the_known_one_is_refused(lanterne: Tenant, tmp_path: Path) -> None:
    with tenant_transaction(lanterne.scope()):
        refuse_elsewhere(lanterne.association.id, town(tmp_path))
        with pytest.raises(FileRefused) as caught:
            refuse_elsewhere(lanterne.association.id, town(tmp_path, {"A": (0, 300_000, 1000, 301_000)}))
        assert caught.value.code == "elsewhere"


def test_questions_about_squares(lanterne: Tenant, tmp_path: Path) -> None:
    association = lanterne.association.id
    with tenant_transaction(lanterne.scope()):
        take_in(association, town(tmp_path))
        ids = dict(Sector.objects.values_list("code", "pk"))
        assert sector_of(association, Cell(500, NORTH, EAST)) == ids["A"]
        assert sector_of(association, Cell(250, NORTH + 1750, EAST + 1750)) == ids["C"]
        assert sector_of(association, Cell(1000, NORTH + 5000, EAST)) is None
        assert cells_of(Sector.objects.get(code="A"), 1000) == [Cell(1000, NORTH, EAST)]
        grid = squares_grid(ids["C"], 500)
        assert (grid.rows, grid.columns) == (2, 4)
        assert [square.label for square in grid] == ["A1", "B1", "C1", "D1", "A2", "B2", "C2", "D2"]
        assert grid.squares[0].cell == Cell(500, NORTH + 1500, EAST)
