"""Reading a foreign file line by line: CSV, XLSX or GeoJSON, looked at from outside before it is parsed.

Rule of the room: a file is opened only when its size, its kind and its bytes are what they claim to be. What
comes out are texts by column name and a line number; numbers and dates of a spreadsheet become texts here.
"""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from outreach import kinds
from outreach.importing.errors import ImportRefused
from outreach.importing.mapping import Mapping

LARGEST = 50_000_000
"""Bytes. A year of one association is below 10 MB; what is larger should be cut by year."""

MOST_LINES = 200_000
"""Lines read at most: a year of all Paris, several times over."""

LONGEST = 20_000
"""Characters of one cell."""

_BLOCK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""How a file says its encoding itself; the mark of UTF-32 begins with that of UTF-16."""


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
        raise ImportRefused("empty", _("Le fichier est vide."))
    if start.startswith(b"PK\x03\x04"):
        return sheets.examine(path, mapping, _digest(path))
    if not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and (kind := kinds.named(start)):
        raise unread(kind)
    digest, encoding = _decode(path)
    with path.open(encoding=encoding) as text:
        first = text.read(200).lstrip("\ufeff \t\r\n")
    if first.startswith("{"):
        return features.examine(path, mapping, digest, encoding)
    return delimited.examine(path, mapping, digest, encoding)


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


def _decode(path: Path) -> tuple[bytes, str]:
    """Digest and encoding of a text file: what its mark says, else UTF-8, else Windows-1252; or it is refused."""
    digest = sha256()
    with path.open("rb") as file:
        start = file.read(200)
        mark = next((name for mark, name in _MARKS if start.startswith(mark)), "") or _unmarked(start)
        possible = [mark] if mark else ["utf-8-sig", "cp1252"]
        decoders = {name: codecs.getincrementaldecoder(name)() for name in possible}
        null = False
        file.seek(0)
        while decoders and (block := file.read(_BLOCK)):
            digest.update(block)
            texts = {name: _decoded(decoder, block) for name, decoder in decoders.items()}
            decoders = {name: decoders[name] for name, text in texts.items() if text is not None}
            null = null or any("\x00" in text for text in texts.values() if text)
    if null:
        raise ImportRefused("binary", _("Le fichier contient des octets nuls : ce n’est pas du texte."))
    for name, decoder in decoders.items():
        if _decoded(decoder, b"", final=True) is not None:
            return digest.digest(), name
    raise ImportRefused(
        "encoding",
        _(
            "L’encodage n’est ni UTF-8, ni UTF-16 avec sa marque, ni Windows-1252 : enregistrez le fichier en UTF-8."
        ),
    )


def _unmarked(start: bytes) -> str:
    """UTF-16 without its mark: every second byte of Latin letters is null."""
    if len(start) >= 8:
        for places, name in ((start[1::2], "utf-16-le"), (start[::2], "utf-16-be")):
            if places.count(0) * 4 >= len(places) * 3:
                return name
    return ""


def _decoded(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> str | None:
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError:
        return None
