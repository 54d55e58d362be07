"""What the rest of the service asks about places: which sector a square belongs to, which squares a sector has.

Rule of the module: a place is a square or a sector. No function here takes a point.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from outreach.places.models import Sector, SectorCell
from privacy.core.values import Cell


@dataclass(frozen=True, slots=True)
class Square:
    """A square and where it stands in the picker: `label` "C4", `row` and `column` from 1, north first."""

    cell: Cell
    label: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Squares:
    """Squares as rows and columns. `north`, `west`: metres, the outer edges of the first row and column."""

    size: int
    rows: int
    columns: int
    north: int
    west: int
    squares: tuple[Square, ...]

    def __iter__(self) -> Iterator[Square]:
        return iter(self.squares)


def sector_of(association_id: UUID, cell: Cell) -> UUID | None:
    """The sector that `cell` belongs to by largest overlap, None when no active sector touches it."""
    return (
        SectorCell.objects.filter(association_id=association_id, cell=cell.id)
        .values_list("sector_id", flat=True)
        .first()
    )


def cells_of(sector: Sector | UUID, size: int) -> list[Cell]:
    """The squares of `size` metres that belong to the sector, from north to south, then west to east.

    A small sector may have none: its bigger neighbours cover more of every square that it touches.
    """
    sector_id = sector.pk if isinstance(sector, Sector) else sector
    ids = SectorCell.objects.filter(sector_id=sector_id, size=size).values_list("cell", flat=True)
    return sorted((Cell.parse(text) for text in ids), key=lambda cell: (-cell.north, cell.east))


def squares_grid(sector: Sector | UUID, size: int) -> Squares:
    """The squares of a sector laid out: letters from west to east, numbers from north to south."""
    return laid_out(cells_of(sector, size), size)


def labels_of(sector_ids: Iterable[UUID], size: int) -> dict[str, str]:
    """Square → its letter and number in its sector, for all squares of these sectors in one statement."""
    cells: dict[UUID, list[Cell]] = defaultdict(list)
    rows = SectorCell.objects.filter(sector_id__in=list(sector_ids), size=size)
    for sector_id, text in rows.values_list("sector_id", "cell"):
        cells[sector_id].append(Cell.parse(text))
    return {square.cell.id: square.label for found in cells.values() for square in laid_out(found, size)}


def laid_out(cells: list[Cell], size: int) -> Squares:
    """Squares of one size as rows and columns, labelled. No square: no row, no column."""
    if not cells:
        return Squares(size, 0, 0, 0, 0, ())
    north = max(cell.north for cell in cells)
    west = min(cell.east for cell in cells)
    squares = []
    for cell in sorted(cells, key=lambda cell: (-cell.north, cell.east)):
        row, column = (north - cell.north) // size, (cell.east - west) // size
        squares.append(Square(cell, f"{letters(column)}{row + 1}", row + 1, column + 1))
    return Squares(
        size,
        max(square.row for square in squares),
        max(square.column for square in squares),
        north + size,
        west,
        tuple(squares),
    )


def letters(column: int) -> str:
    """A column counted from 0 as in a spreadsheet: A … Z, AA, AB …"""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
