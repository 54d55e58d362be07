"""Workbooks of other programs: days from 1904, hours past 24, merged titles, names without an ending."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from outreach.importing import mapping as mappings
from outreach.importing.errors import ImportRefused, Reason
from outreach.importing.sources import open_source
from tests.outreach.importing.test_cases import csv_file, geojson_file, nights, outcomes, xlsx_file

NOV_16, NOV_17 = date(2026, 11, 16), date(2026, 11, 17)
EVENING = datetime.fromisoformat("2026-11-17T22:15")


def test_days_from_1904_with_and_without_a_date_format(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    assert book.active is not None
    for cell in ("d", EVENING, 46343 - 1462, 46343.927 - 1462):
        book.active.append([cell])
    book.save(tmp_path / "mac.xlsx")
    assert nights(tmp_path / "mac.xlsx", night={"column": "d"}) == [NOV_17] * 3
    assert nights(xlsx_file(tmp_path, ["d"], [46343], [46343.927]), night={"column": "d"}) == [NOV_17] * 2


@pytest.mark.parametrize("pattern", ["", "%d/%m/%Y", "%m/%d/%Y %I:%M %p", "%Y-%d-%m"])
def test_a_real_date_is_what_it_is_whatever_the_pattern(tmp_path: Path, pattern: str) -> None:
    tenth = datetime.fromisoformat("2026-03-10T22:15")
    rows: list[list[Any]] = [[tenth], [tenth.date()]]
    found = nights(xlsx_file(tmp_path, ["d"], *rows), night={"column": "d", "pattern": pattern})
    assert found == [date(2026, 3, 10)] * 2


@pytest.mark.parametrize(
    ("hour", "night"),
    [
        (time(22, 15), NOV_17),
        (time(1, 30), NOV_16),
        (timedelta(hours=22, minutes=15), NOV_17),
        (timedelta(hours=24), NOV_17),
        (timedelta(hours=25), Reason.NIGHT),
        (0.927083333, NOV_17),
        (0.0625, NOV_16),
        (datetime.fromisoformat("1899-12-31T01:30"), NOV_16),
        ("22h15", NOV_17),
        (22.15, NOV_17),
        (2215, NOV_17),
        (None, NOV_17),
    ],
)
def test_hours_of_a_workbook(tmp_path: Path, hour: Any, night: date | Reason) -> None:
    wanted = {"column": "d", "pattern": "%d/%m/%Y", "time": "t"}
    assert nights(xlsx_file(tmp_path, ["d", "t"], [EVENING.date(), hour]), night=wanted) == [night]


def test_an_hour_that_is_no_whole_second_is_rounded(tmp_path: Path) -> None:
    """A part of a day is never exact: 23:59:59.9996 is midnight, and a cell that shows a day alone says a day."""
    path = xlsx_file(tmp_path, ["d"], [datetime.fromisoformat("2026-11-16T23:59:59.999600")])
    assert nights(path, night={"column": "d"}) == [NOV_17]


def test_midnight_is_an_hour_only_beside_other_hours_and_where_it_is_shown(tmp_path: Path) -> None:
    midnight = datetime.fromisoformat("2026-11-17T00:00")
    assert nights(xlsx_file(tmp_path, ["d"], [midnight], [EVENING]), night={"column": "d"}) == [
        NOV_16,
        NOV_17,
    ]
    assert nights(xlsx_file(tmp_path, ["d"], [NOV_17], [EVENING]), night={"column": "d"}) == [NOV_17, NOV_17]


def test_a_merged_title_and_an_empty_line_above_the_header(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for cells in (
        ["Maraudes, novembre", None, None],
        [],
        ["Date\nde la maraude", "Note", None],
        [EVENING, "x", "à côté"],
    ):
        page.append(cells)
    page.merge_cells("A1:C1")
    book.save(tmp_path / "f.xlsx")
    assert nights(tmp_path / "f.xlsx", night={"column": "Date de la maraude"}, note="Note") == [NOV_17]


def test_a_workbook_is_one_whatever_its_name(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, ["d"], [EVENING])
    for name in ("notes.csv", "notes", "NOTES.XLSX.download"):
        (tmp_path / name).write_bytes(path.read_bytes())
        assert nights(tmp_path / name, night={"column": "d"}) == [NOV_17]


def test_a_workbook_of_charts_alone_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.create_chartsheet("c")
    book.remove(book.active)
    book.save(tmp_path / "f.xlsx")
    with pytest.raises(ImportRefused) as caught:
        nights(tmp_path / "f.xlsx", night={"column": "d"})
    assert caught.value.code == "unreadable"


def test_a_sheet_is_found_whatever_its_accents(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Aou\u0302t").append(["d"])
    book.worksheets[1].append([EVENING])
    book.save(tmp_path / "f.xlsx")
    assert nights(tmp_path / "f.xlsx", night={"column": "d"}, sheet="Août") == [NOV_17]


def test_a_list_in_a_feature_is_split_as_the_mapping_splits_a_cell(tmp_path: Path) -> None:
    needs = {"needs": {"column": "b", "separator": ";", "values": {"repas": "meal", "duvet": "sleeping_bag"}}}
    path = geojson_file(tmp_path, {"d": "2026-11-17", "a": True, "b": ["Repas", "duvet"]})
    [found] = outcomes(path, night={"column": "d"}, consent={"column": "a", "yes": ["vrai"]}, fields=needs)
    assert getattr(found, "body", {})["needs"] == ("meal", "sleeping_bag")


def test_the_first_sheet_with_the_columns_is_read_and_the_others_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Lisez-moi"
    book.active.append(["Export de novembre"])
    for title, day in (("Novembre", EVENING), ("Octobre", EVENING - timedelta(days=30))):
        page = book.create_sheet(title)
        page.append(["d"])
        page.append([day])
    book.create_sheet("Vide")
    book.save(tmp_path / "f.xlsx")
    wanted: dict[str, Any] = {"format": "maraudes-import-1", "night": {"column": "d"}}
    source = open_source(tmp_path / "f.xlsx", mappings.build(wanted))
    assert (source.sheet, source.others, source.lines) == ("Novembre", ("Lisez-moi", "Octobre"), 1)
    source = open_source(tmp_path / "f.xlsx", mappings.build(wanted | {"sheet": "Octobre"}))
    assert (source.sheet, source.others) == ("Octobre", ("Lisez-moi", "Novembre"))
    with pytest.raises(ImportRefused, match="Trop de colonnes"):
        open_source(tmp_path / "f.xlsx", mappings.build(wanted | {"night": {"column": "e"}}))


def test_a_large_cell_that_nobody_maps_costs_no_line(tmp_path: Path) -> None:
    """A photograph or an outline in another column."""
    large = "x" * 300_000
    assert nights(csv_file(tmp_path, f"d;photo\n2026-11-17;{large}\n"), night={"column": "d"}) == [NOV_17]
    path = geojson_file(tmp_path, {"d": "2026-11-17", "photo": large + "\x00"})
    assert nights(path, night={"column": "d"}) == [NOV_17]
