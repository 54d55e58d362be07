"""What an encounter adds to sums that others keep, without this package knowing them.

Rule of the module: a contribution says how many people, in which square and sector, and nothing that links two encounters.
Listeners are registered from above (`maps`), and run in the same transaction as the records.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.rounds.models import Round
from privacy.core.values import Cell


@dataclass(frozen=True, slots=True, repr=False)
class Contribution:
    """`people` who agreed; `again` when they were already met this round (they then count once only).

    `cell` is the square of the week that they count in, `sector_id` the planned sector of the month, as decided when they came in
    (`outreach.records.counted`).
    """

    people: int
    cell: Cell | None
    sector_id: UUID | None
    again: bool
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """sign +1 adds, -1 takes back (withdrawal). `closing` is True exactly once a round: its plan counts then."""

    round: Round
    planned: frozenset[UUID]
    contributions: Sequence[Contribution]
    sign: int = 1
    closing: bool = False


Listener = Callable[[Change], None]
StaleMarker = Callable[[Round], None]
_listeners: list[Listener] = []
_stale_markers: list[StaleMarker] = []


def register(listener: Listener) -> None:
    """Let `listener` add every change to the sums that it keeps."""
    if listener not in _listeners:
        _listeners.append(listener)


def register_stale_marker(marker: StaleMarker) -> None:
    """Let `marker` say which sums of a round have to be made again."""
    if marker not in _stale_markers:
        _stale_markers.append(marker)


def notify(change: Change) -> None:
    """Hand the change to every listener, in order of registration."""
    for listener in _listeners:
        listener(change)


def mark_stale(round_: Round) -> None:
    """A record of `round_` goes that no longer says what it added: sums must be made again from those that live."""
    for marker in _stale_markers:
        marker(round_)
