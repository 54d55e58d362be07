"""What an association still lacks before its first round, so that a page can say who brings it.

Rule of the module: one statement, asked only by a page that has nothing else to show; it counts nothing and names nobody.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from outreach.associations.models import Association
from outreach.members.models import Team, TeamMembership
from outreach.places.models import Sector
from outreach.roles import Role
from outreach.rounds.models import Round


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not there yet. `slug` names the association in the commands of whoever runs the server."""

    slug: str
    sectors: bool
    teams: bool
    lead: bool
    round: bool

    def __bool__(self) -> bool:
        return self.sectors or self.teams or self.lead or self.round


def lacks(association_id: UUID) -> Missing:
    """Active sectors and teams, somebody who leads an active team, a round that was ever planned. Needs the scope."""
    leads = TeamMembership.objects.filter(
        team__active=True, membership__ended_on=None, membership__roles__contains=[Role.LEAD.value]
    )
    found = (
        Association.objects.filter(id=association_id)
        .annotate(
            sectors=_any(Sector.objects.filter(active=True)),
            teams=_any(Team.objects.filter(active=True)),
            leads=_any(leads),
            rounds=_any(Round.objects.all()),
        )
        .values_list("slug", "sectors", "teams", "leads", "rounds")
        .get()
    )
    return Missing(found[0], *(not there for there in found[1:]))


def _any(rows: QuerySet) -> Exists:  # type: ignore[type-arg]
    return Exists(rows.filter(association=OuterRef("pk")))
