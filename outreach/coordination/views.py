"""The coordination pages: what needs doing first, the agenda, coverage and monthly counts.

Rule of the module: plans of teams and totals without area; a coordinator never reads a record, a note or a point.
"""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outreach.access import ActingMembership, membership_of, require_role
from outreach.coordination import services
from outreach.coordination.forms import PlanForm
from outreach.members.models import Team
from outreach.roles import Role
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy import clock
from privacy.core.retention import night_of


@require_role(Role.COORDINATOR)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What a coordinator sees first in the morning."""
    acting = membership_of(request)
    now = clock.now()
    page = {"dashboard": services.dashboard(acting, now=now), "months": services.months(acting)[:3]}
    return render(request, "outreach/coordination/home.html", page)


def _planner(acting: ActingMembership) -> list[Team] | None:
    """None for a coordinator, who plans for everyone; else the lead's own teams."""
    if Role.COORDINATOR in acting.roles:
        return None
    return list(Team.objects.filter(id__in=acting.team_ids))


@require_role(Role.COORDINATOR, Role.LEAD)
@require_http_methods(["GET", "HEAD", "POST"])
def agenda(request: HttpRequest) -> HttpResponse:
    """Two weeks of planned nights, and the form that plans one more."""
    acting = membership_of(request)
    tonight = night_of(clock.now(), ZoneInfo(acting.timezone))
    teams = _planner(acting)
    team_ids = None if teams is None else acting.team_ids
    form = PlanForm(
        request.POST or None,
        association_id=acting.association_id,
        team_ids=team_ids,
        initial={"night": tonight},
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        if chosen["night"] < tonight or chosen["night"] > tonight + timedelta(days=366):
            form.add_error("night", _("Choisissez une nuit à venir, dans l’année."))
        else:
            try:
                rounds.plan_round(
                    association_id=acting.association_id,
                    team_id=chosen["team"].id,
                    night=chosen["night"],
                    planned_start=chosen["planned_start"],
                    sector_ids=[sector.id for sector in chosen["sectors"]],
                    transport=chosen["transport"],
                )
            except rounds.RoundRefused:
                form.add_error("night", _("Cette équipe a déjà une tournée cette nuit-là."))
            else:
                messages.success(request, _("La tournée est dans l’agenda."))
                return redirect("coordination:agenda")
    unwalked, told = services.unwalked(acting, before=tonight, teams=teams)
    page = {
        "nights": services.agenda(acting, first=tonight, teams=teams),
        "unwalked": unwalked,
        "not_walked": told,
        "form": form,
        "tonight": tonight,
        "lead_only": teams is not None,
    }
    return render(request, "outreach/coordination/agenda.html", page, status=422 if form.errors else 200)


@require_role(Role.COORDINATOR, Role.LEAD)
@require_POST
def cancel(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Call a planned round off: cancelled, or not walked once its night is over; `restore` undoes it."""
    _refuse_unless_planner(membership_of(request), round_id)
    try:
        round_ = rounds.cancel_round(round_id, now=clock.now())
    except rounds.RoundRefused:
        messages.error(request, _("Une tournée commencée ne s’annule pas : elle se clôt."))
    else:
        if round_.status == Round.Status.NOT_WALKED:
            said = _(
                "C’est noté : cette tournée n’a pas été faite. « Remettre en prévue », sur sa ligne, revient en arrière."
            )
        else:
            said = _("La tournée est annulée. « Remettre en prévue », sur sa ligne, revient en arrière.")
        messages.success(request, said)
    return redirect("coordination:agenda")


@require_role(Role.COORDINATOR, Role.LEAD)
@require_POST
def restore(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Undo a cancelling: the round is planned again as it was."""
    _refuse_unless_planner(membership_of(request), round_id)
    try:
        rounds.restore_round(round_id)
    except rounds.RoundRefused as refused:
        if refused.reason == Round.Status.PLANNED:
            messages.info(request, _("Cette tournée est déjà prévue."))
        else:
            messages.error(request, _("Cette tournée a commencé : elle n’est plus annulée."))
    else:
        messages.success(request, _("La tournée est de nouveau prévue, avec les mêmes secteurs."))
    return redirect("coordination:agenda")


def _refuse_unless_planner(acting: ActingMembership, round_id: UUID) -> None:
    """Raise Http404 for a round that this membership does not plan: it does not exist here."""
    mine = Round.objects.filter(id=round_id, association_id=acting.association_id)
    if Role.COORDINATOR not in acting.roles:
        mine = mine.filter(team_id__in=acting.team_ids)
    if not mine.exists():
        raise Http404


@require_role(Role.COORDINATOR)
@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """Which sectors the plan leaves aside: four weeks back, two ahead."""
    acting = membership_of(request)
    tonight: date = night_of(clock.now(), ZoneInfo(acting.timezone))
    rows = services.coverage(acting, first=tonight - timedelta(days=28), last=tonight + timedelta(days=14))
    return render(request, "outreach/coordination/coverage.html", {"rows": rows, "tonight": tonight})
