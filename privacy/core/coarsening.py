"""Snap, never jitter: a consented point becomes the square it stands in, always the same one.

Fresh noise averages out over repeated reports; a square does not. A square is half-open: it owns its southern
and western edge and its south-west corner. Going up the ladder is the only change of size, because any other
re-snapping intersects two grids and gives a finer place than either. The phone does the same
(``coarsening.js``); this side is the authority, and both are held to one file of vectors.
"""

from math import floor

from privacy.core.consent import ConsentProof, Purpose, check
from privacy.core.errors import BadCell
from privacy.core.grid import EUROPE, LADDER, Grid
from privacy.core.values import Cell, ExactPoint

__all__ = ["EUROPE", "LADDER", "Grid", "covering", "parent", "ring", "snap", "square_at"]

_RING_DECIMALS = 7  # degrees; about one centimetre


def snap(point: ExactPoint, size: int, proof: ConsentProof, grid: Grid = EUROPE) -> Cell:
    """The square of `size` metres that the point stands in.

    proof: a proof of consent to ZONE. Raises ConsentMissing, or BadCell for a size off the ladder or a point
    outside the grid's extent.
    """
    check(proof, Purpose.ZONE)
    return covering(point.lon, point.lat, size, grid)


def covering(lon: float, lat: float, size: int, grid: Grid = EUROPE) -> Cell:
    """The square over a public place (a sector, a station), in degrees. Never call it on a person."""
    return square_at(*grid.forward(lon, lat), size, grid)


def square_at(easting: float, northing: float, size: int, grid: Grid = EUROPE) -> Cell:
    """The square over a place in metres. Raises BadCell off the ladder or outside the extent."""
    if size not in grid.ladder or not grid.holds(easting, northing):
        raise BadCell
    return Cell(size, floor(northing / size) * size, floor(easting / size) * size, grid)


def parent(cell: Cell, size: int) -> Cell:
    """The square of `size` metres around `cell` (itself at its own size). Raises BadCell downwards."""
    if size not in cell.grid.ladder or size < cell.size:
        raise BadCell
    return Cell(size, cell.north // size * size, cell.east // size * size, cell.grid)


def ring(cell: Cell) -> list[tuple[float, float]]:
    """The outline: five (lon, lat) in degrees, counter-clockwise from the south-west corner, closed.

    As RFC 7946 wants it. Rounded to 7 decimals; squares that share a corner share its digits.
    """
    east, north, size = cell.east, cell.north, cell.size
    corners = [(east, north), (east + size, north), (east + size, north + size), (east, north + size)]
    outline = [_rounded(cell.grid.inverse(x, y)) for x, y in corners]
    return [*outline, outline[0]]


def _rounded(place: tuple[float, float]) -> tuple[float, float]:
    return round(place[0], _RING_DECIMALS), round(place[1], _RING_DECIMALS)
