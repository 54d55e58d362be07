"""Bad files of records at the importer: CSV, XLSX, GeoJSON, and the mapping that explains them.

A file is taken in, line by line accounted for, or refused whole with a code of ours; no sentence repeats a cell. Names of
columns may be told: who runs the command wrote them in the mapping. Territories: test_bad_territories.
"""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.importing import mapping as mappings
from outreach.importing import sources
from outreach.importing.errors import ImportRefused, Reason
from outreach.importing.rows import Counted, Kept, Outcome, Reader, SetAside
from outreach.importing.table import Row
from outreach.records import encounter
from privacy.core.policy import DEFAULT
from tests.factories import NIGHT
from tests.outreach.importing import files
from tests.resilience.bad_values import (
    DEEP,
    NEEDLE,
    TEXTS,
    as_json,
    bent,
    bomb,
    changed,
    folder,
    texts,
    tries,
    values,
)
from tests.resilience.untouched import became, counted, listening, words_of  # noqa: F401 — a fixture of every test here

FOLDER = folder()
HURTING = (*TEXTS, b'{"type":"FeatureCollection","features":' + DEEP)
CODES = {
    "binary", "columns", "crs", "csv", "empty", "encoding", "geometry", "kind", "mapping", "missing", "sheet", "too-large",
    "too-many", "unreadable",
}  # fmt: skip
MAPPING = files.mapping()
POINTS = files.mapping(place={"geometry": True})


def reader(mapping: mappings.Mapping) -> Reader:
    return Reader(mapping, DEFAULT, UTC, NIGHT, NIGHT, {})


def mostly_there(data: bytes, mapping: mappings.Mapping) -> bool:
    """Whether most columns of the mapping stand somewhere in the file as cells."""
    cells = {cell.strip() for cell in re.split(r'[;,\t|\r\n"]', data.decode(errors="replace"))}
    return 2 * len(cells & set(mapping.columns)) > len(mapping.columns)


def taken(data: bytes, mapping: mappings.Mapping) -> list[Outcome] | None:
    """What each line of the file means; None for a file that is refused. Fails when a refusal is not ours or repeats a cell."""
    path = FOLDER / "records"
    path.write_bytes(data)
    with listening() as lines:
        try:
            source = sources.open_source(path, mapping)
            outcomes = [reader(mapping).read(row) for row in source.rows()]
        except ImportRefused as refused:
            assert refused.code in CODES
            assert NEEDLE not in "\n".join(lines)
            # Names of columns may be told, once most of those asked for are there: by this one refusal, and by no other.
            assert NEEDLE not in words_of(refused) or (
                refused.code == "columns" and mostly_there(data, mapping)
            )
            str(refused).encode()
            became("refused")
            return None
    assert len(outcomes) == source.lines, "a line got lost"
    numbers = [outcome.line for outcome in outcomes]
    assert numbers == sorted(set(numbers)), "two lines of one number"
    for outcome in outcomes:
        assert isinstance(outcome, Kept | Counted | SetAside)
        assert NEEDLE not in str(outcome)
        if isinstance(outcome, Kept):  # what is kept can be sealed: nothing breaks after this
            made = encounter.build({**outcome.body, "cell": outcome.cell, "sector_id": outcome.sector_id})
            assert encounter.parse(made.to_json()) == made
    became("taken")
    return outcomes


def cells() -> st.SearchStrategy[list[str]]:
    good = files.row()
    return st.lists(texts, min_size=1, max_size=2).flatmap(
        lambda bad: st.permutations(range(len(good))).map(
            lambda where: [
                bad[where.index(at)] if at in where[: len(bad)] else cell for at, cell in enumerate(good)
            ]
        )
    )


def writable(text: str) -> bytes:
    return text.encode("utf-8", errors="replace")


CSV = files.text([files.row(), files.row(4, Nombre="2")]).encode()


@tries(60, 2_000)
@given(
    st.one_of(
        bent(CSV),
        st.lists(cells(), min_size=1, max_size=4).map(lambda rows: writable(files.text(rows))),
        st.sampled_from([CSV.decode().encode(code) for code in ("cp1252", "utf-16", "utf-8-sig", "utf-32")]),
        st.sampled_from(TEXTS),
        st.binary(max_size=200),
        texts.map(lambda name: writable(files.text([files.row()], header=[name, *files.HEADER[1:]]))),
        texts.map(lambda more: CSV + writable(more) + b"\n"),
    )
)
def test_a_table_in_text(data: bytes) -> None:
    taken(data, MAPPING)


def test_a_file_without_a_header_tells_nothing_of_its_first_line() -> None:
    """Its first line is a person's: the refusal counts columns and names none."""
    assert (
        taken(
            files.text(
                [files.row(Remarques=f"{NEEDLE} 06 12 34 56 78")], header=files.row(Remarques=NEEDLE)
            ).encode(),
            MAPPING,
        )
        is None
    )


def test_good_lines_beside_bad_ones_are_kept() -> None:
    rows = [
        files.row(),
        files.row(X="NaN"),
        files.row(4),
        files.row(Besoins=f"={NEEDLE}(A1)"),
        files.row(Date="hier"),
        files.row(5),
    ]
    outcomes = taken(files.text(rows).encode(), MAPPING)
    assert outcomes is not None
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "Kept",
        "SetAside",
        "Kept",
        "SetAside",
        "SetAside",
        "Kept",
    ]
    assert [outcome.line for outcome in outcomes] == [2, 3, 4, 5, 6, 7]


FEATURE: dict[str, Any] = {
    "type": "Feature",
    "properties": dict(zip(files.HEADER, files.row(), strict=True)),
    "geometry": {"type": "Point", "coordinates": [2.36, 48.87]},
}


def collected(features: list[Any], **more: Any) -> bytes:
    return as_json({"type": "FeatureCollection", "features": features, **more})


@st.composite
def features(draw: st.DrawFn) -> list[Any]:
    found: list[Any] = [FEATURE]
    for _ in range(draw(st.integers(0, 3))):
        properties = draw(changed(FEATURE["properties"]))
        place = draw(
            st.one_of(
                values,
                st.just(FEATURE["geometry"]),
                st.lists(values, max_size=3).map(lambda at: {"type": "Point", "coordinates": at}),
            )
        )
        found.append(
            draw(st.one_of(values, st.just({"type": "Feature", "properties": properties, "geometry": place})))
        )
    return found


@tries(60, 2_000)
@given(
    st.one_of(
        features().map(collected),
        values.map(lambda crs: collected([FEATURE], crs=crs)),
        changed({"type": "FeatureCollection", "features": [FEATURE]}).map(as_json),
        bent(collected([FEATURE])),
        st.sampled_from(HURTING),
    )
)
def test_a_collection_of_points(data: bytes) -> None:
    taken(data, POINTS)
    taken(data, MAPPING)


def workbook(rows: list[list[Any]]) -> bytes:
    return files.workbook(FOLDER / "book.xlsx", rows).read_bytes()


def test_half_a_character_in_a_note_sets_its_line_aside() -> None:
    bad = {**FEATURE, "properties": {**FEATURE["properties"], "Remarques": "venir \ud83d"}}
    outcomes = taken(collected([FEATURE, bad, FEATURE]), POINTS)
    assert outcomes is not None
    assert [type(outcome).__name__ for outcome in outcomes] == ["Kept", "SetAside", "Kept"]


BOOK = workbook([list(files.row()), list(files.row(4))])


def rewritten(part: str, change: Callable[[str], str]) -> bytes:
    """The workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            text = old.read(entry)
            new.writestr(entry.filename, change(text.decode()) if entry.filename == part else text)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = [
    f'<!ENTITY {name} "{f"&{before};" * 8}">'
    for before, name in zip("abcdefghijkl", "bcdefghijklm", strict=True)
]
LAUGHS = f'<!DOCTYPE x [<!ENTITY a "ha">{"".join(ENTITIES)}]>'
BOOKS = (
    lambda: rewritten(SHEET, lambda text: text.replace('r="A2"', 'r="XFE2"', 1)),
    lambda: rewritten(SHEET, lambda text: text.replace('r="2"', f'r="{NEEDLE}"', 1)),
    lambda: rewritten(SHEET, lambda text: text.replace('<row r="3"', '<row r="1048576"', 1)),
    lambda: rewritten(SHEET, lambda text: LAUGHS + text.replace("<v>", "<v>&m;", 1)),
    lambda: rewritten("xl/workbook.xml", lambda text: text.replace("Feuil1", NEEDLE)),
    lambda: rewritten("xl/workbook.xml", lambda _text: f"<{NEEDLE}>"),
    lambda: rewritten("xl/styles.xml", lambda _text: NEEDLE),
    lambda: rewritten("[Content_Types].xml", lambda _text: "<Types/>"),
    lambda: bomb("xl/workbook.xml"),
    lambda: workbook([[f"={NEEDLE}()", *files.row()[1:]], [None] * 8, [NEEDLE * 3000, *files.row()[1:]], files.row()]),
    lambda: workbook([[1e308, -1, True, 3.7, "oui", "", "", NEEDLE], [None, None, None, None, None, None, None, None, 3]]),
)  # fmt: skip


@pytest.mark.parametrize("book", BOOKS)
def test_a_workbook_made_to_hurt(book: Callable[[], bytes]) -> None:
    taken(book(), MAPPING)


@tries(25, 800)
@given(st.one_of(bent(BOOK), bent(BOOK, 1)))
def test_a_damaged_workbook(data: bytes) -> None:
    taken(data, MAPPING)


@tries(50, 1_500)
@given(
    st.one_of(
        values,
        changed(files.MAPPING),
        values.map(lambda one: files.MAPPING | {"fields": one}),
        values.map(lambda one: files.MAPPING | {"night": one}),
    )
)
def test_a_mapping(body: Any) -> None:
    path = FOLDER / "mapping.json"
    for data in (as_json(body), bytes(str(body), "utf-8", "surrogatepass")):
        path.write_bytes(data)
        try:
            mapping = mappings.read(path)
        except ImportRefused as refused:
            assert refused.code == "mapping"
            became("mapping refused")
            str(refused).encode()  # it can be printed
            continue
        taken(CSV, mapping)


# The control: an importer that says what it saw, in a refusal of the file or of a line.


def test_a_naive_importer_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    @tries(60, 60)
    @given(cells())
    def holds(row: list[str]) -> None:
        taken(writable(files.text([row])), MAPPING)

    holds()

    def telling(self: Reader, row: Row) -> Outcome:
        raise ImportRefused("csv", f"no such line: {row.cells}")

    def repeating(self: Reader, row: Row) -> Outcome:
        return SetAside(row.line, cast(Reason, f"text: {row.cells}"))

    for naive in (telling, repeating):
        monkeypatch.setattr(Reader, "read", naive)
        with pytest.raises(AssertionError, match=NEEDLE):
            holds()
