"""Passwords that others guess first, refused with a sentence.

Rule of the module: a list of whole passwords is never complete, so what is compared is what one is made of. One or two common
words with digits and signs around them, however they are written, are refused; three words without relation are not.
"""

import gzip
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from outreach.associations.models import Association
from outreach.members.common_words import FRENCH
from outreach.members.models import Team

DIFFERENT = 5
"""Different characters that a password has at least."""

LONGEST = 200
"""Characters. Pieces of a password are compared with each other: the time grows with the square of its length, or worse."""

DECORATION = 8
"""So many digits and signs around common words are no secret: years, dates, "123!"."""

SHORTEST = 3
"""Letters of a common word that counts."""

BESIDE = 8
"""Letters that must stand beside a word that everybody here knows."""

_ROWS = (
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "1a2z3e4r5t6y7u8i9o0p",
    "1q2w3e4r5t6y7u8i9o0p",
)
_ALIKE = [str.maketrans("0134579@$€!|", f"o{one}eastgaseil") for one in "il"]
PRODUCT = ("maraudes", "maraude")


def plain(text: str) -> str:
    """Small letters without accents."""
    return "".join(
        one for one in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(one)
    )


class Guessable:
    """A validator of Django's: refuses with a sentence that says why."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(
                _("Ce mot de passe dépasse 200 caractères. Quatre mots sans rapport suffisent."), code="long"
            )
        small = plain(password)
        if len(set(small)) < DIFFERENT or _again_and_again(small):
            raise ValidationError(
                _("Le même motif s’y répète. Quatre mots sans rapport se retiennent mieux."), code="repeated"
            )
        if _in_a_row(small):
            raise ValidationError(
                _("Ces touches se suivent sur le clavier. Choisissez quatre mots sans rapport."), code="row"
            )
        core = small.strip("0123456789").strip("".join(one for one in small if not one.isalnum()))
        spellings = {small, *(text.translate(alike) for alike in _ALIKE for text in (small, core))}
        if any(_of_known_words(one, known_words(user)) for one in spellings):
            raise ValidationError(
                _(
                    "Ce mot de passe contient un nom d’ici (association, équipe, outil ou personne), qu’on essaie d’abord."
                ),
                code="known-word",
            )
        if any(_common(one) for one in spellings):
            raise ValidationError(
                _(
                    "Ce mot de passe est fait de mots courants, qu’on essaie d’abord. Choisissez-en quatre sans rapport."
                ),
                code="common",
            )

    def get_help_text(self) -> str:
        return _(
            "Ni un mot courant suivi de chiffres, ni des touches voisines, ni le nom de votre association."
        )


def known_words(user: Any) -> frozenset[str]:
    """What somebody who knows the association tries first: its tool and, as far as seen, association, teams, person."""
    names = [*PRODUCT, *getattr(user, "house_words", ())]
    names += Association.objects.values_list("name", flat=True)
    names += Team.objects.values_list("name", flat=True)
    names += [getattr(user, "display_name", "") or "", (getattr(user, "email", "") or "").replace("@", " ")]
    words = (word for name in names for word in _letters_apart(plain(name)))
    return frozenset(word for word in words if len(word) > SHORTEST)


def _letters_apart(text: str) -> list[str]:
    return "".join(one if one.isalpha() else " " for one in text).split()


def _letters(text: str) -> str:
    return "".join(one for one in text if one.isalpha())


def _again_and_again(small: str) -> bool:
    """Twice or more the same piece, the last one perhaps cut."""
    length = len(small)
    return any(small == (small[:size] * length)[:length] for size in range(1, length // 2 + 1))


def _in_a_row(small: str) -> bool:
    """Three of four steps go to the neighbour on a row of keys, forth or back, or stay."""
    pairs = list(pairwise(small))
    return sum(1 for one, next_ in pairs if one == next_ or _neighbours(one, next_)) * 4 >= len(pairs) * 3


def _neighbours(one: str, next_: str) -> bool:
    return any(one + next_ in row or next_ + one in row for row in _ROWS)


def _of_known_words(small: str, words: frozenset[str]) -> bool:
    letters = _letters(small)
    rest = letters
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != letters and len(rest) < BESIDE


def _common(small: str) -> bool:
    letters = _letters(small)
    if _effort(small) > DECORATION and letters:
        return False
    if small in _common_words():
        return True
    words = _common_words()
    return letters in words or any(
        letters[:cut] in words and letters[cut:] in words
        for cut in range(SHORTEST, len(letters) - SHORTEST + 1)
    )


def _effort(small: str) -> int:
    """Digits and signs to remember: what repeats the one before, or follows it, is none more."""
    around = [one for one in small if not one.isalpha()]
    return len(around[:1]) + sum(
        1 for one, next_ in pairwise(around) if one != next_ and not _neighbours(one, next_)
    )


@cache
def _common_words() -> frozenset[str]:
    """Django's 20,000 with and without what surrounds their letters, and the French ones."""
    path = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        listed = {plain(line.strip()) for line in lines}
    stems = {_letters(one) for one in listed}
    return frozenset(one for one in listed | stems | FRENCH if len(one) >= SHORTEST)
