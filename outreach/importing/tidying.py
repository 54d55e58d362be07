"""One spelling for what a cell or a header says, however the file wrote it.

Macs write accents apart (NFD), Windows breaks lines with two characters, the web and French typography put hard
spaces, spreadsheets write ="…" so that a number stays a text. None of it means anything.
"""

import re
import unicodedata

_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad\ufe0e\ufe0f"))
_BREAKS = re.compile(r"(?:_x000D_)?\r?\n|_x000D_|\r")
_QUOTED = re.compile(r'="([^"=]*)"')
_WHOLE = re.compile(r"(\d+)[.,]0+", re.ASCII)
_NOTHING = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "—"))
_ALIKE = {
    "vrai": "true", "wahr": "true", "verdadero": "true", "vero": "true", "verdadeiro": "true", "waar": "true",
    "faux": "false", "falsch": "false", "falso": "false", "onwaar": "false",
    "✔": "✓", "☑": "✓", "✅": "✓", "🗸": "✓",
}  # fmt: skip
"""How spreadsheets show what every file format calls true and false, and how people tick."""


def cell(text: str) -> str:
    """What the cell says: accents composed, line ends as one, nothing around."""
    quoted = _QUOTED.fullmatch(text.strip())
    text = _BREAKS.sub("\n", quoted[1] if quoted else text)
    return unicodedata.normalize("NFC", text).strip("\ufeff\u200b \t\n\u00a0\u202f")


def says_nothing(text: str) -> bool:
    """Whether the cell is empty, or holds what programs write for empty: NA, NULL, NaN, #N/A, a dash."""
    return plain(text) in _NOTHING


def name(text: str) -> str:
    """A column's name as it is compared: also without invisible signs, and each run of blanks as one."""
    if text.isascii():
        return " ".join(text.split())
    composed = unicodedata.normalize("NFC", text.translate(_INVISIBLE)).replace("’", "'")
    return " ".join(composed.split())


def normalise_answer(text: str) -> str:
    """One spelling for comparing answers: no outer blanks, no case, no last dot; 1.0 is 1, VRAI is true, ✔ is ✓."""
    normalised = name(text).casefold()
    if not normalised.isascii():
        normalised = unicodedata.normalize("NFC", unicodedata.normalize("NFD", name(text)).casefold())
    normalised = normalised.rstrip(" .!") or normalised
    whole = _WHOLE.fullmatch(normalised)
    return whole[1] if whole else _ALIKE.get(normalised, normalised)


def plain(text: str) -> str:
    """Letters without accents or case, blanks as one: for words of a closed list (months, weekdays)."""
    if text.isascii():
        return name(text).casefold()
    apart = unicodedata.normalize("NFD", name(text)).casefold()
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def letters(text: str) -> str:
    """Letters and digits alone: what a note keeps when a spreadsheet saves it anew (2.5 or 2,5, NA or nothing, a sign lost)."""
    return "" if says_nothing(text) else "".join(filter(str.isalnum, plain(text)))
