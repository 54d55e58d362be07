"""What the team noted on earlier nights and may still read: opened on asking, with a reason, written to the audit log.

Rule of the room: only records with a note or a wish to be met again, of the seat's own teams; nothing opened here is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from outreach.access import gate, seat_of
from outreach.associations.models import Association
from outreach.members.roles import Role
from outreach.places.models import Sector
from outreach.places.services import squares_grid
from outreach.records import counted, reading
from outreach.records import vocabulary as words
from outreach.records.reading import Opened, Reason
from privacy import clock
from privacy.core.retention import RetentionClass, expires_on


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """One earlier encounter as the next team reads it. `square` is its letter and number in the sector, "" without one."""

    night: date
    sector: str
    square: str
    people: int
    again: bool
    needs: tuple[str | Promise, ...]
    note: str
    ends: date


@gate(Role.LEAD, Role.WORKER)
@require_safe
def notes(request: HttpRequest) -> HttpResponse:
    """The notes of my teams that still live, latest night first."""
    seat, now = seat_of(request), clock.now()
    opened = reading.reveal(seat, Reason.PREPARE_ROUND, now=now, notes=True)
    association = Association.objects.get(id=seat.association_id)
    kept = [one for one in opened if one.note or one.encounter.recontact]
    places = _places(association, kept)
    told = [
        Told(
            night=one.night,
            sector=places[one.id.hex][0],
            square=places[one.id.hex][1],
            people=one.encounter.people,
            again=one.encounter.recontact,
            needs=tuple(words.NEEDS[code] for code in one.encounter.needs),
            note=one.note,
            ends=expires_on(RetentionClass.NOTE, one.night, association.policy)
            if one.note
            else one.expires_on,
        )
        for one in kept
    ]
    told.sort(key=lambda one: (-one.night.toordinal(), one.sector, one.square, one.note))
    return render(request, "outreach/field/notes.html", {"told": told})


def _places(association: Association, opened: Iterable[Opened]) -> dict[str, tuple[str, str]]:
    """Record → (name of the sector, label of the square): the words of the picker in which it was chosen."""
    opened = list(opened)
    sector_of = counted.sectors_of(
        association.id, (one.encounter.cell for one in opened if one.encounter.cell)
    )
    whole = {one.encounter.sector_id for one in opened if one.encounter.sector_id}
    names = dict(Sector.objects.filter(id__in=whole | set(sector_of.values())).values_list("id", "name"))
    labels = {
        square.cell.id: square.label
        for sector_id in set(sector_of.values())
        for square in squares_grid(sector_id, association.policy.team_cell)
    }
    found = {}
    for one in opened:
        cell = one.encounter.cell
        sector_id = sector_of.get(cell.id) if cell else one.encounter.sector_id
        found[one.id.hex] = (
            names.get(sector_id, "") if sector_id else "",
            labels.get(cell.id, "") if cell else "",
        )
    return found
