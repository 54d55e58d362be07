"""Words as people type them at night, made comparable: no accents, case, typographic or hidden signs; places are kept."""

import unicodedata

from outreach.names import hides

LIKE = {
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "´": "'",
    "`": "'",
    "‐": "-",
    "‑": "-",
    "–": "-",
    "—": "-",
    "\u00a0": " ",
    "\u202f": " ",
}
WIDE = {"œ": "oe", "æ": "ae", "ß": "ss"}


def normalise(text: str) -> tuple[str, list[int]]:
    """`text` in plain lower case, and for each of its characters the place of the original one."""
    plain: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        low = char.lower()
        if low in WIDE:
            base = WIDE[low]
        else:
            base = "".join(
                part
                for part in unicodedata.normalize("NFD", LIKE.get(char, low))
                if not unicodedata.combining(part) and not hides(part)
            )
        plain.append(base)
        places += [place] * len(base)
    return "".join(plain), places
