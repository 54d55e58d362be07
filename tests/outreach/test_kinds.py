"""Files of other tools are named for what they are, by who reads records and by who reads territories."""

import zipfile
from pathlib import Path

import pytest

from outreach.importing.errors import ImportRefused
from outreach.importing.sources import open_source
from outreach.kinds import named
from outreach.places.errors import FileRefused
from outreach.places.geo_files import read
from tests.outreach.importing.files import mapping, row, workbook
from tests.reading import typed

ODS = b"application/vnd.oasis.opendocument.spreadsheet"
TOPOLOGY = (
    b'{"type":"Topology","arcs":[[[2.3,48.8],[2.4,48.8],[2.4,48.9],[2.3,48.8]]],"objects":{"q":{"type":'
    b'"GeometryCollection","geometries":[{"type":"Polygon","arcs":[[0]],"properties":{"name":"A"}}]}}}'
)
TEXTS: dict[str, tuple[bytes, str]] = {
    "f.topojson": (TOPOLOGY, "TopoJSON"),
    "renamed.geojson": (b"\xef\xbb\xbf\n" + TOPOLOGY, "TopoJSON"),
    "last.json": (
        b'{"arcs":[' + b"[[0,0]]," * 20_000 + b'[[0,0]]],"objects":{},"type": "Topology"}',
        "TopoJSON",
    ),
    "arcgis.json": (b'{"geometryType":"esriGeometryPoint","features":[{"attributes":{"a":1}}]}', "ArcGIS"),
    "lines.geojson": (
        b'{"type":"Feature","properties":{}}\n{"type":"Feature","properties":{}}\n',
        "par lignes",
    ),
    "f.kml": (b'<?xml version="1.0"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"/>', "KML"),
    "f.gpx": (b'<gpx version="1.1"></gpx>', "GPX"),
    "f.xls": (b"<html><table><tr><td>Date</td></tr></table></html>", "page HTML"),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "ancien classeur"),
    "list.json": (b'[{"Date": "2026-11-17"}]', "liste JSON"),
    "f.csv.gz": (b"\x1f\x8b\x08\x00", "gzip"),
    "f.parquet": (b"PAR1", "Parquet"),
    "f.rtf": (b"{\\rtf1 Date}", "RTF"),
}
ZIPS = {
    "f.kmz": ("doc.kml", b"<kml/>", "KMZ"),
    "f.ods": ("mimetype", ODS, "OpenDocument (.ods)"),
    "f.odt": ("mimetype", b"application/vnd.oasis.opendocument.text", "OpenDocument (.odt)"),
    "f.xlsb": ("xl/workbook.bin", b"x", "binaire (.xlsb)"),
    "f.docx": ("word/document.xml", b"<x/>", "Word"),
    "f.zip": ("notes.csv", b"Date\n", "archive zip"),
}


def packed(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)
    return path


def refusals(path: Path) -> list[str]:
    """What who reads records and who reads territories say of the file."""
    with pytest.raises(ImportRefused) as of_records:
        open_source(path, mapping())
    with pytest.raises(FileRefused) as of_places:
        read(path)
    assert of_records.value.code == "kind"
    return [typed(str(of_records.value)), typed(str(of_places.value))]


@pytest.mark.parametrize("name", TEXTS)
def test_texts_and_binaries_are_named(tmp_path: Path, name: str) -> None:
    content, told = TEXTS[name]
    (tmp_path / name).write_bytes(content)
    for sentence in refusals(tmp_path / name):
        assert told in sentence


@pytest.mark.parametrize("name", ZIPS)
def test_archives_are_named_by_what_is_in_them(tmp_path: Path, name: str) -> None:
    inside, content, told = ZIPS[name]
    for sentence in refusals(packed(tmp_path / name, inside, content)):
        assert told in sentence
        assert "Shapefile ou GeoPackage ; elle en contient" not in sentence


def test_what_the_other_one_reads_is_named_too(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="classeur Excel"):
        read(workbook(tmp_path / "f.xlsx", [row()]))
    with pytest.raises(ImportRefused, match="Shapefile"):
        open_source(packed(tmp_path / "f.zip", "town.shp", b"\x00\x00\x27\x0a"), mapping())


@pytest.mark.parametrize(
    "text", ['{"hello": "world"}', '{"type": "gdal_streamed_alg", "command_line": "gdal"}']
)
def test_a_json_of_no_known_kind_is_said_to_be_no_geojson(tmp_path: Path, text: str) -> None:
    (tmp_path / "f.geojson").write_text(text, encoding="utf-8")
    with pytest.raises(FileRefused, match="pas celui d'un GeoJSON"):
        read(tmp_path / "f.geojson")
    with pytest.raises(ImportRefused, match="pas une collection GeoJSON"):
        open_source(tmp_path / "f.geojson", mapping())


def test_a_name_says_nothing_of_what_is_in_the_file(tmp_path: Path) -> None:
    path = packed(tmp_path / "f.zip", "Jean Dupont 0612345678.csv", b"Date\n")
    assert all("Dupont" not in sentence for sentence in refusals(path))


@pytest.mark.parametrize("kind", [b"application/epub+zip", b"application/x-krita"])
def test_another_programs_archive_is_no_opendocument(tmp_path: Path, kind: bytes) -> None:
    assert str(named(packed(tmp_path / "f.zip", "mimetype", ODS).read_bytes())).endswith("(.ods)")
    assert str(named(packed(tmp_path / "f.zip", "mimetype", kind).read_bytes())) == "une archive zip"


def test_an_archive_torn_where_it_says_its_kind_is_named_as_torn(tmp_path: Path) -> None:
    whole = tmp_path / "f.ods"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODS)
    content = bytearray(whole.read_bytes())
    start = content.index(b"mimetype") + len(b"mimetype")
    content[start : start + 12] = b"\xff" * 12
    whole.write_bytes(content)
    assert str(named(bytes(content))) == "une archive zip abîmée"
    for sentence in refusals(whole):
        assert "abîmée" in sentence
