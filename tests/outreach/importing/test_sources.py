"""Foreign files, good and bad: what is read, and how each bad one is refused before anything happens."""

import csv
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.importing import table
from outreach.importing.errors import ImportRefused
from outreach.importing.mapping import Mapping
from outreach.importing.sources import open_source
from tests.outreach.importing.files import HEADER, collection, mapping, row, text, workbook, written
from tests.reading import typed


def refused(path: Path, wanted: Mapping | None = None) -> ImportRefused:
    with pytest.raises(ImportRefused) as caught:
        open_source(path, wanted or mapping())
    return caught.value


def cells(path: Path, wanted: Mapping | None = None) -> list[dict[str, str]]:
    return [one.cells for one in open_source(path, wanted or mapping()).rows()]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_encodings_and_delimiters_are_found(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = written(tmp_path / "f.csv", [row(Remarques="été")], encoding, delimiter=delimiter)
    found = open_source(path, mapping())
    assert (found.kind, found.lines) == ("csv", 1)
    assert found.encoding == ("utf-8-sig" if encoding == "utf-8" else encoding)
    assert next(iter(found.rows())).cells["Remarques"] == "été"


def test_line_numbers_are_those_a_spreadsheet_shows(tmp_path: Path) -> None:
    """A cell of three lines stands in one row, a blank line is a row, and Excel does not show "sep=;"."""
    path = tmp_path / "f.csv"
    table = text([row(Remarques="a\nb\nc"), row(), row()])
    path.write_text(table.replace("\n2", "\n\n2", 1), encoding="utf-8")
    assert [one.line for one in open_source(path, mapping()).rows()] == [3, 4, 5]
    path.write_text("sep=;\n" + table, encoding="utf-8")
    assert [one.line for one in open_source(path, mapping()).rows()] == [2, 3, 4]
    book = workbook(tmp_path / "f.xlsx", [row(Remarques="a\nb\nc"), [], row()])
    assert [one.line for one in open_source(book, mapping()).rows()] == [2, 4]


def test_a_file_is_read_again_from_its_start(tmp_path: Path) -> None:
    found = open_source(written(tmp_path / "f.csv", [row(), row()]), mapping())
    assert [one.line for one in found.rows()] == [one.line for one in found.rows()] == [2, 3]


def test_a_line_with_more_than_the_headers_cells_is_broken_and_a_shorter_one_ends_in_empty_cells(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "f.csv", [row()[:-1], [*row(), "x"], [*row(), "", " "]])
    found = list(open_source(path, mapping()).rows())
    assert [one.broken for one in found] == ["", "columns", ""]
    assert found[0].cells["Remarques"] == ""


def test_what_stands_right_of_a_workbooks_header_belongs_to_no_column(tmp_path: Path) -> None:
    found = list(open_source(workbook(tmp_path / "f.xlsx", [[*row(), "à côté"]]), mapping()).rows())
    assert [(one.broken, one.cells["X"]) for one in found] == [("", "2.3601")]


def test_a_huge_cell_breaks_its_line_only(tmp_path: Path) -> None:
    path = written(tmp_path / "f.csv", [row(Remarques="x" * 30_000), row()])
    assert [one.broken for one in open_source(path, mapping()).rows()] == ["too-long", ""]


def test_missing_columns_are_named_and_so_are_the_present_ones(tmp_path: Path) -> None:
    path = written(
        tmp_path / "f.csv", [list("abcdef")], header=["Nombre", "Lieu", "X", "Y", "Accord", "Besoins"]
    )
    refusal = refused(path)
    assert refusal.code == "columns"
    assert "« Date »" in typed(str(refusal))
    assert "« Lieu »" in typed(str(refusal))


def test_a_file_without_a_header_shows_nothing_of_its_first_line(tmp_path: Path) -> None:
    path = written(tmp_path / "f.csv", [["2", "Gare"]], header=["1", "Paul, 06 12 34 56 78"])
    refusal = refused(path)
    assert refusal.code == "columns"
    assert "(2)" in str(refusal) and "Paul" not in str(refusal)
    # A cross in the first person's answers is named like a column.
    path = written(tmp_path / "g.csv", [["X", "Gare"]], header=["X", "Paul, 06 12 34 56 78"])
    assert "Paul" not in str(refused(path))


def test_a_mapped_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    header = [*HEADER, "Accord"]
    assert refused(written(tmp_path / "f.csv", [[*row(), "oui"]], header=header)).code == "columns"
    assert refused(workbook(tmp_path / "f.xlsx", [[*row(), "oui"]], header=header)).code == "columns"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe", "empty"),
        (b" \r\n\t\n ", "empty"),
        ("\r\n\u00a0\r\n".encode("utf-16"), "empty"),
        (b";;;;\r\n;;;;\r\n", "empty"),
        (b'""\n""\n', "empty"),
        (b"Date;X\x00;Y\n", "binary"),
        ("Date;X\x00\n".encode("utf-16"), "binary"),
        (b"\xff\xfeDate", "columns"),
        (b"\xff\xfe\x00\xd8\x00", "encoding"),
        (b"Date;\x81\x8d\n", "encoding"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "kind"),
        (b"%PDF-1.7", "kind"),
        (b"SQLite format 3\x00", "kind"),
        (b"PK\x03\x04 not a zip", "unreadable"),
        (b"{", "unreadable"),
        (b"{}", "unreadable"),
        (b'{"type":"Feature"}', "unreadable"),
        (b'{"type":"FeatureCollection","features":[]}', "empty"),
        (b'{"type":"FeatureCollection","features":[NaN]}', "unreadable"),
        (b"{" * 100_000, "unreadable"),
    ],
)
def test_what_is_not_a_table_is_refused(tmp_path: Path, raw: bytes, code: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(raw)
    assert refused(path).code == code


def test_a_quote_that_never_closes_refuses_the_file(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(text([row()]) + '"2026-01-01;x\n', encoding="utf-8")
    assert refused(path).code == "csv"


def test_a_file_of_200_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    refusal = refused(path)
    assert refusal.code == "too-large"
    assert "200 Mo" in str(refusal)


def test_an_absent_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "absent").code == "missing"
    assert refused(tmp_path).code == "missing"


def test_too_many_lines_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("delimited", "sheets", "features"):
        monkeypatch.setattr(f"outreach.importing.{module}.MOST_LINES", 2)
    assert refused(written(tmp_path / "f.csv", [row()] * 3)).code == "too-many"
    assert refused(workbook(tmp_path / "f.xlsx", [row()] * 3)).code == "too-many"
    properties = dict(zip(HEADER, row(), strict=True))
    assert refused(collection(tmp_path / "f.json", [(None, properties)] * 3)).code == "too-many"


def test_a_workbook_gives_the_texts_a_person_would_type(tmp_path: Path) -> None:
    line = [datetime(2026, 10, 3, 23, 30), 2.36, 48.87, 2.0, True, "repas", None, None]  # noqa: DTZ001
    found = cells(workbook(tmp_path / "f.xlsx", [line]))[0]
    assert found["Date"] == "2026-10-03T23:30:00"
    assert (found["Nombre"], found["Accord"], found["Âge"]) == ("2", "true", "")


def test_a_formula_in_a_workbook_is_known_as_one(tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", [["2026-10-03", "=1+1", 48.87, 1, "oui", "", "", ""]])
    assert next(iter(open_source(path, mapping()).rows())).formulas == {"X"}


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", [row()], sheet="Octobre")
    assert len(cells(path, mapping(sheet="Octobre"))) == 1
    assert refused(path, mapping(sheet="Novembre")).code == "sheet"


def test_a_zip_that_is_no_workbook_and_one_that_unpacks_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert refused(tmp_path / "f.zip").code == "kind"
    monkeypatch.setattr("outreach.importing.sheets.UNPACKED", 100)
    assert refused(workbook(tmp_path / "f.xlsx", [row()])).code == "too-large"


def test_a_workbook_with_broken_parts_is_refused_in_one_sentence(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "whole.xlsx", [row()])
    path = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for part in old.infolist():
            body = old.read(part)
            new.writestr(part.filename, body[: len(body) // 2] if "sheet1" in part.filename else body)
    assert refused(path).code == "unreadable"


@pytest.mark.parametrize(
    "declared",
    [
        b'<!DOCTYPE w [<!ENTITY x SYSTEM "file://%s">]>',
        b'<!DOCTYPE w [<!ENTITY a "%s"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
        b'<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY x "&d;&d;&d;&d;&d;&d;&d;&d;">]>',
    ],
)
def test_entities_in_a_workbook_open_no_file_and_expand_nothing(tmp_path: Path, declared: bytes) -> None:
    canary = tmp_path / "canary"
    canary.write_text("Canari4711", encoding="utf-8")
    whole = workbook(tmp_path / "whole.xlsx", [row(Remarques="entity")])
    path = tmp_path / "entity.xlsx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for part in old.infolist():
            body = old.read(part)
            if "sheet1" in part.filename:
                assert b">entity<" in body
                body = declared % bytes(str(canary), "utf-8") + body.replace(b">entity<", b">&x;<")
            new.writestr(part.filename, body)
    assert refused(path).code == "unreadable"


def test_geojson_gives_properties_and_points(tmp_path: Path) -> None:
    properties = dict(zip(HEADER, row(), strict=True))
    path = collection(tmp_path / "f.json", [([2.36, 48.87], properties), (None, properties)])
    found = list(open_source(path, mapping(place={"geometry": True})).rows())
    assert [one.line for one in found] == [1, 2]
    assert found[0].point == ("2.36", "48.87")
    assert found[1].point is None


def test_geojson_in_another_system_is_refused(tmp_path: Path) -> None:
    properties = dict(zip(HEADER, row(), strict=True))
    lambert = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    degrees = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert refused(collection(tmp_path / "a.json", [(None, properties)], crs=lambert)).code == "crs"
    assert (
        open_source(collection(tmp_path / "b.json", [(None, properties)], crs=degrees), mapping()).lines == 1
    )


def test_geometry_is_for_geojson_alone(tmp_path: Path) -> None:
    wanted = mapping(place={"geometry": True})
    assert refused(written(tmp_path / "f.csv", [row()]), wanted).code == "geometry"
    assert refused(workbook(tmp_path / "f.xlsx", [row()]), wanted).code == "geometry"


def test_features_that_are_no_features_break_their_line_only(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    good = {
        "type": "Feature",
        "properties": dict(zip(HEADER, row(), strict=True)),
        "geometry": {"type": "Point"},
    }
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [3, None, {}, good]}), encoding="utf-8"
    )
    assert [one.broken for one in open_source(path, mapping()).rows()] == [
        "columns",
        "columns",
        "columns",
        "",
    ]


def test_the_digest_is_of_the_bytes(tmp_path: Path) -> None:
    one = open_source(written(tmp_path / "a.csv", [row()]), mapping())
    same = open_source(written(tmp_path / "b.csv", [row()]), mapping())
    other = open_source(written(tmp_path / "c.csv", [row(Nombre="2")]), mapping())
    assert one.digest == same.digest != other.digest


_cell = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(lines=st.lists(st.lists(_cell, min_size=8, max_size=8), max_size=8), delimiter=st.sampled_from(";,\t"))
def test_any_cells_come_back_as_they_were_written(
    tmp_path: Path, lines: list[list[str]], delimiter: str
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([HEADER, *lines])
    path = tmp_path / "f.csv"
    path.write_bytes(out.getvalue().encode())
    kept = [line for line in lines if any(cell.strip() for cell in line)]
    assert [list(one.values()) for one in cells(path)] == kept


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(raw=st.binary(max_size=300), start=st.sampled_from([b"", b"{", b"PK\x03\x04", b"Date;X;Y"]))
def test_any_bytes_are_read_or_refused_and_never_crash(tmp_path: Path, raw: bytes, start: bytes) -> None:
    path = tmp_path / "f"
    path.write_bytes(start + raw)
    try:
        found = open_source(path, mapping())
        list(found.rows())
    except ImportRefused as refusal:
        assert refusal.code


def test_the_limits_are_what_the_docs_say() -> None:
    assert table.LARGEST == 50_000_000
    assert table.MOST_LINES == 200_000
