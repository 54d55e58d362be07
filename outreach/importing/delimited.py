"""CSV files, as spreadsheets and other tools write them: comma, semicolon or tab, quoted or not."""

import csv
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from outreach.importing.errors import ImportRefused
from outreach.importing.mapping import Mapping
from outreach.importing.sources import LONGEST, MOST_LINES, Row, Source, refuse_unless_complete, too_many

DELIMITERS = (";", ",", "\t")


def examine(path: Path, mapping: Mapping, digest: bytes, encoding: str) -> Source:
    """Find the delimiter under which the header has the mapping's columns, and count lines. Raises ImportRefused."""
    headers = {delimiter: _header(path, encoding, delimiter) for delimiter in DELIMITERS}
    best = max(
        DELIMITERS, key=lambda d: (sum(name in headers[d] for name in mapping.columns), len(headers[d]))
    )
    header = headers[best]
    if mapping.place.geometry:
        raise ImportRefused("geometry", _("« geometry » ne vaut que pour un GeoJSON."))
    refuse_unless_complete(mapping, header)

    def rows() -> Iterator[Row]:
        return _rows(path, encoding, best, header)

    lines = sum(1 for _row in rows())  # a whole pass: a broken quote on the last line refuses the file first
    return Source("csv", digest, encoding, lines, rows)


def _reader(file: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(first line, cells) of every non-empty line. Raises ImportRefused where quotes do not close."""
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise ImportRefused(
                "csv", _("Le fichier ne se lit pas comme un CSV, près de la ligne {line}.").format(line=start)
            ) from None
        if any(cells):
            yield start, cells
        start = reader.line_num + 1


def _header(path: Path, encoding: str, delimiter: str) -> list[str]:
    with path.open(encoding=encoding, newline="") as file:
        try:
            found = next(_reader(file, delimiter), None)
        except ImportRefused:
            return []  # perhaps another delimiter reads it; if none does, columns are missing
    return [cell.strip() for cell in found[1]] if found else []


def _rows(path: Path, encoding: str, delimiter: str, header: list[str]) -> Iterator[Row]:
    with path.open(encoding=encoding, newline="") as file:
        lines = _reader(file, delimiter)
        next(lines, None)
        for count, (line, cells) in enumerate(lines, start=1):
            if count > MOST_LINES:
                raise too_many()
            if len(cells) != len(header):
                yield Row(line, {}, broken="columns")
            elif any(len(cell) > LONGEST for cell in cells):
                yield Row(line, {}, broken="too-long")
            else:
                yield Row(line, dict(zip(header, cells, strict=True)))
