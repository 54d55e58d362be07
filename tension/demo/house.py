"""The associations of the demonstration, with their teams and arrondissements of Paris as sectors."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from outreach.associations.models import Association
from outreach.management.commands.import_territory import BUNDLED
from outreach.members.models import Team
from outreach.places import territory as places
from outreach.places.models import Sector
from outreach.places.outlines import understand
from outreach.places.reading import read
from outreach.places.squares import allot
from privacy.audit import services as audit
from privacy.audit.actors import OPERATOR
from privacy.audit.events import Event
from privacy.db.scope import Scope, acting
from tension.city.parameters import DEMO_ASSOCIATIONS, AssociationParameters

BEGINS = AssociationParameters("Premiers Pas", "premiers-pas", ())
"""An association on its first day: members, and neither team nor sector. Its pages say what is missing."""
SHOWN = (*DEMO_ASSOCIATIONS, BEGINS)
"""The associations of the demonstration, in the order of the switcher."""


@dataclass(frozen=True, slots=True)
class House:
    """One association as the seed needs it: ids by name and code. `scope` sees all its teams."""

    association: Association
    teams: dict[str, UUID]
    sectors: dict[str, UUID]

    @property
    def scope(self) -> Scope:
        """The scope of its field, all teams."""
        return Scope(self.association.id, frozenset(self.teams.values()))


def furnish(wanted: tuple[AssociationParameters, ...], *, now: datetime) -> dict[str, House]:
    """Make what is missing of the associations, teams and sectors; return all of it by slug. Idempotent."""
    houses: dict[str, House] = {}
    bare: list[tuple[Association, frozenset[int]]] = []
    for one in wanted:
        association, made = Association.objects.get_or_create(slug=one.slug, defaults={"name": one.name})
        with acting(Scope(association.id)), transaction.atomic():
            if made:
                audit.record(
                    Event.ASSOCIATION_CREATED,
                    association_id=association.id,
                    actor=OPERATOR,
                    subject_kind="association",
                    now=now,
                )
            for team in one.teams:
                Team.objects.get_or_create(association=association, name=team.name)
            if one.territory and not Sector.objects.filter(association=association).exists():
                bare.append((association, one.territory))
    _draw_sectors(bare, now=now)
    for one in wanted:
        association = Association.objects.get(slug=one.slug)
        with acting(Scope(association.id)), transaction.atomic():
            teams = dict(Team.objects.filter(association=association).values_list("name", "id"))
            sectors = dict(Sector.objects.filter(association=association).values_list("code", "id"))
        houses[one.slug] = House(association, teams, sectors)
    return houses


def _draw_sectors(bare: list[tuple[Association, frozenset[int]]], *, now: datetime) -> None:
    """Give each association its arrondissements, through the service of `import_territory`."""
    if not bare:
        return
    whole = understand(read(BUNDLED)).outlines
    for association, territory in bare:
        outlines = {code: outline for code, outline in whole.items() if int(code[-2:]) in territory}
        cells = allot({code: outline.shape for code, outline in outlines.items()})
        with acting(Scope(association.id)):
            places.replace(association.id, outlines, cells, actor=OPERATOR, now=now)
