"""The home page: what maraudes is, for a stranger; the first page of one's role, for a member. And the choice of membership."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from outreach.access import ActingMembership, Denied, login_not_required, second_factor_not_required
from outreach.associations.first_run import is_empty
from outreach.links import find
from outreach.members import access_denied, sessions
from outreach.members.acting_membership import live_memberships
from outreach.members.mfa import is_strong
from outreach.names import natural
from outreach.roles import FIELD, LABELS, STRONG, Role
from privacy.db.scope import Scope, use_tenant

LANDING_PAGES: tuple[tuple[frozenset[Role], str], ...] = (
    (FIELD, "field:tonight"),
    (frozenset({Role.COORDINATOR}), "coordination:home"),
    (frozenset({Role.AUDITOR}), "auditing:ledger"),
    (frozenset({Role.ADMIN}), "coordination:members"),
)
"""Where a member lands, first match first. A page that is not installed is passed over."""


def landing(acting: ActingMembership) -> str:
    """The address of the first page of this membership; "" for a role that has none here."""
    return next((url for roles, name in LANDING_PAGES if acting.may(roles) and (url := find(name))), "")


@login_not_required
@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Everybody may come here, and nobody stays who has a page of their role."""
    if not request.user.is_authenticated:
        return render(request, "outreach/members/front.html", {"empty": is_empty()})
    acting: ActingMembership | None = getattr(request, "acting", None)
    if acting is None:
        return render(request, "403.html", {"why": Denied.NO_MEMBERSHIP.value}, status=403)
    if acting.roles & STRONG and not is_strong(request, acting.account_id):
        return HttpResponseRedirect(reverse("mfa_index"))
    url = landing(acting)
    return HttpResponseRedirect(url) if url else render(request, "outreach/members/front.html")


@second_factor_not_required
@require_safe
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """The associations one belongs to, with the roles held in each."""
    account_id = UUID(str(request.user.pk))
    with use_tenant(Scope(account_id=account_id)):
        places = [
            {
                "id": row.id,
                "name": row.association_name,
                "roles": [LABELS[role] for role in Role if role in row.roles],
            }
            for row in sorted(live_memberships(account_id), key=lambda row: natural(row.association_name))
        ]
    acting: ActingMembership | None = getattr(request, "acting", None)
    context = {"places": places, "present": acting.membership_id if acting else None}
    return render(request, "outreach/members/choose.html", context)


@second_factor_not_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Look as another of one's own memberships from now on. 404 for one that is not one's own."""
    account_id = UUID(str(request.user.pk))
    wanted = request.POST.get("membership", "")
    with use_tenant(Scope(account_id=account_id)):
        known = {str(row.id) for row in live_memberships(account_id)}
    if wanted not in known:
        access_denied.log(access_denied.NOT_FOUND, getattr(request, "acting", None), account_id)
        raise Http404
    request.session[sessions.MEMBERSHIP] = wanted
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else reverse("home"))
