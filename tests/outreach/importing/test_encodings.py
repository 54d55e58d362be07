"""Files whose bytes say one thing and whose mark says another, and sheets that nobody sees."""

import codecs
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from outreach.importing.errors import ImportRefused
from outreach.importing.rows import Kept
from tests.outreach.importing.test_cases import nights, outcomes
from tests.reading import typed

WANTED: dict[str, Any] = {
    "night": {"column": "Date"},
    "consent": {"column": "Accordé", "yes": ["oui"]},
    "note": "Remarques",
}
TEXT = "Date;Accordé;Remarques\n2026-11-20;oui;été comme hiver\n"


def written(folder: Path, content: bytes) -> Path:
    path = folder / "f.csv"
    path.write_bytes(content)
    return path


def notes(path: Path) -> list[str]:
    return [one.body["note"] for one in outcomes(path, **WANTED) if isinstance(one, Kept)]


@pytest.mark.parametrize("text", [TEXT, "sep=;\r\n" + TEXT, "\n\n" + TEXT])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_mark_of_utf_8_is_no_letter_of_the_header(tmp_path: Path, text: str, encoding: str) -> None:
    assert notes(written(tmp_path, codecs.BOM_UTF8 + text.encode(encoding))) == ["été comme hiver"]


def test_a_mark_of_utf_8_is_no_letter_of_a_geojson(tmp_path: Path) -> None:
    feature = {"type": "Feature", "geometry": None, "properties": {"Date": "2026-11-20", "Âge": "été"}}
    body = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)
    path = tmp_path / "f.geojson"
    path.write_bytes(codecs.BOM_UTF8 + body.encode("cp1252"))
    assert nights(path, night={"column": "Date"}, note="Âge") == [date(2026, 11, 20)]


@pytest.mark.parametrize("lost", ["café".encode("cp1252"), "l’été".encode("cp1252")])
def test_two_encodings_in_one_file_are_refused(tmp_path: Path, lost: bytes) -> None:
    with pytest.raises(ImportRefused, match="ligne 3") as caught:
        outcomes(written(tmp_path, TEXT.encode() + b"2026-11-21;oui;" + lost + b"\n"), **WANTED)
    assert caught.value.code == "encoding"


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
@pytest.mark.parametrize("word", ["été", "café", "désolé", "éveillé"])
def test_letters_of_another_encoding_are_refused(tmp_path: Path, encoding: str, word: str) -> None:
    text = f"Date;Accord;Remarques\n2026-11-20;oui;{word}\n"
    with pytest.raises(ImportRefused) as caught:
        outcomes(written(tmp_path, text.encode(encoding)), night={"column": "Date"}, note="Remarques")
    assert caught.value.code == "encoding"
    assert "Windows-1252" in str(caught.value)


@pytest.mark.parametrize(
    "word", ["Žižkov", "Škoda", "œuf", "5 €", "l’été…", "‚ja‘", "ŠKODA", "SÃO, MAÇÃ", "50‰", "a – b"]
)
def test_rare_letters_of_windows_1252_are_letters(tmp_path: Path, word: str) -> None:
    text = f"Date;Accordé;Remarques\n2026-11-20;oui;{word} é\n"
    assert notes(written(tmp_path, text.encode("cp1252"))) == [f"{word} é"]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_read_when_no_other_has_the_columns(tmp_path: Path, state: Any) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["notes"])
    for title, day in (("cachée", "2026-11-19"), ("vue", "2026-11-20")):
        sheet = book.create_sheet(title)
        sheet.append(["Date", "Accord"])
        sheet.append([day, "oui"])
    book["cachée"].sheet_state = state
    book.save(tmp_path / "f.xlsx")
    wanted = {"column": "Date"}
    assert nights(tmp_path / "f.xlsx", night=wanted) == [date(2026, 11, 20)]
    assert nights(tmp_path / "f.xlsx", night=wanted, sheet="cachée") == [date(2026, 11, 19)]
    del book["vue"]
    book.save(tmp_path / "f.xlsx")
    assert nights(tmp_path / "f.xlsx", night=wanted) == [date(2026, 11, 19)]


@pytest.mark.parametrize(
    ("yes", "cell"),
    [
        ("oui", "Oui."),
        ("oui", "oui !"),
        ("✓", "✔"),
        ("✔", "☑"),
        ("✓", "✔\ufe0f"),
        ("VERDADERO", "true"),
        ("WAHR", "TRUE"),
    ],
)
def test_one_answer_written_in_two_ways_is_one(tmp_path: Path, yes: str, cell: str) -> None:
    path = written(tmp_path, f"Date;Accord\n2026-11-20;{cell}\n".encode())
    [found] = outcomes(path, night={"column": "Date"}, consent={"column": "Accord", "yes": [yes]})
    assert isinstance(found, Kept)


@pytest.mark.parametrize("cell", ["oui ?", "non", "✗", "☒", "☐", "o", "oui mais", "FALSE", "."])
def test_an_answer_that_is_no_yes_stays_a_no(tmp_path: Path, cell: str) -> None:
    path = written(tmp_path, f"Date;Accord\n2026-11-20;{cell}\n".encode())
    wanted = {"column": "Accord", "yes": ["oui", "✓", "true"]}
    [found] = outcomes(path, night={"column": "Date"}, consent=wanted)
    assert not isinstance(found, Kept)


def test_json_by_lines_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, b'{"Date": "2026-11-20"}\n{"Date": "2026-11-21"}\n')
    with pytest.raises(ImportRefused) as caught:
        outcomes(path, night={"column": "Date"})
    assert "JSON par lignes" in typed(str(caught.value))
