"""Words for codes on the maps: needs as people say them, a square's id shortened to what tells it from its neighbours."""

from collections.abc import Iterable

from django import template

from outreach.records.vocabulary import NEEDS
from privacy.core.values import Cell

register = template.Library()


@register.filter
def need(code: str) -> str:
    """`meal` → « Repas »."""
    return str(NEEDS.get(code, code))


@register.filter
def needs(pairs: Iterable[tuple[str, int]]) -> str:
    """(("meal", 3), ("water", 1)) → « Repas 3, Eau 1 »; a dash when nothing was said."""
    return ", ".join(f"{need(code)} {count}" for code, count in pairs) or "–"


@register.filter
def cellname(cell: str) -> str:
    """The kilometre coordinates of a square, as the published grid names it: `N2889 E3761`."""
    square = Cell.parse(cell)
    return f"N{square.north // 1000} E{square.east // 1000}"
