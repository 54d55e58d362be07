"""Squares as rows and columns: what a person reads on the picker."""

import pytest

from outreach.places.services import laid_out, letters
from privacy.core.values import Cell
from tests.outreach.places.towns import ORIGIN

NORTH, EAST = ORIGIN


def test_letters_go_east_and_numbers_go_south() -> None:
    cells = [Cell(500, NORTH + n, EAST + e) for n in (0, 500, 1000) for e in (0, 500)]
    grid = laid_out(cells, 500)
    assert (grid.rows, grid.columns) == (3, 2)
    assert [square.label for square in grid] == ["A1", "B1", "A2", "B2", "A3", "B3"]
    first = grid.squares[0]
    assert (first.cell.north, first.cell.east) == (NORTH + 1000, EAST)
    assert (grid.north, grid.west) == (NORTH + 1500, EAST)


def test_holes_keep_their_place() -> None:
    cells = [Cell(250, NORTH, EAST), Cell(250, NORTH + 500, EAST + 750)]
    labels = {square.label: (square.row, square.column) for square in laid_out(cells, 250)}
    assert labels == {"D1": (1, 4), "A3": (3, 1)}


def test_nothing_to_lay_out() -> None:
    grid = laid_out([], 500)
    assert (grid.rows, grid.columns, list(grid)) == (0, 0, [])


@pytest.mark.parametrize(
    ("column", "text"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_are_named_as_in_a_spreadsheet(column: int, text: str) -> None:
    assert letters(column) == text
