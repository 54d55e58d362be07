"""The way in: an open round opens by itself, a planned one starts in a tap, a lead plans one for tonight."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from outreach.access import ActingMembership, membership_of, require_role
from outreach.field import counter_cookie, selectors
from outreach.field.forms import PlanForm, StartForm
from outreach.field.pages import leads
from outreach.members.models import Team
from outreach.names import natural
from outreach.places.models import Sector
from outreach.records import selectors as records
from outreach.roles import Role
from outreach.rounds import services as rounds
from outreach.rounds.models import CALLED_OFF, Round, RoundSector
from outreach.rounds.services import RoundRefused
from outreach.templatetags.ui import day
from privacy import clock

NIGHTS = 7


@require_role(Role.LEAD, Role.WORKER)
@require_safe
def tonight(request: HttpRequest) -> HttpResponse:
    """Rounds of my teams; the one that is open opens."""
    return _page(request)


@require_role(Role.LEAD)
@require_POST
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a round; with "start", leave at once when it is for tonight."""
    acting, now = membership_of(request), clock.now()
    night = selectors.tonight_of(acting, now)
    form = _plan_form(acting, night, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    values = form.cleaned_data
    if "start" in request.POST and values["night"] != night.isoformat():
        form.add_error(
            "night",
            _(
                "Pour partir maintenant, choisissez « Cette nuit ». Pour une autre nuit, touchez « Prévoir seulement »."
            ),
        )
        return _page(request, form, status=422)
    try:
        round_ = rounds.plan_round(
            association_id=acting.association_id,
            team_id=UUID(values["team"]),
            night=date.fromisoformat(values["night"]),
            sector_ids=[UUID(one) for one in values["sectors"]],
        )
    except RoundRefused:
        form.add_error("night", _("Cette équipe a déjà une tournée cette nuit-là."))
        return _page(request, form, status=409)
    if "start" in request.POST:
        with suppress(RoundRefused):  # cancelled on another phone meanwhile: the next page shows it
            rounds.start_round(round_.id, now=now)
            return redirect("field:round", round_.id)
    return redirect("field:tonight")


@require_role(Role.LEAD)
@require_POST
def start(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Leave for a planned round of tonight."""
    acting, now = membership_of(request), clock.now()
    round_ = selectors.round_or_404(acting, round_id)
    if round_.night != selectors.tonight_of(acting, now):
        return redirect("field:tonight")
    form = StartForm(request.POST, round_=round_)
    # Of a round that is planned no more there is no form to correct: what became of it is told below.
    if not form.is_valid() and round_.status == Round.Status.PLANNED:
        return _page(request, start=form, status=422)
    values: dict[str, Any] = {name: form.cleaned_data.get(name) for name in form.fields}
    choice = {name: values[name] for name in ("transport", "cold_level") if values[name]}
    try:
        left = rounds.start_round(round_.id, now=now, crew_count=values["crew_count"], **choice)
    except RoundRefused as refused:
        if refused.reason in CALLED_OFF:
            messages.error(
                request,
                _(
                    "Cette tournée a été annulée entre-temps : elle ne s’ouvre pas. L’agenda peut la remettre en prévue."
                ),
            )
        return redirect("field:tonight")
    typed = {"crew_count": values["crew_count"], **choice}
    if any(value and value != getattr(left, name) for name, value in typed.items()):
        messages.warning(
            request, _("La tournée était déjà partie : ce que vous venez de préciser n’est pas pris.")
        )
    return redirect("field:round", round_.id)


@require_role(Role.LEAD)
@require_POST
def cancel(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Cancel a planned round."""
    acting, now = membership_of(request), clock.now()
    round_ = selectors.round_or_404(acting, round_id)
    try:
        rounds.cancel_round(round_.id, now=now)
    except RoundRefused:  # another phone left for it meanwhile
        messages.error(request, _("Une tournée commencée ne s’annule pas : elle se clôt."))
    return redirect("field:tonight")


def _page(
    request: HttpRequest, form: PlanForm | None = None, start: StartForm | None = None, status: int = 200
) -> HttpResponse:
    acting, now = membership_of(request), clock.now()
    found = selectors.rounds_of(acting, now)
    # One that could not be closed for days does not stand before tonight's.
    walked = [round_ for round_ in found.open if not selectors.only_closes(round_, now)]
    if form is None and start is None and len(walked) == 1 and "toutes" not in request.GET:
        return redirect("field:round", walked[0].id)
    used = [round_ for round_ in found.closed if round_.night == found.night]
    context: dict[str, Any] = {
        "rounds": found,
        "used": used,
        "unsent": counter_cookie.unsent(request, found.closed),
        "leads": leads(acting),
        "today": clock.today(),
        "handovers": records.handovers(acting, now=now, most=3),
        "has_team": bool(acting.team_ids),
    }
    if leads(acting):
        context["start_forms"] = [_start_form(round_, start) for round_ in found.tonight]
        context["plan_form"] = form or _plan_form(acting, found.night)
        context["can_start"] = bool(_free(_teams(acting), [found.night]))
        context["plan_open"] = form is not None or not (found.tonight or found.open or used)
    return render(request, "outreach/field/tonight.html", context, status=status)


def _start_form(round_: Round, sent: StartForm | None) -> StartForm:
    """The form of one round; the sent one where it is that round's."""
    return sent if sent and sent.round.id == round_.id else StartForm(round_=round_)


def _plan_form(acting: ActingMembership, night: date, data: QueryDict | None = None) -> PlanForm:
    """Teams I lead, the nights of a week, the sectors; those of the last round are chosen already."""
    teams = _teams(acting)
    sectors = sorted(
        Sector.objects.filter(association_id=acting.association_id, active=True).defer("outline"),
        key=lambda sector: natural(sector.name),
    )
    # A form that was sent may name a night that somebody planned meanwhile: it is told so, not that the night does not exist.
    ahead = _ahead(night)
    free = (_free(teams, ahead) if data is None else ahead) or ahead
    return PlanForm(
        data,
        teams=teams,
        sectors=sectors,
        first=free[0],
        nights=[_label(night, one) for one in free],
        chosen=_last_sectors(acting) if data is None else (),
    )


def _teams(acting: ActingMembership) -> list[Team]:
    teams = Team.objects.filter(id__in=acting.team_ids, active=True)
    return sorted(teams, key=lambda team: natural(team.name))


def _ahead(night: date) -> list[date]:
    return [night + timedelta(days=days) for days in range(NIGHTS)]


def _free(teams: Sequence[Team], nights: Sequence[date]) -> list[date]:
    """The nights on which one of the teams has no round yet."""
    rows = Round.objects.filter(
        team__in=teams, night__range=(nights[0], nights[-1]), shift=Round.Shift.NIGHT
    ).exclude(status__in=CALLED_OFF)
    busy = Counter(rows.values_list("night", flat=True))
    return [night for night in nights if busy[night] < len(teams)]


def _label(tonight: date, night: date) -> tuple[str, str]:
    words = {0: _("Cette nuit"), 1: _("Demain")}.get((night - tonight).days) or capfirst(day(night))
    return night.isoformat(), words


def _last_sectors(acting: ActingMembership) -> list[str]:
    last = (
        Round.objects.filter(team_id__in=acting.team_ids)
        .exclude(status__in=CALLED_OFF)
        .order_by("-night")
        .first()
    )
    if last is None:
        return []
    return [
        str(one)
        for one in RoundSector.objects.filter(round=last, cancelled=False).values_list("sector_id", flat=True)
    ]
