"""Routes that are wrong on purpose, each in one way, for the control of the matrix. Never part of the service."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.csrf import csrf_exempt

from outreach.access import login_not_required, membership_of, require_login, require_role
from outreach.members.models import Team
from outreach.roles import Role
from outreach.rounds.models import Round
from privacy.db.scope import Scope, use_tenant
from tests import databases


def forgotten(request: HttpRequest) -> HttpResponse:
    """No access rule."""
    return HttpResponse("open")


@require_login
def too_wide(request: HttpRequest) -> HttpResponse:
    """A rule wider than the table."""
    return HttpResponse(membership_of(request).association_name)


@require_role(Role.WORKER, Role.LEAD)
def any_team(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Bounded by the association alone."""
    return HttpResponse(str(get_object_or_404(Round, id=round_id).night))


@require_role(Role.WORKER, Role.LEAD)
def any_tenant(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Takes the tenant from the address instead of from the membership."""
    with databases.raw("owner") as owner:
        row = owner.execute("SELECT association_id FROM outreach_round WHERE id = %s", [round_id]).fetchone()
    if row is None:
        raise Http404
    with use_tenant(Scope(row[0])):
        return HttpResponse(", ".join(Team.objects.filter(round__id=round_id).values_list("name", flat=True)))


@require_role(Role.WORKER, Role.LEAD)
def tells(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Says whether a round exists somewhere."""
    with databases.raw("owner") as owner:
        there = owner.execute("SELECT 1 FROM outreach_round WHERE id = %s", [round_id]).fetchone()
    return HttpResponse("not yours" if there else "no such round", status=404)


@login_not_required
def silent(request: HttpRequest) -> HttpResponse:
    """Refuses and tells nobody."""
    return HttpResponse(status=403)


@csrf_exempt
@require_role(Role.WORKER, Role.LEAD)
def no_token(request: HttpRequest) -> HttpResponse:
    """A form that any other site may send."""
    return HttpResponse("done" if request.method == "POST" else "", status=200)


urlpatterns: list[URLPattern | URLResolver] = [
    path("wrong/no-line/", forgotten, name="no-line"),
    path("wrong/forgotten/", forgotten, name="forgotten"),
    path("wrong/too-wide/", too_wide, name="too-wide"),
    path("wrong/any-team/<uuid:round_id>/", any_team, name="any-team"),
    path("wrong/any-tenant/<uuid:round_id>/", any_tenant, name="any-tenant"),
    path("wrong/tells/<uuid:round_id>/", tells, name="tells"),
    path("wrong/silent/", silent, name="silent"),
    path("wrong/no-token/", no_token, name="no-token"),
    path("", include("tests.resilience.permission_urls")),
]
