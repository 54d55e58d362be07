"""Associations of the demonstration, their teams and their arrondissements: what the seed makes before its nights.

Apart from demo/associations.py because it reads a territory, for which GDAL is loaded: the web needs the names alone.
"""

from datetime import datetime

from django.db import transaction

from demo.associations import DemoTenant
from outreach.associations.models import Association
from outreach.management.commands.import_territory import BUNDLED
from outreach.members.models import Team
from outreach.places import territory as places
from outreach.places.geo_files import read
from outreach.places.models import Sector
from outreach.places.outlines import parse_sectors
from outreach.places.squares import assign_cells
from privacy.audit import services as audit
from privacy.audit.actors import OPERATOR
from privacy.audit.events import Event
from privacy.db.scope import Scope, use_tenant
from tension.city.parameters import AssociationParameters


def create_associations(wanted: tuple[AssociationParameters, ...], *, now: datetime) -> dict[str, DemoTenant]:
    """Make what is missing of the associations, teams and sectors; return all of it by slug. Idempotent."""
    tenants: dict[str, DemoTenant] = {}
    bare: list[tuple[Association, frozenset[int]]] = []
    for one in wanted:
        association, made = Association.objects.get_or_create(slug=one.slug, defaults={"name": one.name})
        with use_tenant(Scope(association.id)), transaction.atomic():
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
        with use_tenant(Scope(association.id)), transaction.atomic():
            teams = dict(Team.objects.filter(association=association).values_list("name", "id"))
            sectors = dict(Sector.objects.filter(association=association).values_list("code", "id"))
        tenants[one.slug] = DemoTenant(association, teams, sectors)
    return tenants


def _draw_sectors(bare: list[tuple[Association, frozenset[int]]], *, now: datetime) -> None:
    """Give each association its arrondissements, through the service of `import_territory`."""
    if not bare:
        return
    whole = parse_sectors(read(BUNDLED)).outlines
    for association, territory in bare:
        outlines = {code: outline for code, outline in whole.items() if int(code[-2:]) in territory}
        cells = assign_cells({code: outline.shape for code, outline in outlines.items()})
        with use_tenant(Scope(association.id)):
            places.replace(association.id, outlines, cells, actor=OPERATOR, now=now)
