"""The plane geometry under the city: inside, outside, holes, distances, areas."""

import pytest

from tension.city import Spot, Territory, Zone
from tension.city.drawing import seeded

SQUARE = [[2.30, 48.80], [2.40, 48.80], [2.40, 48.90], [2.30, 48.90], [2.30, 48.80]]
HOLE = [[2.34, 48.84], [2.36, 48.84], [2.36, 48.86], [2.34, 48.86], [2.34, 48.84]]


def test_inside_outside_and_in_a_hole() -> None:
    zone = Zone("x", "x", ((SQUARE, HOLE),))
    assert zone.contains(Spot(2.31, 48.81))
    assert not zone.contains(Spot(2.35, 48.85))
    assert not zone.contains(Spot(2.45, 48.85))


def test_samples_fall_inside() -> None:
    zone = Zone("x", "x", ((SQUARE, HOLE),))
    rng = seeded("samples")
    assert all(zone.contains(zone.sample(rng)) for _ in range(200))


def test_moving_a_hundred_metres_is_a_hundred_metres() -> None:
    here = Spot(2.35, 48.85)
    assert here.metres_to(here.moved(60, 80)) == pytest.approx(100, rel=0.001)


def test_area_leaves_the_hole_out() -> None:
    whole, holed = Zone("x", "x", ((SQUARE,),)), Zone("x", "x", ((SQUARE, HOLE),))
    assert whole.area() == pytest.approx(0.1 * 0.1 * 111_320**2 * 0.658, rel=0.01)
    assert holed.area() == pytest.approx(whole.area() * 0.96, rel=0.01)


@pytest.mark.parametrize(
    ("code", "number"),
    [("75110", 10), ("10", 10), ("10e", 10), ("75056", None), ("92012", None), ("A", None)],
)
def test_arrondissement_numbers(code: str, number: int | None) -> None:
    assert Zone(code, code, ((SQUARE,),)).number == number


def test_a_territory_locates_a_place_or_says_nowhere() -> None:
    territory = Territory((Zone("a", "a", ((SQUARE,),)),))
    found = territory.locate(Spot(2.35, 48.85))
    assert found is not None
    assert found.code == "a"
    assert territory.locate(Spot(0.0, 0.0)) is None


def test_an_empty_collection_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        Territory.from_geojson({"features": []})
