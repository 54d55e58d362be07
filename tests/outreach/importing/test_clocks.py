"""Hours in a column of their own, or beside a date, in the ways people and tools write them."""

from datetime import date

import pytest

from outreach.importing import moments
from outreach.importing.mapping import Night
from outreach.importing.table import Row
from tests.outreach.importing.when import NOV_16, NOV_17, NOV_18, PARIS, night


@pytest.mark.parametrize(
    "clock",
    ["22:15", "22:15:00", "22h15", "22 h 15", "22H", "22h", "10:15 PM", "10:15 pm", "10 p.m.", "2215", "22", "22.15",
     "22,15", "0.927083333", "0,927083333", "1899-12-30 22:15:00", "1899-12-30T22:15:00", "30/12/1899 22:15", "vers 22h15",
     "10h15 du soir",
     "22h15-23h", "24:00", "", "NA", "NULL", "-", "22:15\u00a0", "22:15:00.000"],
)  # fmt: skip
def test_an_hour_in_a_column_of_its_own(clock: str) -> None:
    assert night("17/11/2026", "%d/%m/%Y", clock) == NOV_17


@pytest.mark.parametrize(
    "clock", ["1:30", "01:30:00", "1h30", "1:30 AM", "12:30 AM", "0130", "130", "1", "0.0625", "00:00"]
)
def test_an_hour_after_midnight_is_the_night_before(clock: str) -> None:
    assert night("18/11/2026", "%d/%m/%Y", clock) == NOV_17
    assert night("2026-11-18 00:00:00", "", clock) == NOV_17


@pytest.mark.parametrize("clock", ["25:99", "soir", "0.25", "22.3", "13:30 PM", "2575", "22:75", "?", "99"])
def test_an_hour_that_is_none_or_two_is_set_aside(clock: str) -> None:
    assert night("17/11/2026", "%d/%m/%Y", clock) is None


@pytest.mark.parametrize(
    "clock", ["10:15 p. m.", "10:15p", "10h15 soir", "9h ce soir", "8h30 pm", "10:15 PM - 11:00 PM", "2026-11-18 22:15",
              "18/11/2026 22:15", "entre 22h et 23h", "22h15 environ", "~22h", "22h15 ?", "22h à 2h"]
)  # fmt: skip
def test_what_stands_beside_an_hour_is_read_with_it(clock: str) -> None:
    assert night("18/11/2026", "%d/%m/%Y", clock) == NOV_18


@pytest.mark.parametrize(
    "clock", ["11h de la nuit", "10h-11h du soir", "8:30-9:30 pm", "10-11pm", "9h hier", "2026-11-19 01:30",
              "19/11/2026 01:30", "19 nov. 2026 01:30", "10h le 19", "12h30 du matin", "22h15 du matin", "10:15 PM du matin",
              "12h30 du soir", "0h30 du soir"]
)  # fmt: skip
def test_an_hour_beside_what_could_change_it_is_set_aside(clock: str) -> None:
    assert night("18/11/2026", "%d/%m/%Y", clock) is None


@pytest.mark.parametrize(
    ("text", "clock", "day"),
    [
        ("2026-11-16T23:00:00Z", "22:15", NOV_17),
        ("2026-11-16T23:00:00Z", "01:30", NOV_16),
        ("1794870000000", "22:15", NOV_17),
        ("1794870000000", "01:30", NOV_16),
        ("2026-11-18T00:00:00Z", "11:30", NOV_17),
        ("2026-11-18T00:00:00Z", "22:15", NOV_18),
        ("2026-11-17T23:30:00Z", "00:30", NOV_17),
    ],
)
def test_a_date_with_a_zone_is_the_associations_day_beside_an_hour(text: str, clock: str, day: date) -> None:
    """Its midnight is the file's or the association's, and the hour is the one on the wall."""
    assert night(text, "", clock) == day


@pytest.mark.parametrize(
    ("span", "day"),
    [
        ("05:00-07:00", NOV_17),
        ("05:00 - 07:00", NOV_17),
        ("05:00-07", NOV_17),
        ("20:00-23:00", NOV_18),
        ("20:00 - 23:00", NOV_18),
        ("22h-02", NOV_18),
    ],
)
def test_a_span_of_hours_is_no_offset(span: str, day: date) -> None:
    assert night("18/11/2026", "%d/%m/%Y", span) == day
    assert night(f"18/11/2026 {span}", "%d/%m/%Y") == day


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-18T05:00-07:00",
        "2026-11-18 05:00:00-07:00",
        "2026-11-18 05:00 -0700",
        "2026-11-18 05:00 UTC-7",
    ],
)
def test_an_offset_is_no_span(text: str) -> None:
    assert night(text) == NOV_18


def test_a_twelve_hour_pattern_of_its_own_column() -> None:
    assert night("18/11/2026", "%d/%m/%Y", "01:30 AM", "%I:%M %p") == NOV_17
    assert night("18/11/2026", "%d/%m/%Y", "01:30 PM", "%I:%M %p") == NOV_18
    assert night("18/11/2026", "%d/%m/%Y", "13:30:00", "%I:%M %p") == NOV_18


US = "%m/%d/%Y %I:%M %p"


@pytest.mark.parametrize(
    "text",
    ["11/25/2026 10:15", "11/25/2026 12:30", "11/25/2026 1h30", "11-25-2026 01:30:00", "11/25/26 10:15"],
)
def test_an_hour_without_its_half_of_the_day_is_none_where_the_pattern_has_one(text: str) -> None:
    assert night(text, US) is None
    assert night("18/11/2026", "%d/%m/%Y", text.split(" ")[1], "%I:%M %p") is None


@pytest.mark.parametrize(
    "text", ["11/18/2026 13:30", "11/18/2026 22:15", "11/18/2026 10:15 du soir", "2026-11-18T22:15:00", "11/18/2026",
             "11/19/2026 00:30"]
)  # fmt: skip
def test_an_hour_that_only_a_clock_of_24_has_is_read_beside_it(text: str) -> None:
    assert night(text, US) == NOV_18


@pytest.mark.parametrize("clock", ["1015", "10", "10.15"])
def test_neither_are_digits_alone(clock: str) -> None:
    assert night("18/11/2026", "%d/%m/%Y", clock, "%I:%M %p") is None


def test_a_typed_cell_needs_no_half_of_the_day() -> None:
    typed = Row(2, {"d": "2026-11-18 10:15:00", "t": ""}, typed=frozenset({"d"}))
    assert moments.read(typed, Night("d", US), PARIS).night(PARIS, hours=True) == NOV_17
    typed = Row(2, {"d": "18/11/2026", "t": "10:15:00"}, typed=frozenset({"t"}))
    wanted = Night("d", "%d/%m/%Y", "t", "%I:%M %p")
    assert moments.read(typed, wanted, PARIS).night(PARIS, hours=True) == NOV_17


def test_an_evening_is_an_evening_though_the_pattern_counts_to_24() -> None:
    assert night("18/11/2026 10:15 PM", "%d/%m/%Y %H:%M %p") == NOV_18
    assert night("18/11/2026 12:30 AM", "%d/%m/%Y %H:%M %p") == NOV_17
    assert night("18/11/2026 22:15 PM", "%d/%m/%Y %H:%M %p") == NOV_18
    assert night("18/11/2026", "%d/%m/%Y", "10:15 PM", "%H:%M %p") == NOV_18
