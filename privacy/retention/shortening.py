"""Shorteners: one per kind of data with a day of expiry, registered by the app that stores it (in `AppConfig.ready`).

Rule of the module: a shortener moves days forward and never back, keys before rows, and a second time changes nothing. What a
longer rule promised stays as it was promised.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from privacy.core.policy import Policy

Found = Counter[tuple[str, bool]]
"""How many rows by name of their kind, and whether they are unreadable at once."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rules of one association on one day: what is stored is to keep no longer than they let it."""

    association_id: UUID
    policy: Policy
    today: date

    def day(self, wanted: date) -> date:
        """The day to write for something that is to go on `wanted`: today, where that lies in the past."""
        return max(wanted, self.today)


@dataclass(frozen=True, slots=True)
class Shortener:
    """`find` says what is kept longer than the rules let it; `shorten` puts that right, in transactions of its own.

    `tables`: every table whose days it moves; a repository test holds the list against the erasers.
    """

    name: str
    tables: frozenset[str]
    find: Callable[[Rule], Found]
    shorten: Callable[[Rule], None]


_shorteners: dict[str, Shortener] = {}


def register(shortener: Shortener) -> None:
    """Add a shortener. Raises ValueError when the name is taken by another one."""
    known = _shorteners.get(shortener.name)
    if known is not None and known != shortener:
        raise ValueError(shortener.name)
    _shorteners[shortener.name] = shortener


def shorteners() -> tuple[Shortener, ...]:
    """In the order of registration."""
    return tuple(_shorteners.values())
