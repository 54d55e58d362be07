"""What is refused, what is repaired, and what makes a whole file wrong."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import shapely

from outreach.places.errors import FileRefused
from outreach.places.geo_files import read
from outreach.places.outlines import Territory, parse_sectors
from tests.outreach.places.towns import (
    NAMES,
    TOWN,
    feature,
    features,
    geojson,
    polygon,
    projected,
    ring,
    table,
)

GOOD = polygon(TOWN["A"])


def understood(path: Path, **options: Any) -> Territory:
    crs = options.pop("crs", None)
    return parse_sectors(read(path, crs=crs), **options)


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(FileRefused) as caught:
        understood(path, **options)
    return caught.value.code


def surface(*points: list[float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [points]}


def bow_tie() -> dict[str, Any]:
    west_south, east_south, east_north, west_north = (ring(TOWN["A"], 1000))[:4]
    return {"type": "Polygon", "coordinates": [[west_south, east_north, east_south, west_north, west_south]]}


def test_the_same_town_from_every_coordinate_system(tmp_path: Path) -> None:
    paths = [
        geojson(tmp_path / "wgs84.geojson"),
        table(tmp_path / "lambert93.gpkg", 2154),
        table(tmp_path / "utm.shp", 32631),
        table(tmp_path / "laea.gpkg", 3035),
        table(tmp_path / "etrs.gpkg", 4258),
    ]
    for path in paths:
        territory = understood(path)
        assert {code: outline.name for code, outline in territory.outlines.items()} == NAMES
        assert territory.area == pytest.approx(4.0, abs=1e-6)
        assert territory.refusals == []
        for outline in territory.outlines.values():
            assert outline.outline.srid == 4326
            assert outline.outline.geom_type == "MultiPolygon"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (feature("X", "Point", {"type": "Point", "coordinates": [2.35, 48.85]}), "not_a_polygon"),
        (feature("X", "Rien", None), "no_geometry"),
        (feature("X", "Vide", {"type": "Polygon", "coordinates": []}), "empty"),
        (feature("X", None, GOOD), "no_name"),
        (feature(None, "Sans code", GOOD), "no_code"),
        (feature("x" * 41, "Code long", GOOD), "long_code"),
        (feature("B", "Double", GOOD), "duplicate_code"),
        (feature("X", "NaN", surface([2.3, 48.8], [2.4, math.nan], [2.4, 48.9], [2.3, 48.8])), "not_repairable"),
        (feature("X", "Trait", surface([2.3, 48.8], [2.4, 48.8], [2.4, 48.9])), "unreadable"),
        (feature("X", "Plat", surface([2.3, 48.8], [2.4, 48.8], [2.3, 48.8], [2.3, 48.8])), "not_repairable"),
        (feature("X", "Miette", polygon((0, 0, 5, 5))), "too_small"),
        (feature("X", "Montréal", surface([-73.6, 45.5], [-73.5, 45.5], [-73.5, 45.6], [-73.6, 45.5])), "outside"),
    ],
)  # fmt: skip
def test_one_wrong_outline_is_left_out_with_its_number(
    tmp_path: Path, line: dict[str, Any], code: str
) -> None:
    path = geojson(tmp_path / "town.geojson", [*features(), line])
    territory = understood(path, name_field="nom", code_field="code")
    assert set(territory.outlines) == set(TOWN)
    assert [(refused.number, refused.code) for refused in territory.refusals] == [(4, code)]
    assert territory.refusals[0].reason


def test_a_crossed_outline_is_repaired_and_told(tmp_path: Path) -> None:
    path = geojson(tmp_path / "town.geojson", [*features(), feature("X", "Papillon", bow_tie())])
    outline = understood(path).outlines["X"]
    assert outline.repaired == "Self-intersection"
    assert outline.outline.valid
    assert outline.shape.area == pytest.approx(500_000, rel=0.01)


def test_holes_and_several_parts_stay(tmp_path: Path) -> None:
    holed = {"type": "Polygon", "coordinates": [ring((0, 0, 1000, 1000)), ring((250, 250, 500, 500))]}
    parts = {
        "type": "MultiPolygon",
        "coordinates": [[ring((2000, 0, 2500, 500))], [ring((3000, 0, 3500, 500))]],
    }
    path = geojson(tmp_path / "town.geojson", [feature("H", "Troué", holed), feature("P", "Éclaté", parts)])
    outlines = understood(path).outlines
    assert outlines["H"].shape.area == pytest.approx(1_000_000 - 62_500, abs=0.01)
    assert len(outlines["P"].outline) == 2


def test_metres_said_to_be_degrees(tmp_path: Path) -> None:
    lines = [
        feature(code, code, json.loads(shapely.to_geojson(shape)))
        for code, shape in zip(TOWN, projected(2154), strict=True)
    ]
    path = geojson(tmp_path / "metres.geojson", lines)
    assert refusal(path) == "looks_projected"
    assert understood(path, crs="EPSG:2154").area == pytest.approx(4.0, abs=1e-6)
    assert refusal(table(tmp_path / "metres.shp", 2154, declared=4326)) == "looks_projected"


def test_a_wrong_coordinate_system_lands_outside_the_grid(tmp_path: Path) -> None:
    assert refusal(table(tmp_path / "town.gpkg", 2154, declared=27572)) == "outside"


def test_longitude_and_latitude_swapped(tmp_path: Path) -> None:
    swapped = [
        feature(code, code, {"type": "Polygon", "coordinates": [[(lat, lon) for lon, lat in ring(box)]]})
        for code, box in TOWN.items()
    ]
    assert refusal(geojson(tmp_path / "swapped.geojson", swapped)) == "outside"


def test_an_unknown_or_placeless_coordinate_system(tmp_path: Path) -> None:
    path = table(tmp_path / "town.shp", declared=None)
    assert refusal(path, crs="EPSG:999999") == "unknown_crs"
    assert refusal(path, crs="Lambert") == "unknown_crs"
    assert refusal(path, crs='LOCAL_CS["somewhere",UNIT["metre",1]]') in ("no_crs", "unknown_crs")


def test_a_country_is_not_a_city(tmp_path: Path) -> None:
    assert (
        refusal(geojson(tmp_path / "wide.geojson", [feature("F", "Pays", polygon((0, 0, 90_000, 90_000)))]))
        == "too_wide"
    )


def test_nothing_right(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "points.geojson", [feature("X", "Point", {"type": "Point", "coordinates": [2.3, 48.8]})]
    )
    assert refusal(path) == "nothing_right"


def test_columns_named_by_hand(tmp_path: Path) -> None:
    path = geojson(tmp_path / "town.geojson")
    territory = understood(path, name_field="code", code_field="nom")
    assert territory.outlines["Le Port"].name == "B"
    assert refusal(path, name_field="absent") == "no_such_field"
    assert refusal(path, code_field="absent") == "no_such_field"


def test_a_file_without_a_name_column_asks_for_it(tmp_path: Path) -> None:
    lines = [{"type": "Feature", "properties": {"geste": "a"}, "geometry": GOOD}]
    assert refusal(geojson(tmp_path / "town.geojson", lines)) == "no_name_field"


def test_without_a_code_column_the_name_identifies(tmp_path: Path) -> None:
    lines = [
        {"type": "Feature", "properties": {"nom": name}, "geometry": GOOD} for name in ("Un", "Deux", "Un")
    ]
    territory = understood(geojson(tmp_path / "town.geojson", lines))
    assert territory.code_field == "nom"
    assert set(territory.outlines) == {"Un", "Deux"}
    assert [refused.code for refused in territory.refusals] == ["duplicate_code"]
