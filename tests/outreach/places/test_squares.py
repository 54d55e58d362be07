"""Which square belongs to which sector: against areas worked out by hand, and against another library."""

import json

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.places.squares import assign_cells, covers, project
from privacy.core.grid import EUROPE, LADDER
from privacy.core.values import Cell
from tests.outreach.places.towns import ORIGIN, TOWN, Box, features, plane

NORTH, EAST = ORIGIN


def at(size: int, north: int, east: int) -> Cell:
    return Cell(size, NORTH + north, EAST + east)


def test_aligned_town_has_its_squares_and_no_other() -> None:
    cells = assign_cells({code: plane(box) for code, box in TOWN.items()})
    for size in LADDER:
        mine = {cell: code for cell, code in cells.items() if cell.size == size}
        assert len(mine) == 4_000_000 // size**2
        assert mine[at(size, 0, 0)] == "A"
        assert mine[at(size, 0, 1000)] == "B"
        assert mine[at(size, 1000, 0)] == mine[at(size, 1000, 1000)] == "C"


def test_the_larger_cover_wins() -> None:
    cells = assign_cells({"A": plane((0, 0, 130, 250)), "Z": plane((130, 0, 250, 250))})
    assert cells[at(250, 0, 0)] == "A"
    cells = assign_cells({"A": plane((0, 0, 120, 250)), "Z": plane((120, 0, 250, 250))})
    assert cells[at(250, 0, 0)] == "Z"


def test_equal_covers_go_to_the_smaller_code_in_any_order() -> None:
    left, right = plane((0, 0, 125, 250)), plane((125, 0, 250, 250))
    for shapes in ({"10": left, "2": right}, {"2": right, "10": left}):
        assert assign_cells(shapes)[at(250, 0, 0)] == "10"  # text order, told in the docs


def test_rungs_are_decided_each_on_its_own_area() -> None:
    """A sector may own every small square it covers and yet no big one."""
    small, big = plane((0, 0, 250, 250)), plane((250, 0, 1000, 1000))
    cells = assign_cells({"small": small, "big": big})
    assert cells[at(250, 0, 0)] == "small"
    assert cells[at(1000, 0, 0)] == "big"
    assert "small" not in {code for cell, code in cells.items() if cell.size > 250}


def test_a_square_that_is_not_touched_belongs_to_nobody() -> None:
    cells = assign_cells({"A": plane((0, 0, 250, 250))})
    assert set(cells) == {at(250, 0, 0), at(500, 0, 0), at(1000, 0, 0)}


def test_a_shared_edge_is_no_cover() -> None:
    assert set(covers(plane((0, 0, 250, 250)), 250)) == {ORIGIN}


def test_empty_territory() -> None:
    assert assign_cells({}) == {}


def test_progress_is_told_once_a_sector() -> None:
    ticks: list[int] = []
    assign_cells({code: plane(box) for code, box in TOWN.items()}, tick=lambda: ticks.append(1))
    assert len(ticks) == len(TOWN)


def test_projection_agrees_with_the_plane_it_was_drawn_on() -> None:
    for drawn, box in zip(features(), TOWN.values(), strict=True):
        degrees = GEOSGeometry(json.dumps(drawn["geometry"]))
        assert isinstance(degrees, Polygon)
        shape = project(MultiPolygon(degrees, srid=4326))
        assert abs(shape.area - plane(box).area) < 0.01
        assert shape.srid == EUROPE.crs


boxes = st.tuples(st.integers(0, 1500), st.integers(0, 1500), st.integers(1, 900), st.integers(1, 900)).map(
    lambda four: (four[0], four[1], four[0] + four[2], four[1] + four[3])
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("ABCDE"), boxes, min_size=1, max_size=5))
def test_same_answer_as_another_library_square_by_square(town: dict[str, Box]) -> None:
    """Every square of every rung against shapely, with no cleverness at all."""
    cells = assign_cells({code: plane(box) for code, box in town.items()})
    shapes = {
        code: shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)
        for code, (west, south, east, north) in town.items()
    }
    for size in LADDER:
        for low in range(0, 3000, size):
            for left in range(0, 3000, size):
                square = shapely.box(EAST + left, NORTH + low, EAST + left + size, NORTH + low + size)
                areas = {code: shape.intersection(square).area for code, shape in shapes.items()}
                best = min(areas, key=lambda code: (-round(areas[code], 2), code))
                expected = best if areas[best] > 0.005 else None
                assert cells.get(at(size, low, left)) == expected
