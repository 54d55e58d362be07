"""What the team noted on earlier nights and may still read: opened on asking, with a reason, written to the audit log.

Rule of the module: only records with a note or a wish to be met again, of one's own teams, a leaf of them at a time; nothing
opened here is kept.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from outreach.access import membership_of, require_role
from outreach.associations.models import Association
from outreach.field import selectors
from outreach.names import natural
from outreach.places.models import Sector
from outreach.places.services import labels_of
from outreach.records import counted
from outreach.records import selectors as records
from outreach.records import vocabulary as words
from outreach.records.selectors import DecryptedRecord, Reason
from outreach.roles import Role
from privacy import clock
from privacy.core.policy import Policy
from privacy.core.retention import RetentionClass, expires_on

FARTHEST = 1_000_000
"""No team has so many records; a larger number in an address is not one of ours."""


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """One earlier encounter as the next team reads it."""

    night: date
    people: int
    again: bool
    needs: tuple[str | Promise, ...]
    note: str
    ends: date


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """Where the team chose to note: `square` is the letter and number in the sector, "" without one.

    `tonight`: whether the sector is walked tonight.
    """

    sector: str
    square: str
    tonight: bool


@dataclass(frozen=True, slots=True, repr=False)
class Group:
    """What was noted at one place; whoever wants to be met again first, then the latest night."""

    place: Place
    told: tuple[Told, ...]

    @property
    def order(self) -> tuple[object, ...]:
        """Tonight's sectors first, then where somebody waits."""
        again = any(one.again for one in self.told)
        return not self.place.tonight, not again, natural(self.place.sector), natural(self.place.square)


@require_role(Role.LEAD, Role.WORKER)
@require_safe
def notes(request: HttpRequest) -> HttpResponse:
    """Twenty notes of my teams that still live: tonight's sectors first, then the latest nights; the rest on request."""
    acting, now = membership_of(request), clock.now()
    start = _start(request.GET.get("suite", ""))
    near = selectors.tonights_sectors(acting, now)
    leaf = records.leaf(acting, Reason.PREPARE_ROUND, _is_told, now=now, near=near, start=start)
    association = Association.objects.get(id=acting.association_id)
    groups = _groups(association, leaf.opened, near)
    page = {
        "tonight": [group for group in groups if group.place.tonight],
        "others": [group for group in groups if not group.place.tonight],
        "rest": leaf.rest,
        "start": start,
    }
    return render(request, "outreach/field/notes.html", page)


def _start(text: str) -> int:
    """Where the asked leaf begins; 0 for anything that is not one of our numbers."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(FARTHEST)) else 0


def _is_told(one: DecryptedRecord) -> bool:
    return bool(one.note or one.encounter.recontact)


def _groups(
    association: Association, opened: Iterable[DecryptedRecord], near: Collection[UUID]
) -> list[Group]:
    opened = list(opened)
    places = _places(association, opened, near)
    found: dict[Place, list[Told]] = defaultdict(list)
    for one in opened:
        found[places[one.id]].append(_told(one, association.policy))
    groups = [
        Group(place, tuple(sorted(told, key=lambda one: (not one.again, -one.night.toordinal(), one.note))))
        for place, told in found.items()
    ]
    return sorted(groups, key=lambda group: group.order)


def _told(one: DecryptedRecord, policy: Policy) -> Told:
    return Told(
        night=one.night,
        people=one.encounter.people,
        again=one.encounter.recontact,
        needs=tuple(words.NEEDS[code] for code in one.encounter.needs),
        note=one.note,
        ends=expires_on(RetentionClass.NOTE, one.night, policy) if one.note else one.expires_on,
    )


def _places(
    association: Association, opened: Iterable[DecryptedRecord], near: Collection[UUID]
) -> dict[UUID, Place]:
    """Record → its place, in the words of the picker in which it was chosen; three statements, whatever there is."""
    opened = list(opened)
    sector_of = counted.sectors_of(
        association.id, (one.encounter.cell for one in opened if one.encounter.cell)
    )
    whole = {one.encounter.sector_id for one in opened if one.encounter.sector_id}
    names = dict(Sector.objects.filter(id__in=whole | set(sector_of.values())).values_list("id", "name"))
    labels = labels_of(set(sector_of.values()), association.policy.team_cell)
    found = {}
    for one in opened:
        cell = one.encounter.cell
        sector_id = sector_of.get(cell.id) if cell else one.encounter.sector_id
        name = names.get(sector_id, "") if sector_id else ""
        found[one.id] = Place(name, labels.get(cell.id, "") if cell else "", sector_id in near)
    return found
