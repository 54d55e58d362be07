"""Outlines as SVG paths on the grid of a sector's squares: what the picker shows instead of a map.

Rule of the module: no tile, no third party, no point; one unit of the drawing is one square, north at the top.
"""

from collections.abc import Iterable, Sequence

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon

from outreach.places.services import Squares
from privacy.core.errors import BadCell
from privacy.core.grid import EUROPE, Grid

COARSE = 0.0001
"""Degrees (7 to 11 m in France): edges are drawn to that, which is less than a line is wide on a phone."""


def path(outline: GEOSGeometry, squares: Squares, grid: Grid = EUROPE) -> str:
    """The `d` of an SVG path for an outline in degrees, in units of squares. "" when nothing can be drawn."""
    if not squares.size:
        return ""
    parts = []
    for points in _rings(outline.simplify(COARSE, preserve_topology=True)):
        try:
            metres = [grid.forward(point[0], point[1]) for point in points[:-1]]
        except BadCell:
            continue
        corners = (
            f"{(east - squares.west) / squares.size:.2f} {(squares.north - north) / squares.size:.2f}"
            for east, north in metres
        )
        parts.append("M" + "L".join(corners) + "Z")
    return "".join(parts)


def neighbours(outline: GEOSGeometry, others: Iterable[GEOSGeometry]) -> list[GEOSGeometry]:
    """Those of `others` whose bounding box meets that of `outline`; degrees."""
    west, south, east, north = outline.extent
    found = []
    for other in others:
        left, low, right, high = other.extent
        if left <= east and right >= west and low <= north and high >= south:
            found.append(other)
    return found


def _rings(geometry: GEOSGeometry) -> list[Sequence[tuple[float, ...]]]:
    if isinstance(geometry, Polygon):
        return list(geometry.coords)
    if isinstance(geometry, MultiPolygon):
        return [ring for polygon in geometry.coords for ring in polygon]
    return []
