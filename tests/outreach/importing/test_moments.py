"""Dates and hours in the ways people, spreadsheets and other tools write them; what has two meanings has none here."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.importing import moments
from outreach.importing.errors import ImportRefused
from outreach.importing.mapping import Night
from outreach.importing.table import Row
from tests.outreach.importing.files import mapping
from tests.outreach.importing.when import NOV_16, NOV_17, NOV_18, PARIS, night


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-17",
        "2026/11/17",
        "2026-11-17T22:15:00",
        "2026-11-17T22:15:00.000Z",
        "2026-11-17T22:15:00+01:00",
        "2026-11-17T22:15:00.123456+0100",
        "2026-11-18T01:30",
        "2026-11-18 1:30",
        "2026-11-17 22:15:00 UTC",
        "2026/11/17 22:15:00+00",
        "2026-11-17T24:00",
        "2026:11:17 22:15:00",
        "20261117",
        "20261117T221500",
        "20261117T2215+0100",
        "20261117T2115Z",
        "20261117 22:15",
        "2026-11-17T22",
        "20261117221500",
        "202611172215",
        "2026-W47-2",
        "1794953700000",
        "1794953700",
        "1794953700.0",
        "1794953700000000",
        "46343",
        "46343.927083",
        "46343,927083",
        "46344,0625",
        "17 novembre 2026",
        "17 novembre 2026 à 22h15",
        "mardi 17 novembre 2026 à 22 h 15",
        "MARDI 17 NOVEMBRE 2026",
        "mar. 17 NOV. 2026",
        "le 17 nov. 2026, 22h15",
        "17-Nov-26",
        "17 Nov 2026 10:15 PM",
        "Nov 17, 2026, 10:15:00 PM",
        "17 nov. 2026 à 10h15 du soir",
        "18 nov. 2026 à 1h30 du matin",
        "2026-11-17T22:15:00.000+01:00[Europe/Paris]",
        "2026/11/17 10:15:30 PM UTC+1",
        "2026/11/17 10:15:30 PM GMT+1",
        "2026-11-17 22:15:00 +0100 CET",
        "2026-11-17 22:15 CET",
        "17-nov.-26",
        "nuit du 17 au 18 novembre 2026",
        "Nuit du mardi 17 au mercredi 18 novembre 2026",
        "17-18 nov. 2026",
        "November 17th, 2026",
        "Tue, 17 Nov 2026 22:15:00 +0100",
        "Tue Nov 17 2026 22:15:00 GMT+0100 (CET)",
        "Tue Nov 17 22:15:00 2026",
        "22:15 - 17 nov. 2026",
        "18 nov. 2026 01:30",
        "18 nov. 2026 1:30 a.m.",
        "2026\u00a0nov.\u202f17",
        " \ufeff2026-11-17 ",
    ],
)
def test_without_a_pattern_what_has_one_meaning_is_read(text: str) -> None:
    assert night(text) == NOV_17


@pytest.mark.parametrize(
    "text", ["lun. 16 NOV. 2026", "16 nov. 2026", "1794863700000", "46342", "2026-11-16"]
)
def test_another_day_is_another_night(text: str) -> None:
    assert night(text) == NOV_16


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1er mars 2026", date(2026, 3, 1)),
        ("mar. 3 mars 2026", date(2026, 3, 3)),
        ("3 mar 2026", date(2026, 3, 3)),
        ("Mar 3, 2026", date(2026, 3, 3)),
        ("12 août 2026", date(2026, 8, 12)),
        ("12 AOU\u0302T 2026", date(2026, 8, 12)),
        ("2 févr. 2026", date(2026, 2, 2)),
        ("24 déc. 2025", date(2025, 12, 24)),
        ("4 juil. 2026", date(2026, 7, 4)),
    ],
)
def test_months_in_letters(text: str, day: date) -> None:
    assert night(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "", "hier", "03/04/2026", "17/11/2026", "17.11.26", "31 novembre 2026", "17 novembre", "novembre 2026", "2026",
        "0", "1", "12", "123456", "-1", "17 brumaire 2026", "17 nov. 1743", "1726-03-01", "1900-01-00", "0001-01-01",
        "17 nov 18 dec 2026",
        "17-19 nov. 2026",
        "du 17 novembre au 18 décembre 2026", "2026-11-17 25:00", "2026-11-17 22:99", "13:30 PM 17 nov. 2026", "1.7431E+12",
        "99999-01-01", "2026-13-01", "9999999999999999999", "22:15", "1970-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_what_has_two_meanings_or_none_is_set_aside(text: str) -> None:
    assert night(text) is None


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("17/11/2026", "%d/%m/%Y"),
        ("17/11/26", "%d/%m/%y"),
        ("17/11/2026 22:15", "%d/%m/%Y"),
        ("17/11/2026 22:15:00", "%d/%m/%Y %H:%M"),
        ("17/11/2026 22h15", "%d/%m/%Y %H:%M"),
        ("17/11/2026 à 22h15", "%d/%m/%Y à %Hh%M"),
        ("17/11/2026", "%d/%m/%Y %H:%M"),
        ("17.11.2026", "%d.%m.%Y"),
        ("mar 17/11/2026 - 22:15", "%d/%m/%Y"),
        ("mar. 17/11/2026 22:15", "%a %d/%m/%Y %H:%M"),
        ("17/11/2026 - 22:15:00", "%d/%m/%Y - %H:%M"),
        ("17/11/2026 at 22:15:00", "%d/%m/%Y at %H:%M"),
        ("2026-11-17T22:15:00.000Z", "%Y-%m-%dT%H:%M:%S"),
        ("17-11-2026", "%d/%m/%Y"),
        ("17 . 11 . 2026 22:15", "%d/%m/%Y %H:%M"),
        ("17/11/26", "%d/%m/%Y"),
        ("17/11/26 22h15", "%d/%m/%Y"),
        ("17/11/2026", "%d/%m/%y"),
        ("2026/11/17", "%Y-%m-%d"),
        ("mardi 17/11/2026", "%d/%m/%Y"),
        ("mar. 17 nov. 2026", "%a %d %b %Y"),
        ("MARDI 17 NOVEMBRE 2026", "%A %d %B %Y"),
        ("mardi 17 nov. 2026", "%A %d %B %Y"),
        ("Tuesday, November 17, 2026", "%A, %B %d, %Y"),
        ("17NOV2026", "%d%b%Y"),
        ("18/11/2026 01:30", "%d/%m/%Y %H:%M"),
        ("11/18/2026 1:30 AM", "%m/%d/%Y %I:%M %p"),
        ("11/18/2026 1:30\u202fAM", "%m/%d/%Y %I:%M %p"),
        ("11/17/2026 10:15 p.m.", "%m/%d/%Y %I:%M %p"),
        ("11/18/2026 12:00:00 AM", "%m/%d/%Y %I:%M:%S %p"),
        ("11/17/2026, 10:15:00 PM", "%m/%d/%Y"),
        ("17/11/2026 22:15 +0100", "%d/%m/%Y %H:%M %z"),
        ("22:15 17/11/2026", "%H:%M %d/%m/%Y"),
        ("17\u00a0/\u00a011\u00a0/\u00a02026", "%d / %m / %Y"),
        ("20261117", "%Y%m%d"),
        ("17/11/2026 22:15", "%-d/%-m/%Y %H:%M"),
        # What cannot be this pattern's is read as without one: the same rows out of another program.
        ("2026-11-17", "%d/%m/%Y"),
        ("2026/11/17 22:15:00", "%d/%m/%Y"),
        ("1794953700000", "%d/%m/%Y"),
        ("46343", "%d/%m/%Y"),
        ("17 novembre 2026", "%d/%m/%Y"),
    ],
)
def test_with_a_pattern(text: str, pattern: str) -> None:
    assert night(text, pattern) == NOV_17


@pytest.mark.parametrize(
    ("text", "pattern", "day"),
    [
        ("1NOV2026", "%d%b%Y", date(2026, 11, 1)),
        ("3042026", "%d%m%Y", None),
        ("17112026", "%d%m%Y", NOV_17),
        ("171126", "%d%m%Y", NOV_17),
        ("17112026 9:15", "%d%m%Y %H:%M", NOV_16),
        ("20261117221500+01:00", "%Y%m%d%H%M%S%z", NOV_17),
    ],
)
def test_numbers_with_nothing_between_them_have_all_their_digits(
    text: str, pattern: str, day: date | None
) -> None:
    """Without its zero, 3042026 may be 30 April or 3 April."""
    assert night(text, pattern) == day


@pytest.mark.parametrize(
    ("clock", "day"),
    [("120", NOV_17), ("159", NOV_17), ("200", NOV_17), ("20", NOV_18), ("2015", NOV_18), ("0130", NOV_17)],
)
def test_so_has_an_hour_or_it_is_read_as_without_a_pattern(clock: str, day: date) -> None:
    assert night("18/11/2026", "%d/%m/%Y", clock, "%H%M") == day


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("Tue Nov 10 22:15:00 2026", "%d/%m/%Y"),
        ("nov. 10 2026", "%d/%m/%Y"),
        ("nov/10/2026 22:15", "%d/%m/%Y %H:%M"),
        ("nov 10 26", "%d %b %Y"),
        ("10 nov 2026", "%m/%d/%Y"),
        ("11-nov-2026 01:30", "%m/%d/%Y"),
        ("10 novembre 2026 22:15", "%m/%d/%Y %H:%M"),
    ],
)
def test_a_month_in_letters_is_that_month_whatever_the_patterns_order(text: str, pattern: str) -> None:
    assert night(text, pattern) == date(2026, 11, 10)


@pytest.mark.parametrize("text", ["2026 10 nov", "2026-10-nov"])
def test_and_none_where_the_year_comes_first(text: str) -> None:
    assert night(text, "%Y-%m-%d") is None


def test_a_pattern_that_begins_with_the_year_is_never_read_otherwise() -> None:
    assert night("2026-17-11", "%Y-%d-%m") == NOV_17
    assert night("2026-11-17", "%Y-%d-%m") is None
    assert night("17/13/2026", "%d/%m/%Y") is None
    assert night("26-11-17", "%d/%m/%Y") is None
    assert night("31/02/2026", "%d/%m/%Y") is None
    assert night("17/11/0026", "%d/%m/%Y") is None


def column(*texts: str) -> list[date]:
    """The nights of a whole column, as an import reads it."""
    wanted = Night("d")
    rows = [Row(line, {"d": text}) for line, text in enumerate(texts, start=2)]
    hours = moments.has_hours(rows, wanted, PARIS)
    return [moments.read(row, wanted, PARIS).night(PARIS, hours=hours) for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-17 00:00:00", "2026-11-17T00:00:00Z", "2026-11-16T23:00:00.000Z", "2026/11/17 00:00:00+00",
        "1794873600000", "1794870000000", "17 nov. 2026 12:00 AM",
    ],
)  # fmt: skip
def test_midnight_is_a_date_alone_where_the_column_has_no_other_hour(text: str) -> None:
    assert column(text, text) == [NOV_17, NOV_17]
    assert column(text, "2026-11-10 22:15") == [NOV_16, date(2026, 11, 10)]


@pytest.mark.parametrize(("text", "pattern"), [("2026-11-17 24:00", ""), ("17/11/2026 24h00", "%d/%m/%Y")])
def test_the_end_of_a_day_is_no_date_alone(text: str, pattern: str) -> None:
    wanted = Night("d", pattern)
    assert moments.read(Row(2, {"d": text}), wanted, PARIS).night(PARIS, hours=False) == NOV_17


@pytest.mark.parametrize(
    "pattern", ["%d/%m", "dd/mm/yyyy", "%d/%m/%Y %I:%M", "%H:%M", "%", "%d/%m/%Q", "%A %d %B", "%s"]
)
def test_a_pattern_that_says_no_whole_day_is_refused_before_any_file_is_read(pattern: str) -> None:
    with pytest.raises(ImportRefused, match=r"night\.pattern"):
        mapping(night={"column": "Date", "pattern": pattern})


@pytest.mark.parametrize("pattern", ["%I:%M", "hh:mm", "%d", "%", ""])
def test_so_is_an_hours_pattern_with_two_meanings(pattern: str) -> None:
    with pytest.raises(ImportRefused, match=r"night\.time_pattern"):
        mapping(night={"column": "Date", "time": "Heure", "time_pattern": pattern})


@given(
    st.text(max_size=40),
    st.sampled_from(["", "%d/%m/%Y", "%Y-%m-%d %H:%M", "%a %d %b %Y"]),
    st.text(max_size=12),
)
def test_any_text_is_a_night_that_can_be_or_none(text: str, pattern: str, clock: str) -> None:
    found: Any = night(text, pattern, clock)
    assert found is None or date(1989, 12, 31) <= found
