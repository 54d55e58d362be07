"""Where an association works, for the lines of a file: which words mean one sector, and which squares are near any.

Rule of the module: a word that could mean two sectors means none, and a place is looked at as a square.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from outreach.importing.tidying import normalise_answer
from outreach.places.models import Sector, SectorCell
from privacy.core.grid import LADDER
from privacy.core.values import Cell

FARTHEST = 10
"""Kilometres from the nearest square of a sector past which a line is thought to be of another town, or swapped."""

Kilometre = tuple[int, int]


@dataclass(slots=True)
class Ground:
    """`sectors`: ids by normalised code or name, None where several are meant. `squares`: kilometres that some sector has."""

    sectors: dict[str, UUID | None] = field(default_factory=dict)
    squares: frozenset[Kilometre] = frozenset()
    _near: dict[Kilometre, bool] = field(default_factory=dict)

    def is_near(self, cell: Cell) -> bool:
        """Whether a team may have walked there. Without any sector nothing is known to be far."""
        if not self.squares:
            return True
        north, east = _kilometre(cell)
        if (north, east) not in self._near:
            self._near[north, east] = any(
                max(abs(north - up), abs(east - right)) <= FARTHEST for up, right in self.squares
            )
        return self._near[north, east]


def ground_of(association_id: UUID) -> Ground:
    """The active sectors of an association. Needs a transaction of its scope."""
    sectors = list(Sector.objects.filter(association_id=association_id, active=True))
    cells = SectorCell.objects.filter(sector__in=sectors).values_list("cell", flat=True)
    return Ground(_by_word(sectors), frozenset(_kilometre(Cell.parse(text)) for text in cells))


def _by_word(sectors: Iterable[Sector]) -> dict[str, UUID | None]:
    meant: dict[str, set[UUID]] = {}
    for sector in sectors:
        for word in (sector.name, sector.code):
            meant.setdefault(normalise_answer(word), set()).add(sector.pk)
    return {word: next(iter(ids)) if len(ids) == 1 else None for word, ids in meant.items()}


def _kilometre(cell: Cell) -> Kilometre:
    return cell.north // LADDER[-1], cell.east // LADDER[-1]
