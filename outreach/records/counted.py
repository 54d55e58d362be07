"""Where an encounter was counted: kept inside its own sealed record, so that a withdrawal takes it out where it was put in.

Rule of the module: what a round adds to the sums is decided once, when it comes in, by the sectors, the plan and the rules
of that moment. Sectors are imported again, plans change, rounds are cancelled: nobody asks today's tables what was counted
then.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from outreach.places.models import SectorCell
from outreach.records.aggregates import Contribution
from outreach.records.encounter import Encounter
from outreach.rounds.models import Round
from privacy.core import coarsening
from privacy.core.policy import Policy
from privacy.core.values import Cell

KEY = "in"
"""The name it has in the body of a record; no field of an encounter may be called so."""


@dataclass(frozen=True, slots=True, repr=False)
class Counted:
    """`size`: metres of the square it went into, where it has one. `sector_id`: the planned sector of its month, if any."""

    size: int
    sector_id: UUID | None

    def to_body(self) -> list[Any]:
        """As short as can be: a record has one size."""
        sector = urlsafe_b64encode(self.sector_id.bytes).decode().rstrip("=") if self.sector_id else ""
        return [self.size, sector]

    @classmethod
    def of_body(cls, stored: list[Any] | None) -> "Counted | None":
        """None for a record of before this was kept, or whose text left no room for it."""
        if stored is None:
            return None
        size, sector = stored
        return cls(size, UUID(bytes=urlsafe_b64decode(f"{sector}==")) if sector else None)


def by_now(
    round_: Round, encounters: Sequence[Encounter], planned: frozenset[UUID], policy: Policy
) -> list[Counted]:
    """Where each of `encounters` is counted by the sectors, the plan and the rules of this moment."""
    sectors = sectors_of(round_.association_id, (one.cell for one in encounters if one.cell))
    return [_counted(one, sectors, planned, policy) for one in encounters]


def planned_by(round_: Round) -> frozenset[UUID]:
    return frozenset(round_.plan.filter(cancelled=False).values_list("sector_id", flat=True))


def sectors_of(association_id: UUID, cells: Iterable[Cell]) -> dict[str, UUID]:
    """The sector of each square, by the fixed table; the sector is derived from the square, never from a point."""
    wanted = {cell.id for cell in cells}
    rows = SectorCell.objects.filter(association_id=association_id, cell__in=wanted)
    return dict(rows.values_list("cell", "sector_id"))


def contribution(encounter: Encounter, counted: Counted) -> Contribution:
    """What the encounter adds to the sums, or takes back."""
    cell = coarsening.parent(encounter.cell, counted.size) if encounter.cell else None
    return Contribution(encounter.people, cell, counted.sector_id, encounter.met_this_round, encounter.needs)


def _counted(
    encounter: Encounter, sectors: Mapping[str, UUID], planned: frozenset[UUID], policy: Policy
) -> Counted:
    sector = sectors.get(encounter.cell.id) if encounter.cell else encounter.sector_id
    met_again = encounter.met_this_round  # then counted already, where it was first
    return Counted(policy.coordinator_cell, sector if sector in planned and not met_again else None)
