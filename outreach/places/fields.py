"""Which column of a file names a sector, and which one identifies it, when the person does not say.

Rule of the room: a guess is always told, and never made on a column that could not do the work: a code must
be there and different for every outline, a name must be there for most.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

NAMES = (
    "name", "nom", "libelle", "label", "l_qu", "l_ar", "nom_quartier", "nom_secteur", "nom_com",
    "nom_commune", "nom_iris", "quartier", "secteur", "arrondissement", "intitule", "denomination",
    "titre", "title", "lib", "nomcom", "libgeo",
)  # fmt: skip
"""Column names seen in French open data and its neighbours, best first; compared without case nor accents."""

CODES = (
    "code", "c_qu", "c_ar", "code_insee", "insee", "insee_com", "c_quinsee", "code_iris", "codgeo",
    "code_quartier", "code_secteur", "ref", "reference", "numero", "num", "id", "identifiant", "gid", "fid",
    "objectid",
)  # fmt: skip

LONGEST_CODE = 40
LONGEST_NAME = 120


def plain(text: str) -> str:
    """Without case, accents or separators at the ends."""
    decomposed = unicodedata.normalize("NFKD", text)
    return (
        "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold().strip(" _-")
    )


def as_text(value: Any) -> str:
    """A value as one line of text: 7.0 is "7", an absent one is "", control characters are spaces."""
    if value is None or value != value:  # NaN is how numeric columns say "absent"
        return ""
    if isinstance(value, bytes):
        return ""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in str(value)
    )
    return " ".join(text.split())


def guess_code(fields: Sequence[str], rows: Sequence[dict[str, Any]]) -> str | None:
    """The best known column whose values are all present and all different, or None."""
    for field in _known(fields, CODES):
        values = [as_text(row[field]) for row in rows]
        if all(values) and len(set(values)) == len(values) and max(map(len, values)) <= LONGEST_CODE:
            return field
    return None


def guess_name(fields: Sequence[str], rows: Sequence[dict[str, Any]]) -> str | None:
    """The best known column that says something for most rows: words before bare numbers, or None."""
    filled = [
        field
        for field in _known(fields, NAMES)
        if sum(bool(as_text(row[field])) for row in rows) * 2 > len(rows)
    ]
    wordy = [field for field in filled if any(not as_text(row[field]).isdigit() for row in rows)]
    return next(iter(wordy or filled), None)


def _known(fields: Sequence[str], wanted: Iterable[str]) -> list[str]:
    by_plain = {plain(field): field for field in reversed(fields)}
    return [by_plain[name] for name in wanted if name in by_plain]
