"""Five classes for a map: from how many people to which class, and what the legend says of it.

Rule of the module: the page receives classes, never the numbers behind them, and the lowest class of a masked map
says "peu", which is no number. Bounds double, so that one glance tells much from little whatever the association's size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

CLASSES = 5
"""As many as people tell apart by pattern and colour together."""

EXACT = (2, 4, 8, 16)
"""Lower bounds of classes 2 to 5 where the reader may know the numbers (a team's own squares)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the legend."""

    number: int
    label: str


def bounds(few: int | None) -> tuple[int, ...]:
    """Lower bounds of classes 2 to 5; None for an exact map. Numbers of a masked map are multiples of `few`, from two on."""
    return EXACT if few is None else tuple(few * 2**step for step in range(1, CLASSES))


def class_of(people: int, few: int | None) -> int:
    """The class, 1 to 5, of a number of people."""
    return 1 + sum(people >= bound for bound in bounds(few))


def classed(people: Mapping[str, int], few: int | None) -> dict[str, int]:
    """The class of each square by its id."""
    return {cell: class_of(count, few) for cell, count in people.items()}


def legend(few: int | None) -> list[Line]:
    """What each class means, in words, from least to most."""
    lower = bounds(few)
    lines = [Line(1, _("1 personne") if few is None else _("peu (sans nombre)"))]
    for number, (low, high) in enumerate(pairwise(lower), start=2):
        lines.append(Line(number, _("{low} à {high} personnes").format(low=low, high=high - 1)))
    lines.append(Line(CLASSES, _("{low} personnes ou plus").format(low=lower[-1])))
    return lines
