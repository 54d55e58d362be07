"""Reading a foreign file line by line: CSV, XLSX or GeoJSON, looked at from outside before it is parsed.

Rule of the room: a file is opened only when its size, its kind and its bytes are what they claim to be. What
comes out are texts by column name and a line number; numbers and dates of a spreadsheet become texts here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from outreach import kinds
from outreach.importing import encodings
from outreach.importing.errors import ImportRefused
from outreach.importing.mapping import Mapping

LARGEST = 50_000_000
"""Bytes. A year of one association is below 10 MB; what is larger should be cut by year."""

MOST_LINES = 200_000
"""Lines read at most: a year of all Paris, several times over."""

LONGEST = 20_000
"""Characters of one cell."""

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One line: its number as a spreadsheet shows it (a feature's rank), texts by column, or why it cannot be used.

    `point` is (lon, lat) as texts when the geometry says the place. `typed` are the columns whose text is a real date or
    hour of the file, in ISO 8601, whatever pattern the mapping gives for texts.
    """

    line: int
    cells: dict[str, str]
    point: tuple[str, str] | None = None
    broken: str = ""
    formulas: frozenset[str] = frozenset()
    typed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """An examined file. `rows()` reads it from the start, every time. `header`: the line that names the columns, or 0.

    sheet: the one read of a workbook. others: its sheets with cells that are not read.
    """

    kind: str
    digest: bytes
    encoding: str
    lines: int
    rows: Callable[[], Iterator[Row]]
    header: int = 0
    sheet: str = ""
    others: tuple[str, ...] = ()


def examine(path: Path, mapping: Mapping) -> Source:
    """Look at the file and at its header. Raises ImportRefused; reads nothing into memory but a block."""
    from outreach.importing import delimited, features, sheets

    size = _size(path)
    with path.open("rb") as file:
        start = file.read(kinds.HEAD)
    if size == 0:
        raise empty()
    if start.startswith(b"PK\x03\x04"):
        return sheets.examine(path, mapping, _digest(path))
    if not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and (kind := kinds.named(start)):
        raise unread(kind)
    digest, encoding = encodings.decode(path)
    with encodings.opened(path, encoding) as text:
        first = text.read(200).lstrip("\ufeff \t\r\n")
    if first.startswith("{"):
        return features.examine(path, mapping, digest, encoding)
    return delimited.examine(path, mapping, digest, encoding)


def empty() -> ImportRefused:
    """The refusal for a file that holds nothing, or only its mark, blanks and separators."""
    return ImportRefused("empty", _("Le fichier est vide."))


def unread(kind: str | Promise) -> ImportRefused:
    """The refusal for a file of a kind that is known, and read elsewhere."""
    return ImportRefused(
        "kind",
        _(
            "Ce fichier est {kind}, qui ne se lit pas ici : enregistrez en CSV, XLSX (.xlsx) ou GeoJSON."
        ).format(kind=kind),
    )


def too_many() -> ImportRefused:
    """The refusal for a file with more lines than anybody should import at once."""
    return ImportRefused(
        "too-many",
        _("Plus de {most} lignes : découpez le fichier, par année par exemple.").format(most=MOST_LINES),
    )


def _size(path: Path) -> int:
    if not path.is_file():
        raise ImportRefused("missing", _("Il n’y a pas de fichier à cet endroit."))
    size = path.stat().st_size
    if size > LARGEST:
        raise ImportRefused(
            "too-large",
            _(
                "Le fichier pèse {size} Mo, au plus {most} Mo se lisent : découpez-le, par année par exemple."
            ).format(size=size // 1_000_000, most=LARGEST // 1_000_000),
        )
    return size


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.digest()
