"""What an encounter adds to sums that others keep (weekly summaries, monthly accumulators), without this room knowing them.

Rule of the room: a contribution says how many people, in which square and sector, and nothing that links two encounters. Folders
are registered from above (`maps`), and run in the same transaction as the records.
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
class Folding:
    """sign +1 adds, -1 takes back (withdrawal). `closing` is True exactly once a round: its plan counts then."""

    round: Round
    planned: frozenset[UUID]
    contributions: Sequence[Contribution]
    sign: int = 1
    closing: bool = False


Folder = Callable[[Folding], None]
Doubter = Callable[[Round], None]
_folders: list[Folder] = []
_doubters: list[Doubter] = []


def register(folder: Folder) -> None:
    if folder not in _folders:
        _folders.append(folder)


def register_doubter(doubter: Doubter) -> None:
    if doubter not in _doubters:
        _doubters.append(doubter)


def fold(folding: Folding) -> None:
    """Hand the folding to every folder, in order of registration."""
    for folder in _folders:
        folder(folding)


def doubt(round_: Round) -> None:
    """A record of `round_` goes that no longer says what it added: sums must be made again from those that live."""
    for doubter in _doubters:
        doubter(round_)
