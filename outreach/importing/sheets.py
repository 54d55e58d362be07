"""XLSX workbooks, read only, never computed: a formula is not a value.

Rule of the module: a workbook is a zip; what it would unpack to is looked at before it is opened.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.parsers import expat

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.datetime import MAC_EPOCH

from outreach import kinds
from outreach.importing import days, headers, tidying
from outreach.importing.errors import ImportRefused
from outreach.importing.headers import Header
from outreach.importing.mapping import Mapping
from outreach.importing.table import LONGEST, MOST_LINES, Row, Source, too_many, unread

UNPACKED = 300_000_000
"""Bytes a workbook may unpack to."""

_BLOCK = 4096
_SILENT = re.compile(r'\[[^\]]*\]|"[^"]*"|\\.')
"""What a number format holds besides its codes: language, literal words."""


def open_source(path: Path, mapping: Mapping, digest: bytes) -> Source:
    """Check the zip, the sheet and its header. Raises ImportRefused."""
    if mapping.place.geometry:
        raise ImportRefused("geometry", _("« geometry » ne vaut que pour un GeoJSON."))
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise unread(kinds.named(path.read_bytes()) or _("une archive zip"))
            if sum(part.file_size for part in parts) > UNPACKED:
                raise ImportRefused(
                    "too-large",
                    _("Ce classeur devient beaucoup trop gros une fois décompressé : il n’est pas ouvert."),
                )
            if any(_declares(archive, part) for part in parts if part.filename.endswith((".xml", ".rels"))):
                raise _unreadable()
    except kinds.BROKEN_ZIP:
        raise _unreadable() from None
    sheets = _sheets(path)
    sheet, header = _found(path, mapping, sheets)
    headers.refuse_unless_complete(mapping, header)

    def rows() -> Iterator[Row]:
        return _rows(path, mapping, sheet, header)

    lines = sum(1 for _row in rows())
    others = tuple(name for name in sheets if name != sheet and next(_lines(path, name), None) is not None)
    # Each sheet is a file of its own: what came in of one says nothing of the other.
    digest = sha256(digest + sheet.encode("utf-8", "surrogatepass")).digest()
    return Source("xlsx", digest, "", lines, rows, header.line, sheet, others)


def _found(path: Path, mapping: Mapping, sheets: list[str]) -> tuple[str, Header]:
    """The sheet that the mapping names, or the first with its columns, or the first; and its header."""
    if mapping.sheet is not None:
        sheets = [name for name in sheets if tidying.name(name) == mapping.sheet]
        if not sheets:
            raise ImportRefused("sheet", _("Il n’y a pas de feuille « {name} ».").format(name=mapping.sheet))
    best: tuple[str, Header] | None = None
    for name in sheets:
        lines = ((line, [_text(cell) for cell in cells]) for line, cells in _lines(path, name))
        header = headers.find(lines, mapping)
        if header is None:
            continue
        best = best or (name, header)
        if headers.held(header, mapping) == len(mapping.columns):
            return name, header
    if best is None:
        raise ImportRefused("empty", _("La feuille est vide."))
    return best


def _declares(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part declares a document type. No spreadsheet does; its entities name other files and unfold without end."""
    found: list[bool] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_words: found.append(True)
    parser.StartElementHandler = lambda *_words: found.append(False)
    with archive.open(part) as body, suppress(expat.ExpatError):  # what is no XML is refused when it is read
        while not found and (block := body.read(_BLOCK)):
            parser.Parse(block)
    return found[:1] == [True]


def _opened(path: Path) -> Any:
    try:
        # Bytes, because openpyxl looks at the ending of a name.
        return openpyxl.load_workbook(
            BytesIO(path.read_bytes()), read_only=True, data_only=False, keep_links=False
        )
    except Exception:
        # Whatever is wrong inside (bad XML, bad dates, missing parts), the answer is one and says nothing of it.
        raise _unreadable() from None


def _sheets(path: Path) -> list[str]:
    """The sheets with cells, hidden ones last. Raises ImportRefused where there is none: charts alone, an unknown dialect."""
    with _quietly():
        book = _opened(path)
        # What nobody sees is read last: a copy of last month, a list of choices.
        seen = sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible")
        names = [sheet.title for sheet in seen]
        book.close()
    if not names:
        raise _unreadable()
    return names


def _lines(path: Path, name: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    with _quietly():
        book = _opened(path)
        try:
            sheet = book[name]
            sheet.reset_dimensions()
            lines = enumerate(sheet.iter_rows(), start=1)
            while True:
                try:
                    line, cells = next(lines)
                except StopIteration:
                    return
                except Exception:
                    raise _unreadable() from None
                if any(tidying.name(_text(cell)) for cell in cells):
                    yield line, cells
        finally:
            book.close()


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that hold no value
        yield


def _rows(path: Path, mapping: Mapping, sheet: str, header: Header) -> Iterator[Row]:
    lines = (pair for pair in _lines(path, sheet) if pair[0] > header.line)
    for count, (line, cells) in enumerate(lines, start=1):
        if count > MOST_LINES:
            raise too_many()
        # Trailing empty cells are not written by spreadsheets: they are empty, not missing. What stands right of the
        # header belongs to no column.
        texts = dict.fromkeys(header.names, "")
        formulas, typed = set(), set()
        for name, cell in zip(header.names, cells, strict=False):
            texts[name] = _text(cell)
            if cell.data_type == "f":
                formulas.add(name)
            if isinstance(cell.value, date | time | timedelta):
                typed.add(name)
            elif name == mapping.night.column and _serial_of_1904(cell):
                texts[name] = _of_1904(cell.value)
                typed.add(name)
        if any(len(texts[name]) > LONGEST for name in mapping.columns):
            yield Row(line, {}, broken="too-long")
        else:
            yield Row(line, texts, formulas=frozenset(formulas), typed=frozenset(typed))


def _text(cell: Any) -> str:
    """One spelling per value: whole numbers without ".0", dates in ISO 8601, yes and no as words."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        value = (value + timedelta(milliseconds=500)).replace(microsecond=0)  # a part of a day is never exact
        # A cell that shows a day alone says a day alone.
        alone = value.time() == time() and "h" not in _SILENT.sub("", str(cell.number_format).lower())
        return value.date().isoformat() if alone else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return str(value)


def _of_1904(value: float) -> str:
    moment, hour = days.of_serial(float(value), since_1904=True)
    return moment.isoformat() if hour else moment.date().isoformat()


def _serial_of_1904(cell: Any) -> bool:
    """Whether a bare number is a day of a workbook that counts from 1904: 1,462 fewer than the others' for the same day."""
    value = cell.value
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 10_000 <= value < 100_000
        and cell.parent.parent.epoch == MAC_EPOCH
    )


def _unreadable() -> ImportRefused:
    return ImportRefused("unreadable", _("Le classeur ne s’ouvre pas : réenregistrez-le en .xlsx ou en CSV."))
