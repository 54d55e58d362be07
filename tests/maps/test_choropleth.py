"""Classes and their legend: every number falls where the words say, and a masked map never tells a small number."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.choropleth import CLASSES, bounds, class_of, classed, legend
from maps.templatetags.drawn import map_data, map_legend

CELL = "CRS3035RES1000mN2890000E3760000"


@given(st.integers(0, 500), st.none() | st.integers(2, 20))
def test_the_words_hold_for_every_number(people: int, few: int | None) -> None:
    """Reads the legend as a person does and asks whether the number fits its line."""
    people = (
        people if few is None or people >= 2 * few else 0
    )  # a masked number is 0 ("peu") or two teams' at least
    line = legend(few)[class_of(people, few) - 1]
    numbers = [int(number) for number in re.findall(r"\d+", line.label)]
    if line.number == 1:
        assert numbers == [] if few else people <= 1
    elif line.number == CLASSES:
        assert people >= numbers[0]
    else:
        assert numbers[0] <= people <= numbers[1]


@pytest.mark.parametrize("few", [None, 5, 10])
def test_five_classes_rising(few: int | None) -> None:
    assert [line.number for line in legend(few)] == [1, 2, 3, 4, 5]
    assert list(bounds(few)) == sorted(set(bounds(few)))


def test_few_is_said_and_never_counted() -> None:
    assert "peu" in legend(5)[0].label
    assert not re.search(r"\d", legend(5)[0].label)
    assert classed({"a": 0, "b": 10}, 5) == {"a": 1, "b": 2}


def test_the_page_gets_classes_and_no_number() -> None:
    data = map_data({"type": "FeatureCollection", "features": []}, {CELL: 4711}, "", 5)
    assert data["classes"] == {CELL: 5}
    assert data["names"] == {CELL: "N2890 E3760"}
    assert "4711" not in str(data)
    assert data["sectors"] is None


def test_a_page_without_squares_has_a_map_without_classes() -> None:
    data = map_data("", "", {"type": "FeatureCollection", "features": []}, "")
    assert data["cells"] is None
    assert data["classes"] == {}
    assert len(map_legend("")) == CLASSES
