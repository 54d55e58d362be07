"""Files as people have them: each row of the list of cases that concerns reading, small and invented."""

import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from outreach.importing import mapping as mappings
from outreach.importing import moments
from outreach.importing.errors import ImportRefused, Reason
from outreach.importing.rows import Counted, Kept, Outcome, Reader, SetAside
from outreach.importing.sources import open_source
from privacy.core.policy import DEFAULT
from tests.reading import typed

TONIGHT = date(2026, 11, 26)
PARIS = ZoneInfo("Europe/Paris")


def outcomes(path: Path, **mapping: Any) -> list[Outcome]:
    """What each line of a file means."""
    wanted = mappings.build({"format": "maraudes-import-1"} | mapping)
    source = open_source(path, wanted)
    hours = moments.has_hours(source.rows(), wanted.night, PARIS)
    reader = Reader(wanted, DEFAULT, PARIS, TONIGHT, TONIGHT, hours=hours)
    return [reader.read(row) for row in source.rows()]


def nights(path: Path, **mapping: Any) -> list[date | Reason]:
    """The night of each line, or why it is set aside."""
    return [one.reason if isinstance(one, SetAside) else one.night for one in outcomes(path, **mapping)]


def csv_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "f.csv"
    path.write_bytes(text.encode(encoding))
    return path


def xlsx_file(folder: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for cells in rows:
        book.active.append(cells)
    book.save(folder / "f.xlsx")
    return folder / "f.xlsx"


def geojson_file(folder: Path, *properties: dict[str, Any]) -> Path:
    features = [{"type": "Feature", "geometry": None, "properties": one} for one in properties]
    path = folder / "f.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("stamp", "night"),
    [(1743102000000, date(2025, 3, 27)), (1757012400000, date(2025, 9, 4)), (1743102000, date(2025, 3, 27))],
)
def test_case_1_epochs_are_nights_of_their_own_year(tmp_path: Path, stamp: int, night: date) -> None:
    assert nights(geojson_file(tmp_path, {"d": stamp}), night={"column": "d"}) == [night]
    assert nights(csv_file(tmp_path, f"d;e\n{stamp};\n"), night={"column": "d"}) == [night]
    assert nights(xlsx_file(tmp_path, ["d"], [stamp]), night={"column": "d"}) == [night]


@pytest.mark.parametrize("note", ["-duvet", "@gare, 2 duvets", "+2 couvertures", "=)", "-5 °C"])
def test_case_7_a_note_costs_nobody_the_encounter(tmp_path: Path, note: str) -> None:
    path = csv_file(tmp_path, f'd;a;n\n2026-11-20;oui;"{note}"\n')
    [kept] = outcomes(path, night={"column": "d"}, consent={"column": "a", "yes": ["oui"]}, note="n")
    assert isinstance(kept, Kept)


def test_case_7_line_numbers_are_those_of_a_spreadsheet(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'd;n\n2026-11-20;"un\ndeux\ntrois"\nhier;\n')
    assert [one.line for one in outcomes(path, night={"column": "d"})] == [2, 3]


@pytest.mark.parametrize("text", ["a;b;c\n1;2\n", "a;b;c\n1;2;;\n", "a;b;c;;\n1;2;;;\n"])
def test_cases_8_and_18_missing_and_trailing_cells_are_empty(tmp_path: Path, text: str) -> None:
    wanted = mappings.build({"format": "maraudes-import-1", "night": {"column": "a"}, "note": "c"})
    [row] = open_source(csv_file(tmp_path, text), wanted).rows()
    assert (row.broken, row.cells["a"], row.cells["b"], row.cells["c"]) == ("", "1", "2", "")


def test_case_9_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Maraudes de novembre\n\nd;n\n2026-11-20;x\n")
    assert [
        (one.line, one.night) for one in outcomes(path, night={"column": "d"}) if isinstance(one, Counted)
    ] == [(4, date(2026, 11, 20))]
    path = xlsx_file(tmp_path, ["Maraudes de novembre"], [], ["d", "n"], ["2026-11-20", "x"])
    assert [one.line for one in outcomes(path, night={"column": "d"})] == [4]


def test_case_9_without_a_header_the_sentence_says_which_line_was_tried(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="ligne 1"):
        outcomes(csv_file(tmp_path, "Maraudes de novembre\nx;y\n"), night={"column": "d"})


@pytest.mark.parametrize("cell", ["48.8611,2.3483", "48.8611 2.3483 0 0", "48,8611; 2,3483"])
def test_case_10_a_place_in_one_cell(tmp_path: Path, cell: str) -> None:
    agreed: dict[str, Any] = {"night": {"column": "d"}, "consent": {"column": "a", "yes": ["oui"]}}
    apart = csv_file(tmp_path, "d;a;x;y\n2026-11-20;oui;2.3483;48.8611\n")
    [expected] = outcomes(apart, **agreed, place={"lon": "x", "lat": "y"})
    one_cell = csv_file(tmp_path, f'd;a;p\n2026-11-20;oui;"{cell}"\n')
    [found] = outcomes(one_cell, **agreed, place={"lat_lon": "p"})
    assert isinstance(found, Kept) and isinstance(expected, Kept)
    assert found.cell == expected.cell != None  # noqa: E711


@pytest.mark.parametrize(
    ("text", "night"),
    [
        ("11/25/2026 1:30 AM", date(2026, 11, 24)),
        ("11/25/2026 12:30 AM", date(2026, 11, 24)),
        ("11/25/2026 12:30 PM", date(2026, 11, 25)),
        ("11/25/2026 11:30 pm", date(2026, 11, 25)),
    ],
)
def test_case_16_twelve_hour_clocks(tmp_path: Path, text: str, night: date) -> None:
    wanted = {"column": "d", "pattern": "%m/%d/%Y %I:%M %p"}
    assert nights(csv_file(tmp_path, f"d;e\n{text};\n"), night=wanted) == [night]


def test_case_17_one_value_is_one_night_in_every_format(tmp_path: Path) -> None:
    wanted = {"column": "d"}
    in_csv = nights(csv_file(tmp_path, "d;e\n2026-11-17 00:00:00;\n"), night=wanted)
    in_xlsx = nights(xlsx_file(tmp_path, ["d"], [datetime(2026, 11, 17)]), night=wanted)  # noqa: DTZ001
    in_geojson = nights(geojson_file(tmp_path, {"d": "2026-11-17T00:00:00"}), night=wanted)
    assert in_csv == in_xlsx == in_geojson == [date(2026, 11, 17)]


def test_case_19_real_time_cells(tmp_path: Path) -> None:
    wanted = {"column": "d", "pattern": "%d/%m/%Y", "time": "t", "time_pattern": "%H:%M"}
    rows = [[datetime(2026, 11, 18), time(1, 30)], [datetime(2026, 11, 17), time(22, 15)]]  # noqa: DTZ001
    assert nights(xlsx_file(tmp_path, ["d", "t"], *rows), night=wanted) == [date(2026, 11, 17)] * 2


def test_point_19_a_list_of_columns_that_is_cut_says_so(tmp_path: Path) -> None:
    names = [f"c{number:02}" for number in range(35)]
    path = csv_file(tmp_path, ";".join(["d", "a", *names]) + "\n2026-11-20\n")
    with pytest.raises(ImportRefused) as caught:
        outcomes(path, night={"column": "d"}, consent={"column": "a", "yes": ["oui"]}, note="absente")
    assert "« c27 »… et 7 autres, non montrées" in typed(str(caught.value))
    assert "c28" not in str(caught.value)
    path = csv_file(tmp_path, "d;a;" + "n" * 60 + "\n2026-11-20\n")
    with pytest.raises(ImportRefused, match=rf"«\s{'n' * 40}…\s»"):
        outcomes(path, night={"column": "d"}, consent={"column": "a", "yes": ["oui"]}, note="absente")


@pytest.mark.parametrize(
    "text", ["sep=;\nd;n\n20/11/2026;x\n", '"sep=;"\r\nd;n\r\n20/11/2026;x\r\n', "SEP=,\nd;n\n20/11/2026;x\n"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_line_that_tells_excel_the_separator_is_no_row(tmp_path: Path, text: str, encoding: str) -> None:
    path = csv_file(tmp_path, text, encoding)
    found = outcomes(path, night={"column": "d", "pattern": "%d/%m/%Y"})
    assert [(one.line, getattr(one, "night", None)) for one in found] == [(2, date(2026, 11, 20))]


@pytest.mark.parametrize(
    "header",
    ["Re\u0301sume\u0301", "\ufeffRésumé", " Résumé\u00a0", '"Résumé"', "R\u200bésumé"],
)  # fmt: skip
def test_a_header_is_its_letters_however_they_are_written(tmp_path: Path, header: str) -> None:
    path = csv_file(tmp_path, f"d;{header}\n2026-11-20;x\n")
    for column in ("Résumé", "Re\u0301sume\u0301"):
        assert nights(path, night={"column": "d"}, note=column) == [date(2026, 11, 20)]
    path = geojson_file(tmp_path, {"d": "2026-11-20", "Re\u0301sume\u0301": "x"})
    assert nights(path, night={"column": "d"}, note="Résumé") == [date(2026, 11, 20)]


def test_a_header_in_other_letters_is_found_where_one_column_alone_is_meant(tmp_path: Path) -> None:
    wanted: dict[str, Any] = {"night": {"column": "Date"}, "note": "Âge"}
    assert nights(csv_file(tmp_path, "DATE;AGE\n2026-11-20;x\n"), **wanted) == [date(2026, 11, 20)]
    assert nights(geojson_file(tmp_path, {"date": "2026-11-20", "age": "x"}), **wanted) == [
        date(2026, 11, 20)
    ]
    with pytest.raises(ImportRefused, match="Âge"):
        nights(csv_file(tmp_path, "Date;age;AGE\n2026-11-20;x;y\n"), **wanted)


def test_cells_written_by_hand_with_a_blank_before_the_quote(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'd, n, p\n2026-11-20, "un, deux", "48.8611, 2.3483"\n')
    assert nights(path, night={"column": "d"}, place={"lat_lon": "p"}) == [date(2026, 11, 20)]


def test_a_title_that_breaks_the_quotes_is_said_to_be_the_trouble(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as caught:
        outcomes(csv_file(tmp_path, '"Maraudes" de novembre\nd;n\n2026-11-20;x\n'), night={"column": "d"})
    assert caught.value.code == "csv"
    assert "ligne 1" in str(caught.value)
