"""Bringing a territory into the database: what would change, then the change, in one transaction.

Rule of the module: a sector is never deleted. Rounds and sealed summaries name it by id; one that the new file
no longer holds stops being offered, and comes back with the same id when a later file holds its code.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import cos, hypot, radians
from uuid import UUID

from django.contrib.gis.geos import MultiPolygon
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from outreach.associations.locks import hold_association
from outreach.names import visible
from outreach.places.errors import FileRefused
from outreach.places.models import Sector, SectorCell
from outreach.places.outlines import Outline, Territory
from privacy.audit.actors import Actor
from privacy.audit.events import Event
from privacy.audit.services import record
from privacy.core.values import Cell

COMMON_GROUND = 0.1
"""Share of the smaller outline that two of one sector have in common; a border redrawn shares more."""

FARTHEST = 100.0
"""Kilometres between the territory an association has and a new one, past which the file is thought wrong."""

BATCH = 2_000

SHOWN = 20
"""Codes named one by one before "and n more"."""


class Kind(StrEnum):
    """What the file would do to one sector."""

    NEW = "new"
    MOVED = "moved"
    RENAMED = "renamed"
    SAME = "same"
    BACK = "back"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Change:
    kind: Kind
    code: str
    name: str


def changes(association_id: UUID, outlines: Mapping[str, Outline]) -> list[Change]:
    """What taking in `outlines` would change, in the order of the codes. Reads only."""
    return [change for change, _sector in _compared(association_id, outlines)]


def codes(association_ids: Iterable[UUID]) -> frozenset[str]:
    """Codes of all sectors of some associations, offered or not."""
    found = Sector.objects.filter(association_id__in=list(association_ids)).values_list("code", flat=True)
    return frozenset(map(visible, found))


def refuse_elsewhere(association_id: UUID, territory: Territory) -> None:
    """Raise FileRefused when the association works far away: a wrong coordinate system often lands on land."""
    known = Sector.objects.filter(association_id=association_id, active=True)
    centres = [sector.outline.centroid for sector in known]
    if not centres:
        return
    west, south, east, north = territory.extent
    lon, lat = (west + east) / 2, (south + north) / 2
    shrink = cos(radians(lat))
    distance = min(111.2 * hypot((centre.x - lon) * shrink, centre.y - lat) for centre in centres)
    if distance > FARTHEST:
        raise FileRefused(
            "elsewhere",
            _(
                "Ce territoire est à {distance} km des secteurs actuels : le système de coordonnées n'est sans "
                "doute pas le bon (--crs). Si vous changez vraiment de ville, ajoutez --elsewhere."
            ).format(distance=round(distance)),
        )


@dataclass(frozen=True, slots=True)
class Usurped:
    """A code under which the file brings other ground than the sector of this code has."""

    code: str
    before: str
    after: str


def on_other_ground(association_id: UUID, outlines: Mapping[str, Outline]) -> list[Usurped]:
    """Codes that would give a sector, with its history, to another place; sectors no longer offered are looked at too."""
    return [
        Usurped(code, sector.name, outlines[code].name)
        for code, sector in sorted(_known(association_id).items())
        if code in outlines and not _shares_ground(sector.outline, outlines[code].outline)
    ]


def refuse_other_ground(association_id: UUID, territory: Territory) -> None:
    """Raise FileRefused when a code of the file is that of a sector that lies elsewhere: it would take its history."""
    usurped = on_other_ground(association_id, territory.outlines)
    if not usurped:
        return
    named = [f"    {one.code} : « {one.before} » → « {one.after} »" for one in usurped[:SHOWN]]
    if len(usurped) > SHOWN:
        named.append(_("    … et {count} de plus").format(count=len(usurped) - SHOWN))
    raise FileRefused(
        "other_ground",
        _(
            "Des codes connus désignent ici un autre terrain, sans rien de commun avec l'ancien :\n{codes}\n"
            "Le secteur garderait l'histoire d'un autre lieu. Le champ « {field} » n'identifie sans doute pas les "
            "secteurs : donnez une colonne stable (--code-field). Si ces secteurs ont vraiment déménagé, ajoutez "
            "--elsewhere."
        ).format(codes="\n".join(named), field=territory.code_field),
    )


def _shares_ground(known: MultiPolygon, new: MultiPolygon) -> bool:
    # Squared degrees: the two lie on the same ground or not at all, so that a share of them is a share of metres.
    smaller = min(known.area, new.area)
    return bool(known.intersection(new).area >= COMMON_GROUND * smaller)


def replace(
    association_id: UUID,
    outlines: Mapping[str, Outline],
    cells: Mapping[Cell, str],
    *,
    actor: Actor,
    now: datetime,
) -> list[Change]:
    """Make `outlines` the association's sectors and `cells` its table of squares (square → code).

    All or nothing. Sectors keep their id by code; those not in `outlines` are deactivated. `now`: aware.
    """
    with transaction.atomic():
        hold_association(association_id)
        compared = _compared(association_id, outlines)
        ids: dict[str, UUID] = {}
        for change, sector in compared:
            _apply(sector, outlines.get(change.code), change.kind)
            ids[change.code] = sector.pk
        SectorCell.objects.filter(association_id=association_id).delete()
        SectorCell.objects.bulk_create(
            (
                SectorCell(association_id=association_id, sector_id=ids[code], cell=cell.id, size=cell.size)
                for cell, code in cells.items()
            ),
            batch_size=BATCH,
        )
        record(
            Event.TERRITORY_CHANGED,
            association_id=association_id,
            actor=actor,
            subject_kind="sector",
            count=sum(change.kind is not Kind.SAME for change, _sector in compared),
            now=now,
        )
    return [change for change, _sector in compared]


def _known(association_id: UUID) -> dict[str, Sector]:
    """The sectors by the code that a file would say today: some were stored with their accents apart."""
    sectors: QuerySet[Sector] = Sector.objects.filter(association_id=association_id)
    return {visible(sector.code): sector for sector in sectors}


def _compared(association_id: UUID, outlines: Mapping[str, Outline]) -> list[tuple[Change, Sector]]:
    """Each code of the file or of the database, with its sector (unsaved when new)."""
    known = _known(association_id)
    found = []
    for code in sorted(known.keys() | outlines.keys()):
        outline, sector = outlines.get(code), known.get(code)
        if outline is None:
            if sector is not None and sector.active:
                found.append((Change(Kind.GONE, code, sector.name), sector))
            continue
        kind = _kind(sector, outline)
        if sector is None:
            sector = Sector(association_id=association_id, code=code)
        found.append((Change(kind, code, outline.name), sector))
    return found


def _kind(sector: Sector | None, outline: Outline) -> Kind:
    if sector is None:
        return Kind.NEW
    if not sector.active:
        return Kind.BACK
    if bytes(sector.outline.wkb) != bytes(outline.outline.wkb):
        return Kind.MOVED
    return Kind.SAME if sector.name == outline.name else Kind.RENAMED


def _apply(sector: Sector, outline: Outline | None, kind: Kind) -> None:
    if kind is Kind.SAME:
        return
    sector.active = outline is not None
    if outline is not None:
        sector.name, sector.outline = outline.name, outline.outline
    sector.save()
