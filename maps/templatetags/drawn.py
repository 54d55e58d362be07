"""What `maps/_map.html` needs, from what a page knows: geometry, classes instead of numbers, the words of the legend."""

from collections.abc import Mapping
from typing import Any

from django import template

from maps import choropleth
from maps.templatetags.squares import cellname

register = template.Library()


@register.simple_tag
def map_data(
    cells: dict[str, Any] | str,
    people: Mapping[str, int] | str,
    sectors: dict[str, Any] | str,
    few: Any,
    names: Mapping[str, str] | str = "",
) -> dict[str, Any]:
    """The data block of one map. `few` is None (or absent from the page) where the reader may know the numbers.

    names: what the table of the page calls each square; without them its kilometre coordinates.
    An absent variable reaches a tag as "": a page without squares still draws its sectors.
    """
    least = few if isinstance(few, int) else None
    legend = choropleth.legend(least)
    known = people if isinstance(people, Mapping) else {}
    return {
        "cells": cells or None,
        "sectors": sectors or None,
        "classes": choropleth.classed(known, least),
        "names": dict(names) if isinstance(names, Mapping) else {cell: cellname(cell) for cell in known},
        "legend": {line.number: line.label for line in legend},
    }


@register.simple_tag
def map_legend(few: Any) -> list[choropleth.Line]:
    return choropleth.legend(few if isinstance(few, int) else None)
