"""XLSX workbooks, read only, never computed: a formula is not a value.

Rule of the room: a workbook is a zip; what it would unpack to is looked at before it is opened.
"""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.parsers import expat

import openpyxl
from django.utils.translation import gettext as _

from outreach.importing.errors import ImportRefused
from outreach.importing.mapping import Mapping
from outreach.importing.sources import LONGEST, MOST_LINES, Row, Source, refuse_unless_complete, too_many
from outreach.places.containers import BROKEN_ZIP

UNPACKED = 300_000_000
"""Bytes a workbook may unpack to."""

_BLOCK = 4096


def examine(path: Path, mapping: Mapping, digest: bytes) -> Source:
    """Check the zip, the sheet and its header. Raises ImportRefused."""
    if mapping.place.geometry:
        raise ImportRefused("geometry", _("« geometry » ne vaut que pour un GeoJSON."))
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise ImportRefused("kind", _("Ce fichier n’est pas un classeur XLSX."))
            if sum(part.file_size for part in parts) > UNPACKED:
                raise ImportRefused("too-large", _("Ce classeur se déplie démesurément ; rien n’est ouvert."))
            if any(_declares(archive, part) for part in parts if part.filename.endswith((".xml", ".rels"))):
                raise _unreadable()
    except BROKEN_ZIP:
        raise _unreadable() from None
    first = next(_lines(path, mapping), None)
    if first is None:
        raise ImportRefused("empty", _("La feuille est vide."))
    header = [_text(cell.value).strip() for cell in first[1]]
    refuse_unless_complete(mapping, header)

    def rows() -> Iterator[Row]:
        return _rows(path, mapping, header)

    return Source("xlsx", digest, "", sum(1 for _row in rows()), rows)


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


def _lines(path: Path, mapping: Mapping) -> Iterator[tuple[int, tuple[Any, ...]]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that hold no value
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
        except Exception:
            # Whatever is wrong inside (bad XML, bad dates, missing parts), the answer is one and says nothing of it.
            raise _unreadable() from None
        try:
            if mapping.sheet is not None and mapping.sheet not in book.sheetnames:
                raise ImportRefused(
                    "sheet", _("Il n’y a pas de feuille « {name} ».").format(name=mapping.sheet)
                )
            sheet = book[mapping.sheet] if mapping.sheet is not None else book.worksheets[0]
            sheet.reset_dimensions()
            lines = enumerate(sheet.iter_rows(), start=1)
            while True:
                try:
                    line, cells = next(lines)
                except StopIteration:
                    return
                except Exception:
                    raise _unreadable() from None
                if any(cell.value is not None for cell in cells):
                    yield line, cells
        finally:
            book.close()


def _rows(path: Path, mapping: Mapping, header: list[str]) -> Iterator[Row]:
    lines = _lines(path, mapping)
    next(lines, None)
    for count, (line, cells) in enumerate(lines, start=1):
        if count > MOST_LINES:
            raise too_many()
        texts, formulas = {}, set()
        for name, cell in zip(header, cells, strict=False):
            texts[name] = _text(cell.value)
            if cell.data_type == "f":
                formulas.add(name)
        if any(cell.value is not None for cell in cells[len(header) :]):
            yield Row(line, {}, broken="columns")
        elif any(len(text) > LONGEST for text in texts.values()):
            yield Row(line, {}, broken="too-long")
        else:
            # Trailing empty cells are not written by spreadsheets: they are empty, not missing.
            full = {name: texts.get(name, "") for name in header}
            yield Row(line, full, formulas=frozenset(formulas))


def _text(value: Any) -> str:
    """One spelling per value: whole numbers without ".0", dates in ISO 8601, yes and no as words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _unreadable() -> ImportRefused:
    return ImportRefused("unreadable", _("Le classeur ne s’ouvre pas : réenregistrez-le en .xlsx ou en CSV."))
