"""GDAL, made unable to open or call anything but the bytes it is given.

Rule of the module: GDAL knows a hundred formats, and some of them are programs: a `.geojson` may hold a pipeline that reads
another file of the machine, a coordinate system may be an address. So three formats keep their driver and every other is
taken out before GDAL starts; what is read is handed over as bytes, never as a name; and while it is read this process can
open no file and no socket at all (its limit of open files is zero), so that what neither we nor GDAL thought of fails too.

The only way to `pyogrio` in this project: what GDAL may do is decided when it is loaded.
"""

import os
import resource
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

__all__ = ["BROKEN", "KEPT", "NotConfined", "Table", "layers", "pyogrio", "table"]

KEPT = frozenset({"ESRI Shapefile", "GPKG", "GeoJSON"})
"""The drivers that read a territory. GDAL 3.12 of the wheel has 61 more, all named below."""

_REMOVED = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,Elasticsearch,FlatGeobuf,GDALG,GML,"
    "GPSBabel,GPX,GTFS,GeoJSONSeq,GeoRSS,HTTP,Idrisi,JML,JSONFG,KML,LIBKML,LVBAG,MBTiles,MEM,MVT,MapInfo File,MapML,"
    "MiraMonVector,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,PDF,PDS4,PGDUMP,PLSCENES,PMTiles,"
    "S57,SQLite,SXF,Selafin,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)

_LIMITS = {
    "OGR_SKIP": _REMOVED,
    "GDAL_DRIVER_PATH": "disable",  # no plugin
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "CPL_ALLOW_VSISTDIN": "NO",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_PAM_ENABLED": "NO",  # no .aux.xml beside a file
    "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "OGR_SQLITE_DIALECT_ALLOW_CREATE_VIRTUAL_TABLE": "NO",
    "PROJ_NETWORK": "OFF",
}
os.environ.update(_LIMITS)

import pyogrio  # noqa: E402  (GDAL reads its limits when it is loaded)
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError  # noqa: E402

BROKEN = (DataSourceError, DataLayerError, FeatureError, GeometryError, UnicodeDecodeError, ValueError)
"""What GDAL and pyogrio raise for bytes that do not read."""


class NotConfined(RuntimeError):
    """GDAL has drivers it should not have: another version, or loaded before this module. Nothing is read."""


@dataclass(frozen=True, slots=True)
class Table:
    """One layer as GDAL gave it: its coordinate system ("" unknown), shapes (WKB or None) and columns by field."""

    crs: str
    fields: tuple[str, ...]
    shapes: Any
    columns: Any


def layers(content: bytes) -> dict[str, str]:
    """The layers in a file's bytes and the kind of their geometry. Raises one of BROKEN."""
    with _nothing_opens():
        return {str(name): str(kind or "") for name, kind in pyogrio.list_layers(content)}


def table(content: bytes, layer: int, *, most: int) -> Table:
    """At most `most` features of the layer at that place in `layers`. Raises one of BROKEN."""
    with _nothing_opens():
        meta, _fids, shapes, columns = pyogrio.raw.read(
            content, layer=layer, force_2d=True, max_features=most, datetime_as_string=True
        )
    return Table(meta["crs"] or "", tuple(str(field) for field in meta["fields"]), shapes, columns)


@contextmanager
def _nothing_opens() -> Iterator[None]:
    """Let this process open no file and no socket; what is open stays open. For a command, not for a thread among others."""
    _ready()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # GDAL repeats as warnings what the outlines' own checks say better
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@cache
def _ready() -> None:
    """Refuse a GDAL with other drivers, then let it open what it needs itself: PROJ's own database, libraries."""
    found = set(pyogrio.list_drivers())
    if found != KEPT:
        raise NotConfined(f"GDAL has other drivers than it should: {sorted(found ^ KEPT)}")
    crs = '{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::2154"}}'
    point = '{"type":"Feature","properties":{"a":"b"},"geometry":{"type":"Point","coordinates":[0,0]}}'
    content = f'{{"type":"FeatureCollection","crs":{crs},"features":[{point}]}}'.encode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.list_layers(content)
        pyogrio.raw.read(content, force_2d=True, datetime_as_string=True)
