"""Which phones sent counts for a closed round, and the button by which a lead sets one aside; for 72 hours."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from outreach.access import gate, seat_of
from outreach.field import finding
from outreach.members.actors import actor
from outreach.members.roles import Role
from outreach.rounds import voiding
from outreach.rounds.models import Round
from outreach.rounds.services import RoundRefused
from privacy import clock


@gate(Role.LEAD)
@require_http_methods(["GET", "HEAD", "POST"])
def phones(request: HttpRequest, round_id: UUID) -> HttpResponse:
    seat, now = seat_of(request), clock.now()
    round_ = finding.round_or_404(seat, round_id)
    if round_.status != Round.Status.CLOSED:
        return redirect("field:tonight")
    if request.method != "POST":
        page = {"round": round_, "phones": voiding.sent_by_phones(round_), "today": clock.today()}
        return render(request, "outreach/field/phones.html", page)
    try:
        chosen = UUID(request.POST.get("tally", ""))
        done = voiding.void(round_.id, chosen, actor=actor(seat, now), now=now)
    except ValueError:
        done = False
    except RoundRefused:
        messages.error(request, _("Plus de 72 heures ont passé : les totaux de cette nuit ne changent plus."))
        return redirect("field:phones", round_.id)
    if done:
        messages.success(request, _("Les comptages de ce téléphone ne sont plus dans les totaux."))
    else:
        messages.info(request, _("Il n’y avait rien à écarter."))
    return redirect("field:phones", round_.id)
