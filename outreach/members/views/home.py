"""The front door: what maraudes is, for a stranger; one's own room, for a member. And the choice of as whom one looks."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from outreach.access import Denied, Seat, public, setting_up
from outreach.associations.first_run import is_empty
from outreach.links import find
from outreach.members import denial, sessions
from outreach.members.seats import live_memberships
from outreach.members.strength import is_strong
from outreach.names import natural
from outreach.roles import FIELD, LABELS, STRONG, Role
from privacy.db.scope import Scope, acting

ROOMS: tuple[tuple[frozenset[Role], str], ...] = (
    (FIELD, "field:tonight"),
    (frozenset({Role.COORDINATOR}), "coordination:home"),
    (frozenset({Role.AUDITOR}), "control:ledger"),
    (frozenset({Role.ADMIN}), "coordination:members"),
)
"""Where a member lands, first match first. A room that is not installed is passed over."""


def landing(seat: Seat) -> str:
    """The address of the room of this seat; "" for a role that has none here."""
    return next((url for roles, name in ROOMS if seat.may(roles) and (url := find(name))), "")


@public
@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Everybody may come here, and nobody stays who has a room."""
    if not request.user.is_authenticated:
        return render(request, "outreach/members/front.html", {"empty": is_empty()})
    seat: Seat | None = getattr(request, "seat", None)
    if seat is None:
        return render(request, "403.html", {"why": Denied.NO_SEAT.value}, status=403)
    if seat.roles & STRONG and not is_strong(request, seat.account_id):
        return HttpResponseRedirect(reverse("mfa_index"))
    url = landing(seat)
    return HttpResponseRedirect(url) if url else render(request, "outreach/members/front.html")


@setting_up
@require_safe
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """The associations one belongs to, with the roles held in each."""
    account_id = UUID(str(request.user.pk))
    with acting(Scope(account_id=account_id)):
        places = [
            {
                "id": row.id,
                "name": row.association_name,
                "roles": [LABELS[role] for role in Role if role in row.roles],
            }
            for row in sorted(live_memberships(account_id), key=lambda row: natural(row.association_name))
        ]
    seat: Seat | None = getattr(request, "seat", None)
    context = {"places": places, "present": seat.membership_id if seat else None}
    return render(request, "outreach/members/choose.html", context)


@setting_up
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Look as another of one's own memberships from now on. 404 for one that is not one's own."""
    account_id = UUID(str(request.user.pk))
    wanted = request.POST.get("membership", "")
    with acting(Scope(account_id=account_id)):
        known = {str(row.id) for row in live_memberships(account_id)}
    if wanted not in known:
        denial.log(denial.NOT_FOUND, getattr(request, "seat", None), account_id)
        raise Http404
    request.session[sessions.MEMBERSHIP] = wanted
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else reverse("home"))
