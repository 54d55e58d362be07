"""An administrator's own wish for a role: how it is shown to administrators, and the answers to it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from outreach.access import ActingMembership, membership_of, require_role
from outreach.members import approvals, notices, services
from outreach.members.actors import actor
from outreach.members.models import RoleNotice, Team
from outreach.names import natural
from outreach.roles import LABELS, Role
from privacy import clock


def words(roles: list[str]) -> list[Any]:
    """The names of stored roles, in their usual order."""
    return [LABELS[role] for role in Role if role.value in roles]


def waiting(acting: ActingMembership, today: date) -> list[dict[str, Any]]:
    """The requests that wait for an answer, with who may give it."""
    rows = list(notices.requests(acting.association_id, today=today))
    if not rows:
        return []
    names = dict(Team.objects.filter(association_id=acting.association_id).values_list("id", "name"))
    alone = not notices.other_administrators(acting.association_id, acting.membership_id).exists()
    return [
        {
            "id": row.id,
            "name": row.membership.account.display_name or row.membership.account.email,
            "roles": words(notices.asked_for(row)),
            "teams": sorted((names[team] for team in row.team_ids if team in names), key=natural),
            "asked_on": row.asked_on,
            "takes_on": row.asked_on + notices.WAIT,
            "expires_on": row.expires_on,
            "own": row.membership_id == acting.membership_id,
            "alone": alone,
            "may_take": alone and approvals.may_take(row),
        }
        for row in rows
        if row.membership is not None
    ]


def shown(living: list[RoleNotice]) -> dict[str, Any]:
    """What an auditor reads: requests that wait, and what was given alone, added up by day."""
    given: dict[tuple[date, str], int] = {}
    for row in living:
        if not row.own:
            for role in row.roles:
                given[row.asked_on, role] = given.get((row.asked_on, role), 0) + 1
    return {
        "asked": [
            {
                "id": row.id,
                "roles": words(notices.asked_for(row)),
                "on": row.asked_on,
                "takes": row.asked_on + notices.WAIT,
            }
            for row in living
            if row.own
        ],
        "given": [
            {"on": day, "role": LABELS[Role(role)], "times": times}
            for (day, role), times in sorted(given.items(), reverse=True)
        ],
    }


def _notice(request: HttpRequest, notice: UUID) -> RoleNotice:
    return get_object_or_404(
        RoleNotice, id=notice, association_id=membership_of(request).association_id, own=True
    )


@require_role(Role.ADMIN)
@require_POST
def confirm(request: HttpRequest, notice: UUID) -> HttpResponse:
    """Give somebody the role they asked for; or take one's own on its day."""
    acting, now, found = membership_of(request), clock.now(), _notice(request, notice)
    try:
        approvals.confirm(found, by=acting.membership_id, actor=actor(acting, now), now=now)
    except approvals.NotYet:
        messages.error(request, _("Rien n’a changé : une autre personne doit confirmer votre demande."))
    except services.LastAdministrator:
        messages.error(request, _("Rien n’a changé : l’association n’aurait plus d’administration."))
    except LookupError:
        messages.error(
            request, _("Rien n’a changé : cette demande a déjà une réponse, ou son équipe est au repos.")
        )
    else:
        messages.success(request, _("Les rôles demandés sont donnés."))
    return HttpResponseRedirect(reverse("coordination:members"))


@require_role(Role.ADMIN)
@require_POST
def cancel(request: HttpRequest, notice: UUID) -> HttpResponse:
    """Take one's own request back, or refuse somebody's."""
    acting, now = membership_of(request), clock.now()
    approvals.refuse(_notice(request, notice), actor=actor(acting, now), now=now)
    messages.success(request, _("La demande est retirée. Rien n’a changé."))
    return HttpResponseRedirect(reverse("coordination:members"))


@require_role(Role.AUDITOR)
@require_POST
def object_to(request: HttpRequest, notice: UUID) -> HttpResponse:
    """An auditor refuses a request that only time would have granted."""
    acting, now = membership_of(request), clock.now()
    approvals.refuse(_notice(request, notice), actor=actor(acting, now), now=now)
    messages.success(request, _("La demande est refusée. Le registre le note."))
    return HttpResponseRedirect(reverse("auditing:ledger"))
