"""A foreign table as every reader gives it: rows of texts by column, its limits, and the refusals that readers share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from outreach.importing.errors import ImportRefused

LARGEST = 50_000_000
"""Bytes. A year of one association is below 10 MB; what is larger should be cut by year."""

MOST_LINES = 200_000
"""Lines read at most: a year of all Paris, several times over."""

LONGEST = 20_000
"""Characters of one cell."""


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
