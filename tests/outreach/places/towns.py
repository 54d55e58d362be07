"""Small territories made for the tests, and the files that carry them: no real map is needed.

A town is a set of rectangles in whole metres of EPSG:3035, so that every overlap can be worked out by hand.
Files are written by other means than those under test where possible (json, zip, projections by pyproj).
"""

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from django.contrib.gis.geos import MultiPolygon, Polygon

from outreach.places.confined import pyogrio  # no other way to it: GDAL takes its limits when it is loaded
from privacy.core.grid import EUROPE

ORIGIN = (2_890_000, 3_760_000)
"""Northing and easting of a corner that is aligned to every rung, in Paris."""

Box = tuple[int, int, int, int]
"""West, south, east, north in metres from ORIGIN."""

TOWN: dict[str, Box] = {"A": (0, 0, 1000, 1000), "B": (1000, 0, 2000, 1000), "C": (0, 1000, 2000, 2000)}
NAMES = {"A": "Les Halles", "B": "Le Port", "C": "Côte d'Or"}


def plane(box: Box) -> MultiPolygon:
    """A box in metres of the grid."""
    west, south, east, north = box
    low, left = ORIGIN
    corners = (left + west, low + south, left + east, low + north)
    return MultiPolygon(Polygon.from_bbox(corners), srid=3035)


def ring(box: Box, step: int = 125) -> list[tuple[float, float]]:
    """The edge of a box in degrees; points every `step` metres, because a straight edge bends on the sphere."""
    west, south, east, north = box
    low, left = ORIGIN
    edge = [
        *((x, south) for x in range(west, east, step)),
        *((east, y) for y in range(south, north, step)),
        *((x, north) for x in range(east, west, -step)),
        *((west, y) for y in range(north, south, -step)),
        (west, south),
    ]
    return [EUROPE.inverse(left + x, low + y) for x, y in edge]


def feature(code: Any, name: Any, geometry: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, "nom": name, **more}, "geometry": geometry}


def polygon(box: Box) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring(box)]}


def features(town: dict[str, Box] = TOWN) -> list[dict[str, Any]]:
    return [feature(code, NAMES.get(code, code), polygon(box)) for code, box in town.items()]


def geojson(path: Path, content: list[dict[str, Any]] | None = None, **more: Any) -> Path:
    """A GeoJSON file, written by hand."""
    whole = {"type": "FeatureCollection", **more, "features": features() if content is None else content}
    path.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    return path


def projected(epsg: int, town: dict[str, Box] = TOWN) -> list[Any]:
    """The outlines of a town in another coordinate system."""
    move = pyproj.Transformer.from_crs(4326, epsg, always_xy=True)

    def moved(points: Any) -> Any:
        return np.column_stack(move.transform(points[:, 0], points[:, 1]))

    return [shapely.transform(shapely.Polygon(ring(box)), moved) for box in town.values()]


def table(path: Path, epsg: int = 2154, *, declared: int | str | None = "", layer: str | None = None) -> Path:
    """A GeoPackage or Shapefile in `epsg`, declaring `declared` (the truth unless given; None: nothing)."""
    said = epsg if declared == "" else declared
    outlines = projected(epsg)
    more = {"append": True} if path.exists() else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a file without a coordinate system is what some tests want
        _write(path, outlines, said, layer, more)
    return path


def _write(
    path: Path, outlines: list[Any], said: int | str | None, layer: str | None, more: dict[str, Any]
) -> None:
    pyogrio.raw.write(
        path,
        np.array([shapely.to_wkb(outline) for outline in outlines], dtype=object),
        [np.array(list(TOWN), dtype=object), np.array([NAMES[code] for code in TOWN], dtype=object)],
        ["code", "nom"],
        crs=None if said is None else f"EPSG:{said}",
        geometry_type="Polygon",
        layer=layer,
        **more,
    )


def zipped(path: Path, *, leave_out: tuple[str, ...] = (), epsg: int = 2154) -> Path:
    """A zip of a Shapefile and its companions."""
    shape = table(path.with_suffix(".shp"), epsg)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(shape.parent.glob(f"{shape.stem}.*")):
            if part.suffix not in (".zip", *leave_out):
                archive.write(part, f"dossier/{part.name}")
    return path
