"""Files of every kind, whole and broken: what is read, and how each broken one is refused."""

import contextlib
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from outreach.management.commands.import_territory import BUNDLED
from outreach.places.errors import FileRefused
from outreach.places.geo_files import LARGEST, MOST_OUTLINES, read
from tests.outreach.places.towns import NAMES, TOWN, feature, features, geojson, polygon, table, zipped


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(FileRefused) as caught:
        read(path, **options)
    assert str(path.parent) not in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize(
    ("write", "crs"),
    [
        (lambda folder: geojson(folder / "town.geojson"), "EPSG:4326"),
        (lambda folder: table(folder / "town.gpkg"), "EPSG:2154"),
        (lambda folder: table(folder / "town.shp"), "EPSG:2154"),
        (lambda folder: zipped(folder / "town.zip"), "EPSG:2154"),
        (lambda folder: table(folder / "town.gpkg", 32631), "EPSG:32631"),
    ],
)
def test_three_formats_and_their_zip(tmp_path: Path, write: Callable[[Path], Path], crs: str) -> None:
    source = read(write(tmp_path))
    assert source.crs == crs
    assert source.fields == ("code", "nom")
    assert [feature.number for feature in source.features] == [1, 2, 3]
    assert {line.attributes["code"]: line.attributes["nom"] for line in source.features} == NAMES
    assert all(line.wkb for line in source.features)


def test_a_geojson_is_in_degrees_unless_it_says_otherwise(tmp_path: Path) -> None:
    assert read(geojson(tmp_path / "plain.geojson")).assumed
    said = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    source = read(geojson(tmp_path / "old.geojson", crs=said))
    assert (source.crs, source.assumed) == ("EPSG:2154", False)
    assert read(geojson(tmp_path / "told.geojson"), crs="EPSG:3035").crs == "EPSG:3035"


def test_a_missing_coordinate_system_is_asked_for(tmp_path: Path) -> None:
    path = table(tmp_path / "town.shp", declared=None)
    assert refusal(path) == "no_crs"
    assert read(path, crs="EPSG:2154").crs == "EPSG:2154"
    assert refusal(zipped(tmp_path / "bare.zip", leave_out=(".prj",))) == "no_crs"


def test_layers_are_chosen_when_there_are_several(tmp_path: Path) -> None:
    path = table(tmp_path / "town.gpkg", layer="quartiers")
    table(path, layer="îlots")
    assert refusal(path) == "which_layer"
    assert refusal(path, layer="rues") == "no_such_layer"
    assert read(path, layer="îlots").layer == "îlots"


def test_absent_geometry_and_values_are_kept_for_the_report(tmp_path: Path) -> None:
    lines = [feature(None, "Sans forme", None), feature("B", None, polygon(TOWN["B"]))]
    source = read(geojson(tmp_path / "town.geojson", lines))
    assert source.features[0].wkb is None
    assert source.features[1].attributes["nom"] is None


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("broken.geojson", b'{"type":"FeatureCollection","features":[{"type":"Fea', "unreadable"),
        ("other.geojson", b'{"hello": "world"}', "unreadable"),
        ("empty.geojson", b"", "empty"),
        ("mark.geojson", b"\xef\xbb\xbf", "empty"),
        ("blank.geojson", " \r\n\t\n".encode("utf-16"), "empty"),
        ("prose.geojson", b"once upon a time", "unknown_format"),
        ("remote.gpkg", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "unknown_format"),
        ("garbage.gpkg", b"SQLite format 3\x00" + b"garbage" * 900, "unreadable"),
        ("lonely.shp", b"\x00\x00\x27\x0a" + bytes(96), "incomplete"),
        ("torn.zip", b"PK\x03\x04torn", "unreadable"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path) == code


def test_what_does_not_read_is_not_repeated(tmp_path: Path) -> None:
    """GDAL quotes the word it stumbled over; whoever gives a table of encounters for a territory gets the place and no word."""
    path = tmp_path / "t.geojson"
    path.write_bytes(
        b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"nom":4Oumou}}]}'
    )
    with pytest.raises(FileRefused) as refused:
        read(path)
    assert "At line 1, character" in str(refused.value) and "Unrecognized number" in str(refused.value)
    assert "Oumou" not in str(refused.value) and "Oumou" in str(refused.value.__cause__)


def test_truncated_files_are_refused(tmp_path: Path) -> None:
    for whole in (
        table(tmp_path / "town.gpkg"),
        zipped(tmp_path / "town.zip"),
        geojson(tmp_path / "t.geojson"),
    ):
        cut = tmp_path / f"cut{whole.suffix}"
        cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        assert refusal(cut) == "unreadable"


def test_no_such_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere.geojson") == "missing"
    assert refusal(tmp_path) == "missing"


def test_a_heavy_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    heavy = tmp_path / "heavy.geojson"
    with heavy.open("wb") as file:
        file.truncate(LARGEST + 1)  # sparse: it takes no room, and reading it would take a while
    assert refusal(heavy) == "too_big"


def test_a_zip_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("town.shp", "w") as file:
        for _ in range(LARGEST // 10_000_000 + 1):
            file.write(bytes(10_000_000))
    assert bomb.stat().st_size < 1_000_000
    assert refusal(bomb) == "too_big"


def test_a_zip_must_hold_one_territory(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.shp", b"")
        archive.writestr("b.shp", b"")
    assert refusal(path) == "zip_content"


def test_nothing_in_the_file(tmp_path: Path) -> None:
    assert refusal(geojson(tmp_path / "none.geojson", [])) == "nothing"
    path = table(tmp_path / "town.gpkg")
    with contextlib.closing(sqlite3.connect(path)) as database:
        for dropped in ("town", "gpkg_contents", "gpkg_geometry_columns"):
            database.execute(f"DELETE FROM {dropped}")
        database.commit()
    assert refusal(path) == "nothing"


def test_more_outlines_than_any_team_could_walk(tmp_path: Path) -> None:
    one = features()[0]
    assert refusal(geojson(tmp_path / "many.geojson", [one] * (MOST_OUTLINES + 1))) == "too_many"


def test_reading_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = table(tmp_path / "town.gpkg")
    before = path.read_bytes()
    read(path)
    assert path.read_bytes() == before
    assert sorted(other.name for other in tmp_path.iterdir()) == ["town.gpkg"]


def test_the_bundled_territory_is_twenty_arrondissements() -> None:
    source = read(BUNDLED)
    assert len(source.features) == 20
    assert source.fields == ("code", "name")
    assert BUNDLED.stat().st_size < 20_000
    assert json.loads(BUNDLED.read_text(encoding="utf-8"))["features"][0]["properties"]["code"] == "75101"
