"""Names as people see them: nothing in one turns the text beside it round, hides, or makes two names look alike.

A pasted name often carries such characters and nobody sees them, so they are left out instead of refused.
"""

import re
import unicodedata

_JOINERS = "\u200c\u200d"
"""They shape letters of Persian, Hindi and others, and hide between letters that do not join."""

_DO_NOT_JOIN = ("LATIN", "GREEK", "CYRILLIC", "COMBINING")

_LOOK_EMPTY = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters, marks and signs that draw nothing."""


def visible(text: str) -> str:
    """One line without format characters (overrides of direction, zero widths, soft hyphens, tags), accents composed."""
    kept = ""
    for letter in unicodedata.normalize("NFC", text):
        if unicodedata.category(letter) in ("Cc", "Zl", "Zp"):
            kept += " "
        elif not hides(letter) or (letter in _JOINERS and _joins(kept[-1:])):
            kept += letter
    return " ".join(kept.rstrip(_JOINERS).split())


def natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """What to sort names by, as people do: numbers by their value (1er, 2e … 20e), letters without case and accents."""
    flat = unicodedata.normalize("NFKD", name)
    parts = re.split(r"([0-9]+)", "".join(one for one in flat if not unicodedata.combining(one)).casefold())
    # The odd ones are numbers. `isdigit` would be true of "፩" and "①" too, which `int` does not read.
    return tuple(
        (number == 0, int(part) if number else 0, part)
        for number, part in ((place % 2, part) for place, part in enumerate(parts))
        if part
    )


def hides(letter: str) -> bool:
    """Whether nobody sees this character: it formats, selects a variant or draws nothing."""
    selector = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    return selector or letter in _LOOK_EMPTY or unicodedata.category(letter) in ("Cf", "Cs", "Co", "Cn")


def _joins(before: str) -> bool:
    letter = before != "" and unicodedata.category(before)[0] in "LM"
    return letter and not unicodedata.name(before, "LATIN").startswith(_DO_NOT_JOIN)


def with_single_breaks(text: str) -> str:
    """Count each line break once: a form sends it as two characters, and so do files of some systems."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
