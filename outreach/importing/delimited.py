"""CSV files, as spreadsheets and other tools write them: comma, semicolon, tab or bar, quoted or not.

Rule of the module: lines are numbered as a spreadsheet shows them. A cell of three lines is in one row, a blank line is a row,
"sep=;" is none.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

from django.utils.translation import gettext as _

from outreach.importing import headers, tidying
from outreach.importing.encodings import opened
from outreach.importing.errors import ImportRefused
from outreach.importing.headers import Header
from outreach.importing.mapping import Mapping
from outreach.importing.table import LARGEST, LONGEST, MOST_LINES, Row, Source, empty, too_many

DELIMITERS = (";", ",", "\t", "|")
csv.field_size_limit(LARGEST)  # a photograph in a column that nobody maps costs no line
_SAID = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
"""The line with which Excel is told the delimiter, and which it does not show."""


def open_source(path: Path, mapping: Mapping, digest: bytes, encoding: str) -> Source:
    """Find the header, the delimiter under which it has the mapping's columns, and count lines. Raises ImportRefused."""
    if mapping.place.geometry:
        raise ImportRefused("geometry", _("« geometry » ne vaut que pour un GeoJSON."))
    said = _said(path, encoding)
    possible = dict.fromkeys((said, *DELIMITERS) if said else DELIMITERS)
    found = {one: _header(path, encoding, one, mapping) for one in possible}
    delimiter = max(found, key=lambda one: (headers.held(found[one], mapping), len(found[one].names)))
    header = found[delimiter]
    # Nothing but blanks and separators; or no delimiter reads its first line: then this says where it stumbles.
    if not _says_something(header.names) and not any(
        _says_something(cells) for _line, cells in _lines(path, encoding, delimiter)
    ):
        raise empty()
    headers.refuse_unless_complete(mapping, header)

    def rows() -> Iterator[Row]:
        return _rows(path, encoding, delimiter, header, mapping)

    lines = sum(1 for _row in rows())  # a whole pass: a broken quote on the last line refuses the file first
    return Source("csv", digest, encoding, lines, rows, header.line)


def _says_something(cells: Iterable[str]) -> bool:
    return any(map(str.isalnum, "".join(cells)))


def _said(path: Path, encoding: str) -> str:
    with opened(path, encoding) as file:
        found = _SAID.fullmatch(file.readline(100).rstrip("\r\n"))
    return found[1] if found else ""


def _lines(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(row as a spreadsheet numbers it, cells) of every line with text. Raises ImportRefused where quotes do not close."""
    with opened(path, encoding) as file:
        first = file.readline()
        told = _SAID.fullmatch(first.rstrip("\r\n"))
        reader = csv.reader(
            file if told else chain([first], file),
            delimiter=delimiter,
            skipinitialspace=delimiter == ",",  # a, "b, c" is how people write it by hand
            strict=True,
        )
        line = 0
        while True:
            line += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise ImportRefused(
                    "csv",
                    _("Le fichier ne se lit pas comme un CSV, près de la ligne {line}.").format(line=line),
                ) from None
            if any(map(tidying.name, cells)):
                yield line, cells


def _header(path: Path, encoding: str, delimiter: str, mapping: Mapping) -> Header:
    """The header under this delimiter; without names when the file does not read so: perhaps another delimiter reads it."""

    def readable() -> Iterator[tuple[int, list[str]]]:
        with suppress(ImportRefused):
            yield from _lines(path, encoding, delimiter)

    return headers.find(readable(), mapping) or Header(1, ())


def _rows(path: Path, encoding: str, delimiter: str, header: Header, mapping: Mapping) -> Iterator[Row]:
    width = len(header.names)
    mapped = [header.names.index(name) for name in mapping.columns]
    lines = (pair for pair in _lines(path, encoding, delimiter) if pair[0] > header.line)
    for count, (line, cells) in enumerate(lines, start=1):
        if count > MOST_LINES:
            raise too_many()
        if any(cell.strip() for cell in cells[width:]):
            yield Row(line, {}, broken="columns")
            continue
        # Some tools do not write the empty cells at a line's end.
        full = cells + [""] * (width - len(cells))
        if any(len(full[place]) > LONGEST for place in mapped):
            yield Row(line, {}, broken="too-long")
        else:
            yield Row(line, dict(zip(header.names, full, strict=False)))
