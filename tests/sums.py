"""Reading the bodies of sealed weeks in tests: everybody of all teams together, which no page may show."""

from collections import Counter
from typing import Any


def cells(body: dict[str, Any]) -> Counter[str]:
    """People by kilometre square."""
    return _over(body, "cells")


def needs(body: dict[str, Any]) -> Counter[str]:
    """People by need."""
    return _over(body, "needs")


def elsewhere(body: dict[str, Any]) -> int:
    """People without a square."""
    return sum(share["elsewhere"] for share in body.get("teams", {}).values())


def _over(body: dict[str, Any], kind: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for share in body.get("teams", {}).values():
        total.update(share[kind])
    return total
