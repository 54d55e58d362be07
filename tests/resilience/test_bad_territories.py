"""Bad territories at the importer: GeoJSON, GeoPackage, zipped Shapefile; bad rings, NaN, depth, other systems, bent bytes.

A feature is an outline, right or refused with its number, or the file is refused whole with a code of ours. Names of layers,
fields and sectors may be told: a territory holds no person. The folder of the file and its other columns are not.
"""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.places import geo_files, outlines
from outreach.places.errors import FileRefused
from outreach.places.geo_files import read
from outreach.places.outlines import parse_sectors
from outreach.places.squares import assign_cells
from tests.outreach.places import towns
from tests.resilience.bad_values import (
    DEEP,
    NEEDLE,
    TEXTS,
    as_json,
    bent,
    bomb,
    changed,
    folder,
    tries,
    values,
)
from tests.resilience.untouched import became, counted, listening  # noqa: F401 — a fixture of every test here

FOLDER = folder()
HURTING = (*TEXTS, b'{"type":"FeatureCollection","features":' + DEEP)

SECTOR = towns.features()[0]


NAMES_TOLD = {"no_such_field", "no_name_field", "no_such_layer", "which_layer", "unknown_crs"}
"""Refusals that list the names of fields or layers to choose from, or the system of coordinates that nobody knows."""


def territory(data: bytes, name: str = "t.geojson") -> int | None:
    """How many sectors the file would bring; None when it is refused. Fails when the refusal is not ours or tells too much."""
    path = FOLDER / name
    path.write_bytes(data)
    with listening() as lines:
        try:
            source = read(path)
            found = parse_sectors(source)
            assign_cells({code: outline.shape for code, outline in found.outlines.items()})
        except FileRefused as refused:
            assert refused.code.replace("_", "").isalpha()
            str(refused).encode()
            assert str(FOLDER) not in str(refused)
            assert NEEDLE not in str(refused) or refused.code in NAMES_TOLD
            assert NEEDLE not in "\n".join(lines)
            became("refused")
            return None
    assert len(found.outlines) + len(found.refusals) == len(source.features), "a feature got lost"
    for outline in found.outlines.values():
        outline.name.encode()
        outline.code.encode()
        assert "\x00" not in outline.name + outline.code
    became("taken")
    return len(found.outlines)


def ring(*points: Any) -> dict[str, Any]:
    return towns.feature("Z", "Zone", {"type": "Polygon", "coordinates": [list(points)]}, remarque=NEEDLE)


BAD_SHAPES: tuple[dict[str, Any] | None, ...] = (
    ring([2.3, 48.8], [2.31, 48.8]),
    ring([2.3, 48.8], [2.31, 48.8], [2.31, 48.81], [2.3, 48.81]),
    ring([2.3, 48.8], [2.32, 48.82], [2.32, 48.8], [2.3, 48.82], [2.3, 48.8]),
    ring(*[[2.3, 48.8]] * 5),
    ring(*[[float("nan"), float("inf")]] * 5),
    ring(*[[1e308, -1e308]] * 4),
    ring(*[[2.3, 48.8, 99]] * 4),
    ring(*[[2.3 + 0.01 * at, 48.8, float("nan")] for at in (0, 1, 2, 0)]),
    ring(*[[652000 + 500 * at, 6862000 + 300 * at * at] for at in (0, 1, 2, 0)]),
    ring([], [], []),
    towns.feature("Z", "Zone", {"type": "Polygon", "coordinates": []}),
    towns.feature("Z", "Zone", {"type": "Polygon"}),
    towns.feature("Z", "Zone", {"type": "Point", "coordinates": [2.3, 48.8]}),
    towns.feature("Z", "Zone", {"type": "GeometryCollection", "geometries": []}),
    towns.feature("Z", "Zone", None),
    towns.feature(None, None, towns.polygon((0, 0, 600, 600))),
    towns.feature("\x00", "\ud83d", towns.polygon((0, 0, 600, 600))),
    towns.feature(10**30, {"a": [1]}, towns.polygon((0, 0, 600, 600))),
    None,
)


@pytest.mark.parametrize("number", range(len(BAD_SHAPES)))
def test_a_bad_outline_leaves_the_good_one(number: int) -> None:
    found = territory(as_json({"type": "FeatureCollection", "features": [SECTOR, BAD_SHAPES[number]]}))
    assert found is None or found >= 1


@tries(25, 800)
@given(
    st.one_of(
        changed(SECTOR).map(lambda one: as_json({"type": "FeatureCollection", "features": [SECTOR, one]})),
        values.map(
            lambda at: as_json(
                {
                    "type": "FeatureCollection",
                    "features": [SECTOR, towns.feature("Z", "Zone", {"type": "Polygon", "coordinates": at})],
                }
            )
        ),
        values.map(lambda crs: as_json({"type": "FeatureCollection", "crs": crs, "features": [SECTOR]})),
        bent(as_json({"type": "FeatureCollection", "features": [SECTOR]})),
        st.sampled_from(HURTING),
    )
)
def test_a_territory_in_text(data: bytes) -> None:
    territory(data)


@tries(15, 500)
@given(bent(towns.table(FOLDER / "good.gpkg").read_bytes()))
def test_a_damaged_geopackage(data: bytes) -> None:
    territory(data, "t.gpkg")


@tries(15, 500)
@given(bent(towns.zipped(FOLDER / "good.zip").read_bytes()))
def test_a_damaged_zip_of_a_shapefile(data: bytes) -> None:
    territory(data, "t.zip")


def test_a_zip_that_unpacks_to_everything() -> None:
    assert territory(bomb("a.shp"), "t.zip") is None


# The controls: a reader that shows what it could not read, and one that says nothing of an outline it left out.


def test_a_naive_reader_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [data for data in HURTING if NEEDLE.encode() in data]
    assert len(told) == 2
    assert [territory(data) for data in told] == [None, None]

    def telling(path: Path) -> geo_files.Source:
        try:
            return geo_files.read(path)
        except FileRefused as refused:
            raise FileRefused(refused.code, f"{refused}: {path.read_bytes()[:60]!r}") from None

    monkeypatch.setattr("tests.resilience.test_bad_territories.read", telling)
    for data in told:
        with pytest.raises(AssertionError, match=NEEDLE):
            territory(data)


def test_a_reader_that_loses_an_outline_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    data = as_json({"type": "FeatureCollection", "features": [SECTOR, BAD_SHAPES[0]]})
    assert territory(data) == 1

    def losing(source: geo_files.Source) -> outlines.Territory:
        found = outlines.parse_sectors(source)
        found.refusals.clear()
        return found

    monkeypatch.setattr("tests.resilience.test_bad_territories.parse_sectors", losing)
    with pytest.raises(AssertionError, match="a feature got lost"):
        territory(data)
