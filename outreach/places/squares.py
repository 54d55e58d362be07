"""Which square belongs to which sector: pure geometry on the equal-area plane, no database.

Rule of the module: a square belongs to exactly one sector, the one that covers most of it; equal covers go to
the smaller code. The sector of an encounter is then derived from its square, never from a point: the
intersection of a sector and a square would be a far finer place than either (docs/adr/0005). Areas are added
up from the finest rung, so that the rungs agree with each other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import product

from django.contrib.gis.geos import MultiPolygon, Polygon

from privacy.core.grid import EUROPE, Grid
from privacy.core.values import Cell

Corner = tuple[int, int]
"""Northing and easting of a square's south-west corner, in metres."""

HUNDREDTH = 2
"""Areas are read to 0.01 m²: below it, two geometry libraries disagree."""


def project(outline: MultiPolygon, grid: Grid = EUROPE) -> MultiPolygon:
    """The outline in metres of the grid; `outline` is in degrees, lon first. BadCell outside the extent."""

    def ring(points: tuple[tuple[float, ...], ...]) -> list[tuple[float, float]]:
        return [grid.forward(point[0], point[1]) for point in points]

    return MultiPolygon(
        [Polygon(*(ring(part) for part in polygon)) for polygon in outline.coords], srid=grid.crs
    )


def covers(shape: MultiPolygon, size: int) -> dict[Corner, float]:
    """Square metres of `shape` (metres of the grid) in each square of `size` metres that it covers at all."""
    found: dict[Corner, float] = {}
    if shape.empty:
        return found
    prepared = shape.prepared

    def walk(low: int, left: int, side: int, inside: bool) -> None:
        """Halve blocks until they lie fully inside, fully outside, or are one square."""
        if not inside:
            square = Polygon.from_bbox((left, low, left + side, low + side))
            if not prepared.intersects(square):
                return
            inside = prepared.contains(square)
            if not inside and side == size:
                area = shape.intersection(square).area
                if round(area, HUNDREDTH) > 0:
                    found[low, left] = area
                return
        if side == size:
            found[low, left] = float(size * size)
            return
        half = side // 2
        for up, right in product((0, half), repeat=2):
            walk(low + up, left + right, half, inside)

    for low, left, side in _blocks(shape.extent, size):
        walk(low, left, side, inside=False)
    return found


def _blocks(extent: tuple[float, float, float, float], size: int) -> Iterator[tuple[int, int, int]]:
    """Yield (low, left, side) of the few large squares, `size` doubled until it spans `extent`, that cover it."""
    west, south, east, north = extent
    side = size
    while side < max(east - west, north - south):
        side *= 2
    for low in range(int(south // side) * side, int(north) + 1, side):
        for left in range(int(west // side) * side, int(east) + 1, side):
            yield low, left, side


def assign_cells(
    shapes: Mapping[str, MultiPolygon], grid: Grid = EUROPE, tick: Callable[[], object] = lambda: None
) -> dict[Cell, str]:
    """Every square of every rung that the territory touches, with the code of the sector it belongs to.

    `shapes` maps a sector's code to its outline in metres of `grid`; `tick` is called once a sector.
    """
    finest = grid.ladder[0]
    by_square: dict[Corner, dict[str, float]] = defaultdict(dict)
    for code, shape in shapes.items():
        for corner, area in covers(shape, finest).items():
            by_square[corner][code] = area
        tick()
    return {
        Cell(size, north, east, grid): _most(areas)
        for size in grid.ladder
        for (north, east), areas in sorted(_gathered(by_square, size))
    }


def _gathered(
    by_square: Mapping[Corner, Mapping[str, float]], size: int
) -> Iterator[tuple[Corner, dict[str, float]]]:
    """The covers of the finest squares, added up in the squares of `size` metres."""
    wide: dict[Corner, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (north, east), areas in by_square.items():
        corner = (north - north % size, east - east % size)
        for code, area in areas.items():
            wide[corner][code] += area
    yield from wide.items()


def _most(areas: Mapping[str, float]) -> str:
    """The code that covers most; between equals, the smaller code."""
    return min(areas, key=lambda code: (-round(areas[code], HUNDREDTH), code))
