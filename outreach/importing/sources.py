"""Reading a foreign file line by line: CSV, XLSX or GeoJSON, looked at from outside before it is parsed.

Rule of the room: a file is opened only when its size, its kind and its bytes are what they claim to be. What
comes out are texts by column name and a line number; numbers and dates of a spreadsheet become texts here.
"""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.utils.translation import gettext as _

from outreach.importing.errors import ImportRefused
from outreach.importing.mapping import Mapping

LARGEST = 50_000_000
"""Bytes. A year of one association is below 10 MB; what is larger should be cut by year."""

MOST_LINES = 200_000
"""Lines read at most: a year of all Paris, several times over."""

LONGEST = 20_000
"""Characters of one cell."""

_BLOCK = 1 << 20
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One line: its number in the file (a feature's rank for GeoJSON), texts by column, or why it cannot be used.

    `point` is (lon, lat) as texts when the geometry says the place.
    """

    line: int
    cells: dict[str, str]
    point: tuple[str, str] | None = None
    broken: str = ""
    formulas: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """An examined file. `rows()` reads it from the start, every time."""

    kind: str
    digest: bytes
    encoding: str
    lines: int
    rows: Callable[[], Iterator[Row]]


def examine(path: Path, mapping: Mapping) -> Source:
    """Look at the file and at its header. Raises ImportRefused; reads nothing into memory but a block."""
    from outreach.importing import delimited, features, sheets

    size = _size(path)
    with path.open("rb") as file:
        start = file.read(8)
    if size == 0:
        raise ImportRefused("empty", _("Le fichier est vide."))
    if start.startswith(b"PK\x03\x04"):
        return sheets.examine(path, mapping, _digest(path))
    if start.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"SQLite")):
        raise ImportRefused(
            "kind", _("Ce format ne se lit pas ici : enregistrez en CSV, XLSX (.xlsx) ou GeoJSON.")
        )
    if start.startswith(_MARKS):
        raise ImportRefused("encoding", _("Le fichier est en UTF-16 ou UTF-32 : enregistrez-le en UTF-8."))
    digest, encoding = _decode(path)
    with path.open(encoding=encoding) as text:
        first = text.read(200).lstrip()
    if first.startswith("{"):
        return features.examine(path, mapping, digest, encoding)
    return delimited.examine(path, mapping, digest, encoding)


def refuse_unless_complete(mapping: Mapping, header: list[str]) -> None:
    """Raise ImportRefused for a header that lacks a column of the mapping, or holds one twice."""
    if any(name not in header for name in mapping.columns):
        raise missing(mapping, [name for name in header if name])
    for name in mapping.columns:
        if header.count(name) > 1:
            raise ImportRefused("columns", _("La colonne « {name} » est là deux fois.").format(name=name))


def missing(mapping: Mapping, columns: list[str]) -> ImportRefused:
    """The refusal for a header that lacks columns of the mapping. One "X" among a person's answers makes no header of them."""
    absent = [name for name in mapping.columns if name not in columns]
    if 2 * len(absent) >= len(mapping.columns):
        return ImportRefused(
            "columns",
            _(
                "Trop de colonnes de la correspondance manquent dans le fichier : {absent}. Les siennes ({count}) ne sont pas "
                "montrées : sans en-tête, ce seraient les réponses d’une personne."
            ).format(absent=_quoted(absent), count=len(columns)),
        )
    return ImportRefused(
        "columns",
        _("Il manque dans le fichier : {absent}. Il a : {present}.").format(
            absent=_quoted(absent), present=_quoted(columns[:30])
        ),
    )


def _quoted(names: list[str]) -> str:
    return ", ".join(f"« {name[:40]} »" for name in names)


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
    """Digest and encoding of a text file: UTF-8 (with or without mark), else Windows-1252, else refused."""
    digest, odd, utf8 = sha256(), False, codecs.getincrementaldecoder("utf-8")()
    works = {"utf-8-sig": True, "cp1252": True}
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            odd = odd or b"\x00" in block
            works["utf-8-sig"] = works["utf-8-sig"] and _accepts(utf8, block, final=False)
            works["cp1252"] = works["cp1252"] and _accepts(codecs.getincrementaldecoder("cp1252")(), block)
    works["utf-8-sig"] = works["utf-8-sig"] and _accepts(utf8, b"", final=True)
    if odd:
        raise ImportRefused(
            "binary", _("Le fichier contient des octets nuls : ce n’est pas du texte, ou il est en UTF-16.")
        )
    for encoding, possible in works.items():
        if possible:
            return digest.digest(), encoding
    raise ImportRefused(
        "encoding", _("L’encodage n’est ni UTF-8 ni Windows-1252 : enregistrez le fichier en UTF-8.")
    )


def _accepts(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = True) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True
