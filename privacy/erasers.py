"""Erasers: one per kind of personal data, registered by the app that stores it (in `AppConfig.ready`).

Rule of the module: an eraser destroys what is due by a day, in batches, and says how many; it waits for nothing else (a
purge that waited for an e-mail kept everything, elsewhere).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from privacy.core.retention import RetentionClass


@dataclass(frozen=True, slots=True)
class Eraser:
    """`count_due(today)` rows are due; `erase(today, batch)` destroys at most `batch` of them and returns how many it destroyed.

    `tables` names every table it empties: a repository test holds the list against the schema.
    """

    name: str
    classes: frozenset[RetentionClass]
    tables: frozenset[str]
    count_due: Callable[[date], int]
    erase: Callable[[date, int], int]


_erasers: dict[str, Eraser] = {}


def register(eraser: Eraser) -> None:
    """Add an eraser. Raises ValueError when the name is taken by another one."""
    known = _erasers.get(eraser.name)
    if known is not None and known != eraser:
        raise ValueError(eraser.name)
    _erasers[eraser.name] = eraser


def erasers() -> tuple[Eraser, ...]:
    """In the order of registration: what refers to something is registered, and erased, before what it refers to."""
    return tuple(_erasers.values())
