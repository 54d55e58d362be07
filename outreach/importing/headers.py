"""Where the names of the columns stand: rarely, but often enough, below a title.

Rule of the module: a line is shown as a header only when it holds more than half of the mapping's columns. Otherwise it
may be the answers of a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outreach.importing import tidying
from outreach.importing.errors import ImportRefused
from outreach.importing.mapping import Mapping

LOOKED_AT = 20
"""Lines among which the header is looked for."""

SHOWN = 30
"""Columns named in a refusal."""


@dataclass(frozen=True, slots=True)
class Header:
    """A line taken for the header: its number, and its names as they are compared."""

    line: int
    names: tuple[str, ...]


def find(lines: Iterable[tuple[int, list[str]]], mapping: Mapping) -> Header | None:
    """The first line with every column of the mapping, else that with most of them; None for an empty file."""
    best: Header | None = None
    for line, cells in islice(lines, LOOKED_AT):
        header = Header(line, tuple(called([tidying.name(cell) for cell in cells], mapping)))
        if best is None or held(header, mapping) > held(best, mapping):
            best = header
        if held(best, mapping) == len(mapping.columns):
            break
    return best


def called(names: list[str], mapping: Mapping) -> list[str]:
    """The names, where one column alone differs from the mapping's by case or accents by the mapping's name."""
    plain = [tidying.plain(name) for name in names]
    for column in mapping.columns:
        alike = [place for place, name in enumerate(plain) if name == tidying.plain(column)]
        if column not in names and len(alike) == 1 and names[alike[0]] not in mapping.columns:
            names[alike[0]] = column
    return names


def held(header: Header, mapping: Mapping) -> int:
    """How many of the mapping's columns the header has."""
    return sum(name in header.names for name in mapping.columns)


def refuse_unless_complete(mapping: Mapping, header: Header) -> None:
    """Raise ImportRefused for a header that lacks a column of the mapping, or holds one twice."""
    if held(header, mapping) < len(mapping.columns):
        raise missing(mapping, [name for name in header.names if name], line=header.line)
    for name in mapping.columns:
        if header.names.count(name) > 1:
            raise ImportRefused("columns", _("La colonne « {name} » est là deux fois.").format(name=name))


def missing(mapping: Mapping, columns: list[str], line: int | None = None) -> ImportRefused:
    """The refusal for a file that lacks columns of the mapping. `line` is the one taken for the header, where there is one."""
    absent = [name for name in mapping.columns if name not in columns]
    taken = "" if line is None else _("La ligne {line} a été prise pour l’en-tête. ").format(line=line)
    if 2 * len(absent) >= len(mapping.columns):
        return ImportRefused(
            "columns",
            taken
            + _(
                "Trop de colonnes de la correspondance manquent dans le fichier : {absent}. Les siennes ({count}) ne sont pas "
                "montrées : sans en-tête, ce seraient les réponses d’une personne."
            ).format(absent=_quoted(absent), count=len(columns)),
        )
    return ImportRefused(
        "columns",
        taken
        + _("Il manque dans le fichier : {absent}. Il a : {present}.").format(
            absent=_quoted(absent), present=_cut(columns)
        ),
    )


def _cut(columns: list[str]) -> str:
    more = len(columns) - SHOWN
    if more <= 0:
        return _quoted(columns)
    told = ngettext("et {more} autre, non montrée", "et {more} autres, non montrées", more)
    return f"{_quoted(columns[:SHOWN])}… {told.format(more=more)}"


def _quoted(names: list[str]) -> str:
    return ", ".join(f"« {name[:40]}{'…' * (len(name) > 40)} »" for name in names)
