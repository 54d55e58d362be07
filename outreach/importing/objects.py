"""JSON of strangers: a key that stands twice in one object says two things, and Python hears the last alone."""

import json
from collections import Counter
from typing import Any


def read(text: str) -> tuple[Any, set[str]]:
    """(what the text says, keys that some object of it says twice). Raises ValueError or RecursionError."""
    twice: set[str] = set()

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        body = dict(found)
        if len(body) < len(found):
            counts = Counter(key for key, _value in found)
            twice.update(key for key, count in counts.items() if count > 1)
        return body

    return json.loads(text, object_pairs_hook=pairs, parse_constant=_constant), twice


def _constant(_name: str) -> float:
    raise ValueError  # NaN and Infinity are no JSON
