"""Snapping: right to the millimetre, the same each time, and never without consent."""

import random
from itertools import pairwise
from math import floor
from typing import Any

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.core import coarsening
from privacy.core.coarsening import covering, parent, ring, snap, square_at
from privacy.core.consent import Purpose
from privacy.core.errors import BadCell, ConsentMissing
from privacy.core.grid import EUROPE, LADDER, Grid
from privacy.core.values import Cell, ExactPoint
from tests.privacy.core.given import proof, vectors

MILLIMETRE = 0.001
VECTORS = vectors("coarsening.json")
PUBLISHED = vectors("published_cells.json")
THERE = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3035", always_xy=True)

LONS = st.floats(-9.5, 30.0)
LATS = st.floats(36.0, 69.0)
SIZES = st.sampled_from(LADDER)
EASTINGS = st.floats(EUROPE.west, EUROPE.east, exclude_max=True)
NORTHINGS = st.floats(EUROPE.south, EUROPE.north, exclude_max=True)


def grid_of(entry: dict[str, Any]) -> Grid:
    return Grid(**{**entry["grid"], "ladder": tuple(entry["grid"]["ladder"])})


CASES = [
    pytest.param(grid_of(entry), case, id=f"{entry['name']}: {case['place']}")
    for entry in VECTORS["grids"]
    for case in entry["cases"]
]


class TestAgainstOthers:
    def test_the_vectors_speak_of_our_grid(self) -> None:
        assert grid_of(VECTORS["grids"][0]) == EUROPE
        assert len(CASES) > 100

    @pytest.mark.parametrize(("grid", "case"), CASES)
    def test_vectors(self, grid: Grid, case: dict[str, Any]) -> None:
        easting, northing = grid.forward(case["lon"], case["lat"])
        assert abs(easting - case["easting"]) < MILLIMETRE
        assert abs(northing - case["northing"]) < MILLIMETRE
        for size, name in case["cells"].items():
            assert covering(case["lon"], case["lat"], int(size), grid).id == name
        outline = ring(covering(case["lon"], case["lat"], 500, grid))
        for place, witness in zip(outline, case["ring500"], strict=True):
            assert place == pytest.approx(witness, abs=6e-8)  # rounding to 7 decimals

    @given(LONS, LATS)
    def test_proj_agrees_to_a_millimetre(self, lon: float, lat: float) -> None:
        witness = THERE.transform(lon, lat)
        ours = EUROPE.forward(lon, lat)
        assert max(abs(a - b) for a, b in zip(ours, witness, strict=True)) < MILLIMETRE

    @given(EASTINGS, NORTHINGS)
    def test_proj_agrees_on_the_way_back(self, easting: float, northing: float) -> None:
        # Through PROJ's forward: its inverse is a series, 1.5 mm off in the corners of the extent.
        witness = THERE.transform(*EUROPE.inverse(easting, northing))
        assert max(abs(witness[0] - easting), abs(witness[1] - northing)) < MILLIMETRE

    @given(EASTINGS, NORTHINGS)
    def test_there_and_back(self, easting: float, northing: float) -> None:
        lon, lat = EUROPE.inverse(easting, northing)
        try:
            there = EUROPE.forward(lon, lat)
        except BadCell:  # within a hair of the extent
            assert min(easting - EUROPE.west, EUROPE.east - easting) < MILLIMETRE or (
                min(northing - EUROPE.south, EUROPE.north - northing) < MILLIMETRE
            )
            return
        assert max(abs(there[0] - easting), abs(there[1] - northing)) < MILLIMETRE

    @pytest.mark.parametrize("case", PUBLISHED["points"], ids=lambda case: case["source"])
    def test_published_points(self, case: dict[str, Any]) -> None:
        easting, northing = EUROPE.forward(case["lon"], case["lat"])
        assert easting == pytest.approx(case["easting"], abs=case["tolerance"])
        assert northing == pytest.approx(case["northing"], abs=case["tolerance"])

    @pytest.mark.parametrize("case", PUBLISHED["cells"], ids=lambda case: case["where"])
    def test_published_squares_lie_where_their_publisher_says(self, case: dict[str, Any]) -> None:
        fine = grid_of({"grid": {**VECTORS["grids"][0]["grid"], "ladder": [200, 1000]}})
        square = Cell.parse(case["id"], fine)
        for lon, lat in ring(square):
            assert case["west"] < lon < case["east"]
            assert case["south"] < lat < case["north"]
        middle = EUROPE.inverse(square.east + square.size / 2, square.north + square.size / 2)
        assert covering(*middle, square.size, fine) == square

    def test_the_extent_is_the_regulation_s(self) -> None:
        extent = PUBLISHED["extent"]
        assert (EUROPE.west, EUROPE.south, EUROPE.east, EUROPE.north) == tuple(
            extent[side] for side in ("west", "south", "east", "north")
        )


class TestConsentRequired:
    def test_with_a_proof(self) -> None:
        cell = snap(ExactPoint(2.3522, 48.8566), 500, proof(Purpose.ZONE))
        assert cell == Cell(500, 2_889_000, 3_760_500)

    @pytest.mark.parametrize("other", [Purpose.RECONTACT, Purpose.QUOTE])
    def test_with_a_proof_for_something_else(self, other: Purpose) -> None:
        with pytest.raises(ConsentMissing):
            snap(ExactPoint(2.3522, 48.8566), 500, proof(other))

    @pytest.mark.parametrize("nothing", [None, True, object(), "zone"])
    def test_without_one(self, nothing: Any) -> None:
        with pytest.raises(ConsentMissing):
            snap(ExactPoint(2.3522, 48.8566), 500, nothing)

    def test_the_proof_comes_before_the_place(self) -> None:
        with pytest.raises(ConsentMissing):
            snap(ExactPoint(-73.6, 45.5), 123, None)  # type: ignore[arg-type]


class TestSnapping:
    @given(LONS, LATS, SIZES)
    def test_the_point_stands_in_its_square(self, lon: float, lat: float, size: int) -> None:
        cell = covering(lon, lat, size)
        easting, northing = EUROPE.forward(lon, lat)
        assert cell.east <= easting < cell.east + size
        assert cell.north <= northing < cell.north + size

    @given(LONS, LATS, SIZES)
    def test_it_answers_the_same_each_time(self, lon: float, lat: float, size: int) -> None:
        assert len({covering(lon, lat, size).id for _ in range(20)}) == 1

    @given(EASTINGS, NORTHINGS, SIZES)
    def test_everyone_in_a_square_gives_the_same_answer(
        self, easting: float, northing: float, size: int
    ) -> None:
        cell = square_at(easting, northing, size)
        middle = square_at(cell.east + size / 2, cell.north + size / 2, size)
        corner = square_at(cell.east, cell.north, size)
        assert cell == middle == corner

    @given(EASTINGS, NORTHINGS)
    def test_squares_nest(self, easting: float, northing: float) -> None:
        squares = [square_at(easting, northing, size) for size in LADDER]
        for low in squares:
            for high in squares:
                if high.size >= low.size:
                    assert parent(low, high.size) == high

    def test_a_square_owns_its_southern_and_western_edge(self) -> None:
        east, north = 3_760_500, 2_889_000
        assert square_at(east, north, 500).id == "CRS3035RES500mN2889000E3760500"
        assert square_at(east + 499.999, north + 499.999, 500).id == "CRS3035RES500mN2889000E3760500"
        assert square_at(east + 500, north, 500).id == "CRS3035RES500mN2889000E3761000"
        assert square_at(east, north + 500, 500).id == "CRS3035RES500mN2889500E3760500"

    def test_the_extent_is_half_open_too(self) -> None:
        inside = square_at(EUROPE.west, EUROPE.south, 1000)
        assert (inside.east, inside.north) == (EUROPE.west, EUROPE.south)
        assert square_at(EUROPE.east - 1, EUROPE.north - 1, 1000).east == EUROPE.east - 1000
        for east, north in (
            (EUROPE.east, EUROPE.south),
            (EUROPE.west, EUROPE.north),
            (EUROPE.west - 0.001, EUROPE.south),
            (EUROPE.west, EUROPE.south - 0.001),
        ):
            with pytest.raises(BadCell):
                square_at(east, north, 1000)

    def test_going_down_is_refused(self) -> None:
        with pytest.raises(BadCell):
            parent(Cell(1000, 2_889_000, 3_760_000), 500)
        with pytest.raises(BadCell):
            parent(Cell(500, 2_889_000, 3_760_500), 750)

    @pytest.mark.parametrize("size", [0, -500, 1, 100, 200, 499, 2000])
    def test_sizes_off_the_ladder_are_refused(self, size: int) -> None:
        with pytest.raises(BadCell):
            covering(2.3522, 48.8566, size)

    @pytest.mark.parametrize(
        ("lon", "lat"),
        [
            (-73.56, 45.51),
            (2.35, -48.85),
            (-170.0, -52.0),  # the point opposite the origin
            (0.0, 90.0),
            (180.0, 0.0),
            (200.0, 48.0),
            (float("nan"), 48.0),
            (2.0, float("inf")),
        ],
    )
    def test_points_off_the_grid_are_refused(self, lon: float, lat: float) -> None:
        with pytest.raises(BadCell) as caught:
            covering(lon, lat, 500)
        assert str(caught.value) == "bad-cell"

    @given(st.floats(), st.floats())
    def test_any_number_gives_a_square_or_bad_cell(self, lon: float, lat: float) -> None:
        try:
            cell = covering(lon, lat, 1000)
        except BadCell:
            return
        assert Cell.parse(cell.id) == cell

    @given(EASTINGS, NORTHINGS, SIZES)
    def test_rings_are_closed_and_turn_left(self, easting: float, northing: float, size: int) -> None:
        outline = ring(square_at(easting, northing, size))
        assert len(outline) == 5
        assert outline[0] == outline[-1]
        crossings = [a[0] * b[1] - b[0] * a[1] for a, b in pairwise(outline)]
        lons = [lon for lon, _ in outline]
        assert sum(crossings) > 0 or max(lons) - min(lons) > 180

    def test_neighbours_share_the_digits_of_their_corners(self) -> None:
        left, right = Cell(500, 2_889_000, 3_760_500), Cell(500, 2_889_000, 3_761_000)
        assert set(ring(left)) & set(ring(right)) == {ring(left)[1], ring(left)[2]}

    @given(EASTINGS, NORTHINGS)
    def test_the_middle_of_a_ring_is_in_its_square(self, easting: float, northing: float) -> None:
        cell = square_at(easting, northing, 250)
        assert covering(*EUROPE.inverse(cell.east + 125, cell.north + 125), 250) == cell


class TestGrid:
    @pytest.mark.parametrize(
        "change",
        [
            {"ladder": ()},
            {"ladder": (0, 500)},
            {"ladder": (500, 250)},
            {"ladder": (200, 500, 1000)},  # 200 and 500 do not nest
            {"lat0": 90.0},
            {"lat0": 0.0},
            {"west": 7_400_000},
            {"north": 100},
            {"east": 20_000_000},
            {"west": 900_500},
        ],
    )
    def test_a_grid_that_cannot_hold_is_refused(self, change: dict[str, Any]) -> None:
        settings = {**VECTORS["grids"][0]["grid"], "ladder": LADDER, **change}
        with pytest.raises(BadCell):
            Grid(**settings)

    def test_squares_of_two_grids_are_never_equal(self) -> None:
        other = grid_of({"grid": {**VECTORS["grids"][0]["grid"], "crs": 60001}})
        assert Cell(500, 2_889_000, 3_760_500, other) != Cell(500, 2_889_000, 3_760_500)
        with pytest.raises(BadCell):
            Cell.parse("CRS3035RES500mN2889000E3760500", other)

    def test_the_origin(self) -> None:
        assert EUROPE.forward(10.0, 52.0) == pytest.approx((4_321_000.0, 3_210_000.0), abs=1e-6)
        assert EUROPE.inverse(4_321_000.0, 3_210_000.0) == (10.0, 52.0)
        with pytest.raises(BadCell):
            EUROPE.inverse(4_321_000.0 + 2 * 6_400_000, 3_210_000.0)
        with pytest.raises(BadCell):
            EUROPE.inverse(float("nan"), 0.0)

    def test_squares_have_equal_area(self) -> None:
        """Equal area is why LAEA was taken: a count per square means the same everywhere."""
        geod = pyproj.Geod(ellps="GRS80")
        for lon, lat in ((2.35, 48.86), (25.78, 71.17), (-9.14, 38.71), (33.36, 35.18)):
            outline = ring(covering(lon, lat, 1000))
            lons, lats = zip(*outline, strict=True)
            area, _ = geod.polygon_area_perimeter(lons, lats)
            assert area == pytest.approx(1_000_000, rel=2e-5)


def test_fresh_noise_averages_out_and_squares_do_not() -> None:
    """Why there is no jitter: a hundred reads of a jittered point find it, a thousand of a square do not."""
    dice = random.Random(125)  # noqa: S311  (a simulation)
    easting, northing = 3_760_812.3, 2_889_377.7
    reads = [(easting + dice.gauss(0, 125), northing + dice.gauss(0, 125)) for _ in range(400)]
    mean = [sum(axis) / len(reads) for axis in zip(*reads, strict=True)]
    assert abs(mean[0] - easting) < 25
    assert abs(mean[1] - northing) < 25
    squares = {square_at(easting, northing, 500) for _ in range(1000)}
    assert len(squares) == 1
    assert (squares.pop().east, floor(easting)) == (3_760_500, 3_760_812)


def test_the_room_has_no_dice() -> None:
    assert not hasattr(coarsening, "random")
