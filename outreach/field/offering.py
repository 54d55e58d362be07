"""Which sectors and squares the form of an encounter offers: the planned ones first, every one of the association on request.

Rule of the module: everything that is offered is accepted, but a page holds the squares of a few sectors only. Those of the
others stand in it as signs: a script draws them, also without a network; without scripts a button asks for them.
"""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict

from outreach.names import natural
from outreach.places.models import Sector
from outreach.places.picker import Panel, panels
from outreach.rounds.models import Round

MOST_DRAWN = 4
"""The squares of so many planned sectors are in the page at once."""


@dataclass(frozen=True, slots=True)
class Offer:
    """`wide`: whether sectors that were not planned are among the panels."""

    panels: list[Panel]
    wide: bool = False


def offer(round_: Round, posted: QueryDict | None = None) -> Offer:
    """What to offer at first, or after what was `posted`: "wider" asks for every sector, or for the squares of one."""
    posted = posted or QueryDict()
    wider = posted.get("wider", "")
    asked = _uuid(wider)
    planned = set(round_.plan.filter(cancelled=False).values_list("sector_id", flat=True))
    wide = "wide" in posted or bool(wider and asked not in planned)
    sectors = Sector.objects.filter(association_id=round_.association_id, active=True)
    found = list(sectors if wide or not planned else sectors.filter(id__in=planned))
    found.sort(key=lambda sector: (sector.id not in planned, natural(sector.name)))
    drawn = {sector.id for sector in found if sector.id in planned or not planned}
    if len(drawn) > MOST_DRAWN:
        drawn = set()
    if asked:
        drawn.add(asked)
    size = round_.association.policy.team_cell
    return Offer(panels(found, size, drawn=drawn, asked=asked, chosen=posted.get("place", "")), wide)


def _uuid(text: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(text)
    return None
