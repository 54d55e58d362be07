"""Files that are programs: whatever they say, no address is called and no other file of the machine is read.

Each attack is tried twice: with GDAL as it comes, in a process of its own (the control: some must succeed), and with `read`.
"""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outreach.places.errors import FileRefused
from outreach.places.geo_files import read
from outreach.places.outlines import parse_sectors
from tests.outreach.places.towns import TOWN, feature, features, geojson, polygon, table, zipped

CANARY = "Canari4711"
"""What stands in another file of the machine, and must never come out of a reading."""


WELL_KNOWN = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433]]'
)


SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        with open(sys.argv[1], "a") as calls:
            calls.write(self.path + "\\n")
        self.send_response(404)
        self.end_headers()
    do_HEAD = do_POST = do_GET
    def log_message(self, *_words):
        pass

server = HTTPServer(("127.0.0.1", 0), Answer)
print(server.server_port, flush=True)
server.serve_forever()
"""


class Listener:
    """An address of this machine that notes whoever calls it; a process of its own, which no limit of ours touches."""

    def __init__(self, folder: Path) -> None:
        self._calls = folder / "calls"
        command = [sys.executable, "-c", SERVER, str(self._calls)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address = f"http://127.0.0.1:{self.process.stdout.readline().strip()}"

    @property
    def calls(self) -> list[str]:
        return self._calls.read_text(encoding="utf-8").split() if self._calls.exists() else []


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    server = Listener(tmp_path)
    with server.process:
        yield server
        server.process.terminate()


def _collection(**more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", **more, "features": features()}


def attacks(folder: Path, address: str) -> dict[str, Path]:
    """A file for every way known to us in which a map file names another file or an address."""
    canary = geojson(folder / "canary.geojson", [feature(CANARY, CANARY, polygon(TOWN["A"]))])
    algorithm = "gdal_streamed_alg"
    texts: dict[str, Any] = {
        "pipeline-file": {"type": algorithm, "command_line": f"gdal vector pipeline ! read {canary}"},
        "pipeline-http": {"type": algorithm, "command_line": f"gdal vector pipeline ! read {address}/p.json"},
        "pipeline-curl": {
            "type": algorithm,
            "command_line": f"gdal vector pipeline ! read /vsicurl/{address}/v",
        },
        "crs-link": _collection(
            crs={"type": "link", "properties": {"href": f"{address}/crs", "type": "proj4"}}
        ),
        "crs-url": _collection(crs={"type": "url", "properties": {"url": f"{address}/crs"}}),
        "crs-name": _collection(crs={"type": "name", "properties": {"name": f"{address}/crs"}}),
        "crs-grid": _collection(
            crs={"type": "name", "properties": {"name": f"+proj=longlat +ellps=bessel +nadgrids={canary}"}}
        ),
        "next-page": _collection(links=[{"rel": "next", "href": f"{address}/next"}]),
        "asset": {
            "type": "Feature",
            "stac_version": "1.0",
            "assets": {"a": {"href": f"{address}/a.tif"}},
            "properties": {"tiles:tile_matrix_sets": {}},
        },
        "vrt": f"<OGRVRTDataSource><OGRVRTLayer name='canary'><SrcDataSource>{canary}</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>",
        "wfs": f"<OGRWFSDataSource><URL>{address}/wfs</URL></OGRWFSDataSource>",
        "gml": '<FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="http://www.w3.org/2001/'
        f'XMLSchema-instance" xsi:schemaLocation="http://x {address}/schema.xsd"/>',
        "kml": '<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link>'
        f"<href>{address}/n.kml</href></Link></NetworkLink></kml>",
    }
    found = {}
    for name, body in texts.items():
        found[name] = folder / f"{name}.geojson"
        found[name].write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
    found["package-view"] = _package_with_a_view(folder, canary)
    found["zip-vrt"] = folder / "zip-vrt.zip"
    with zipfile.ZipFile(found["zip-vrt"], "w") as archive:
        archive.writestr("town.shp", texts["vrt"])  # an ending says nothing
    return found


def _package_with_a_view(folder: Path, canary: Path) -> Path:
    """A GeoPackage whose layer is an SQL function of GDAL's that asks the network where an address lies."""
    path = table(folder / "view.gpkg")
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE view RENAME TO hidden")
        database.execute(
            "CREATE VIEW view AS SELECT fid, geom, code, ogr_geocode('Paris') AS nom FROM hidden"
        )
        database.commit()
    return path


OPEN = """
import json, sys, pyogrio
for name in sys.argv[1:]:
    try:
        layer = str(pyogrio.list_layers(name)[0][0])
        meta, _f, _g, columns = pyogrio.raw.read(name, layer=layer)
        print(json.dumps([list(map(str, column)) for column in columns]), meta["crs"])
    except Exception:
        pass
"""


def test_gdal_as_it_comes_falls_for_some_of_them(tmp_path: Path, listener: Listener) -> None:
    """The control: without our limits the same files reach the other file and the address."""
    files = attacks(tmp_path, listener.address)
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("OGR_", "GDAL_", "CPL_"))
    }
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", OPEN, *map(str, files.values())],
        env=clean, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert CANARY in told
    assert {"/p.json", "/v", "/crs"} <= set(listener.calls)


def test_no_file_makes_the_reader_call_or_open_anything(tmp_path: Path, listener: Listener) -> None:
    for name, path in attacks(tmp_path, listener.address).items():
        with contextlib.suppress(FileRefused):
            source = read(path)
            assert CANARY not in repr([line.attributes for line in source.features]), name
            parse_sectors(source)
        assert listener.calls == [], name


def test_whatever_is_not_one_of_three_formats_is_refused(tmp_path: Path, listener: Listener) -> None:
    files = attacks(tmp_path, listener.address)
    for name in (
        "pipeline-file",
        "pipeline-http",
        "pipeline-curl",
        "vrt",
        "wfs",
        "gml",
        "kml",
        "package-view",
    ):
        with pytest.raises(FileRefused):
            read(files[name])


def test_a_coordinate_system_that_names_a_file_is_refused(tmp_path: Path, listener: Listener) -> None:
    with pytest.raises(FileRefused):
        read(attacks(tmp_path, listener.address)["crs-grid"])
    plain = geojson(tmp_path / "plain.geojson")
    assert parse_sectors(read(plain, crs=WELL_KNOWN)).outlines
    named = WELL_KNOWN.replace('"WGS 84",DATUM', '"a national grid, by extension",DATUM')
    assert parse_sectors(read(plain, crs=named)).outlines
    shifted = WELL_KNOWN.replace("PRIMEM", f'EXTENSION["PROJ4_GRIDS","{tmp_path}/canary.geojson"],PRIMEM', 1)
    with pytest.raises(FileRefused) as refused:
        parse_sectors(read(plain, crs=shifted))
    assert refused.value.code == "unknown_crs"
    for crs in (
        f"{listener.address}/crs",
        str(tmp_path / "canary.geojson"),
        f"+init={tmp_path}:1",
        "DICT:x,1",
    ):
        with pytest.raises(FileRefused):
            parse_sectors(read(plain, crs=crs))
    assert listener.calls == []


def test_a_deep_file_and_a_lying_zip_are_refused(tmp_path: Path) -> None:
    deep = tmp_path / "deep.geojson"
    deep.write_text('{"type":"FeatureCollection","features":' + "[" * 200_000, encoding="utf-8")
    with pytest.raises(FileRefused):
        read(deep)
    whole = zipped(tmp_path / "town.zip")
    raw = bytearray(whole.read_bytes())
    with zipfile.ZipFile(whole) as archive:
        big = max(archive.infolist(), key=lambda entry: entry.file_size)
    at = raw.rindex(big.filename.encode()) - 46 + 24  # the size in the central directory
    raw[at : at + 4] = (8).to_bytes(4, "little")
    whole.write_bytes(raw)
    with pytest.raises(FileRefused):
        read(whole)


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_torn_inside_is_refused_with_a_sentence(tmp_path: Path, packing: int) -> None:
    whole, torn = zipped(tmp_path / "town.zip"), tmp_path / "torn.zip"
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(torn, "w", packing) as again:
        for entry in archive.infolist():
            again.writestr(entry.filename, archive.read(entry))
    assert read(torn).features, "presence first"
    with zipfile.ZipFile(torn) as archive:
        big = max(archive.infolist(), key=lambda entry: entry.file_size)
    raw = bytearray(torn.read_bytes())
    at = raw.index(big.filename.encode()) + len(big.filename) + 9  # after what LZMA says of itself
    raw[at - 9 : at + 40] = b"\xff" * 49
    torn.write_bytes(raw)
    with pytest.raises(FileRefused, match="abîmée"):
        read(torn)
