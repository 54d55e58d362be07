"""Where a line says it was: a sector by a name that means one, a square near the ground that the association works on."""

from pathlib import Path

import pytest

from outreach.importing.errors import Reason
from outreach.places.models import Sector
from tests import databases
from tests.factories import Tenant
from tests.outreach.importing import files
from tests.outreach.importing.files import mapping_file, row, written
from tests.outreach.importing.test_import_records import mapping, opened, run  # noqa: F401
from tests.outreach.importing.test_rows import aside, kept

pytestmark = pytest.mark.database


def test_a_name_of_several_sectors_is_set_aside(lanterne: Tenant, tmp_path: Path) -> None:
    by_sector = mapping_file(tmp_path / "m.json", place={"sector": "X"})
    with databases.as_owner():
        Sector.objects.filter(association=lanterne.association).update(name="Centre")
    file = written(tmp_path / "f.csv", [row(X="centre"), row(X="E"), row(X="o")])
    said = run(file, by_sector, "--wet-run")
    assert "1 plusieurs secteurs portent ce nom" in said
    assert "2 gardées" in said
    assert sum(opened(lanterne).values()) == 2


def test_a_code_that_is_the_name_of_another_sector_is_set_aside(lanterne: Tenant, tmp_path: Path) -> None:
    by_sector = mapping_file(tmp_path / "m.json", place={"sector": "X"})
    with databases.as_owner():
        Sector.objects.filter(pk=lanterne.sectors["east"].pk).update(name="O")
    said = run(written(tmp_path / "f.csv", [row(X="O"), row(X="E")]), by_sector)
    assert "1 plusieurs secteurs portent ce nom" in said
    assert "1 à garder" in said


def test_a_sector_that_is_gone_makes_no_name_ambiguous(lanterne: Tenant, tmp_path: Path) -> None:
    by_sector = mapping_file(tmp_path / "m.json", place={"sector": "X"})
    with databases.as_owner():
        Sector.objects.filter(association=lanterne.association).update(name="Centre")
        Sector.objects.filter(pk=lanterne.sectors["west"].pk).update(active=False)
    assert "1 à garder" in run(written(tmp_path / "f.csv", [row(X="Centre")]), by_sector)


@pytest.mark.parametrize(("x", "y"), [("5.73", "50.23"), ("4.83", "45.76"), ("2.0", "48.87")])
def test_a_place_far_from_every_sector_is_set_aside(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
    x: str,
    y: str,
) -> None:
    said = run(written(tmp_path / "f.csv", [row(X=x, Y=y), row(), row(X="2.40")]), mapping, "--wet-run")
    assert "1 le lieu est à plus de 10 km de tous les secteurs" in said
    assert "2 gardées" in said
    assert x not in said
    assert sum(opened(lanterne).values()) == 2


def test_a_square_far_from_every_sector_is_set_aside(lanterne: Tenant, tmp_path: Path) -> None:
    by_cell = mapping_file(tmp_path / "m.json", place={"cell": "X"})
    near, far = "CRS3035RES500mN2890500E3761500", "CRS3035RES1000mN3055000E4016000"
    said = run(written(tmp_path / "f.csv", [row(X=near), row(X=far)]), by_cell)
    assert "1 le lieu est à plus de 10 km" in said
    assert "1 à garder" in said


def test_without_sectors_nothing_is_far(
    lanterne: Tenant,
    tmp_path: Path,
    mapping: Path,  # noqa: F811
) -> None:
    with databases.as_owner():
        Sector.objects.filter(association=lanterne.association).update(active=False)
    assert "1 à garder" in run(written(tmp_path / "f.csv", [row(X="5.73", Y="50.23")]), mapping)


def test_what_says_that_there_is_no_place_is_an_empty_cell() -> None:
    for nowhere in (
        "POINT EMPTY",
        "point z empty",
        "SRID=4326;POINT EMPTY",
        "MULTIPOINT EMPTY",
        "()",
        "[ ]",
        "{}",
    ):
        assert kept(files.mapping(place={"lat_lon": "X"}), X=nowhere).cell is None
    assert aside(files.mapping(place={"lat_lon": "X"}), X="POINT EMPTYING") is Reason.PLACE


def test_squares_may_come_from_the_file_and_only_grow() -> None:
    wanted = files.mapping(place={"cell": "X"})
    fine = "CRS3035RES250mN2890250E3761250"
    found = kept(wanted, X=fine)
    assert found.cell is not None
    assert found.cell.id == "CRS3035RES500mN2890000E3761000"
    for other in (fine.lower(), fine.upper()):
        assert kept(wanted, X=other).cell == found.cell
    coarse = kept(wanted, X="CRS3035RES1000mN2890000E3761000")
    assert coarse.cell is not None
    assert coarse.cell.size == 1000
    assert [kept(wanted, X=nothing).cell for nothing in ("", "NA", "#N/A", "-")] == [None] * 4
    assert aside(wanted, X="CRS3035RES100mN2890200E3761200") is Reason.CELL
    assert aside(wanted, X="8a1fb46622dffff") is Reason.CELL
