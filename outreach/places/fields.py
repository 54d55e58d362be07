"""Which column of a file names a sector, and which one identifies it, when the person does not say.

Rule of the module: a guess is always told, and never made on a column that could not do the work: a code must
be there and different for every outline, a name is made of words, there for most and not the same for many. A row
number identifies nothing: the next export gives it to another quarter.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from outreach.names import visible

NAMES = (
    "name", "nom", "libelle", "label", "l_qu", "l_ar", "nom_quartier", "nom_secteur", "nom_com",
    "nom_commune", "nom_iris", "quartier", "secteur", "arrondissement", "intitule", "denomination",
    "titre", "title", "lib", "nomcom", "libgeo",
    "nome", "bezeichnung", "bezname", "nombre", "stadtteil", "ortsteil", "bezirk", "barrio", "barri", "distrito",
    "ward", "district", "neighbourhood", "neighborhood",
)  # fmt: skip
"""Column names seen in open data of cities, best first; compared without case nor accents."""

_SAYS_NAME = r"(?:libelle|label|lib|names?|nome?s?|nombre|bezeichnung|bez|l)"
_OF_GROUND = (
    r"(?:quart\w*|sect\w*|zones?|iris|arr|arrond\w*|communes?|offici?\w*|complet|long|usuel|barri\w*|distri\w*|lieux?|"
    r"territ\w*|cantons?|ilots?|perimetre|polygone|sous_?quart\w*|gran_?quart\w*|wards?|wd|bezirk\w*|ortsteil|stadtteil|"
    r"neighbou?rhoods?|fr|en|de|es|it|nl|pt|ca|nm)"
)
_LIKE_A_NAME = re.compile(
    rf"{_SAYS_NAME}_?(?:d[ue]s?_(?:la_)?|of_(?:the_)?)?{_OF_GROUND}?|{_OF_GROUND}_?(?:name|nom|nm|lib|libelle)"
)
"""How columns of names that are not in the list are called: LIBQUART, NOM_OFFICIEL, WARD_NAME. What is no word of ground may
be somebody's name (NOM_GEST), a number (NOMBRE_HAB) or a file's: then the person is asked."""

CODES = (
    "code", "c_qu", "c_ar", "code_insee", "insee", "insee_com", "c_quinsee", "code_iris", "codgeo",
    "code_quartier", "code_secteur", "ref", "reference", "numero", "num", "id", "identifiant",
)  # fmt: skip

ROW_NUMBERS = ("gid", "fid", "ogc_fid", "objectid")
"""Columns that software numbers anew at each export; a code only where sectors were named by them before."""

_A_NUMBER = "nombre"
"""A name in Spanish, a number in French."""

_ANSWERS = ("True", "False")

MOST_TWINS = 0.5
"""Share of different values below which a column is no name: half of the sectors would be called as another."""

LONGEST_CODE = 40
LONGEST_NAME = 120


def plain(text: str) -> str:
    """Without case, accents or separators at the ends."""
    decomposed = unicodedata.normalize("NFKD", text)
    return (
        "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold().strip(" _-")
    )


def named(wanted: str | None, fields: Sequence[str]) -> str | None:
    """The column called so, however the file composes its accents; None when there is none."""
    if wanted is None or wanted in fields:
        return wanted
    composed = unicodedata.normalize("NFC", wanted)
    return next((field for field in fields if unicodedata.normalize("NFC", field) == composed), None)


def as_text(value: Any) -> str:
    """A value as one line of text: 7.0 is "7", an absent one is "", without what nobody sees."""
    if value is None or value != value:  # NaN is how numeric columns say "absent"
        return ""
    if isinstance(value, bytes):
        return ""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return visible(str(value))


def guess_code(
    fields: Sequence[str],
    rows: Sequence[dict[str, Any]],
    known: frozenset[str] = frozenset(),
    name: str | None = None,
) -> str | None:
    """The best column whose values are all present and all different, or None.

    known: codes of the sectors there are; the column that says most of them goes before every other. name: the column of
    names, which identified them where the file had no codes then.
    """
    possible = {}
    for field in dict.fromkeys((*_known(fields, (*CODES, *ROW_NUMBERS)), *((name,) if name else ()))):
        values = [as_text(row[field]) for row in rows]
        if all(values) and len(set(values)) == len(values) and max(map(len, values)) <= LONGEST_CODE:
            possible[field] = len(known.intersection(values))
    said_before = [field for field, found in possible.items() if found == max(possible.values()) > 0]
    fresh = [
        field
        for field in possible
        if field != name and plain(field) not in ROW_NUMBERS and not _numbers_rows(field, rows)
    ]
    return next(iter(said_before or fresh), None)


def guess_name(fields: Sequence[str], rows: Sequence[dict[str, Any]]) -> str | None:
    """The best column of words that says something else for most rows, else one of different numbers, or None."""
    likely = _known(fields, NAMES)
    likely += [field for field in fields if _LIKE_A_NAME.fullmatch(_words(field)) and field not in likely]
    values = {field: [text for row in rows if (text := as_text(row[field]))] for field in likely}
    filled = [field for field in likely if len(values[field]) * 2 > len(rows)]
    different = {field: len(set(values[field])) / len(values[field]) for field in filled}
    wordy = [field for field in filled if _are_words(field, values[field])]
    # Where no column tells all sectors apart, the one that tells most; the name of the city for all of them is none.
    telling = sorted(
        (field for field in wordy if different[field] > MOST_TWINS), key=lambda field: -different[field]
    )
    if telling or wordy:
        return next(iter(telling), None)
    numbered = [field for field in _known(fields, NAMES) if field in filled and plain(field) != _A_NUMBER]
    return next((field for field in numbered if different[field] == 1), None)


def _are_words(field: str, values: list[str]) -> bool:
    """Whether most values are words; those of a column called "nombre" are Spanish names only without digits."""
    words = [text for text in values if any(map(str.isalpha, text)) and text not in _ANSWERS]
    if plain(field) == _A_NUMBER:
        words = [text for text in words if not any(map(str.isdigit, text))]
    return len(words) * 2 > len(values)


def _words(field: str) -> str:
    """The words of a column's name, one sign between them, without the number at its end."""
    return re.sub(r"[\W_\d]+", "_", plain(field)).strip("_")


def _numbers_rows(field: str, rows: Sequence[dict[str, Any]]) -> bool:
    """Whether an "id" only says in which row it stands, counted from 0 or 1."""
    values = [as_text(row[field]) for row in rows]
    counts = ([str(row + first) for row in range(len(rows))] for first in (0, 1))
    return plain(field) == "id" and values in counts


def _known(fields: Sequence[str], wanted: Iterable[str]) -> list[str]:
    by_plain = {plain(field): field for field in reversed(fields)}
    return [by_plain[name] for name in wanted if name in by_plain]
