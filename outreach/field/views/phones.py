"""Which phones sent counts for a closed round, and the button by which a lead sets one aside; for 72 hours."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from outreach.access import membership_of, require_role
from outreach.closing import voiding
from outreach.field import counter_cookie, selectors
from outreach.field.pages import redirect_with_counter, render_round
from outreach.members.actors import actor
from outreach.roles import Role
from outreach.rounds.models import Round
from outreach.rounds.services import RoundRefused
from privacy import clock


@require_role(Role.LEAD)
@require_http_methods(["GET", "HEAD", "POST"])
def phones(request: HttpRequest, round_id: UUID) -> HttpResponse:
    acting, now = membership_of(request), clock.now()
    round_ = selectors.round_or_404(acting, round_id)
    if round_.status != Round.Status.CLOSED:
        return redirect("field:tonight")
    counter = counter_cookie.read(request, round_)
    if request.method != "POST":
        page: dict[str, object] = {"phones": voiding.sent_by_phones(round_), "today": clock.today()}
        return render_round(request, "outreach/field/phones.html", round_, counter, now, page)
    try:
        chosen = UUID(request.POST.get("tally", ""))
        done = voiding.void(round_.id, chosen, actor=actor(acting, now), now=now)
    except ValueError:
        done = False
    except RoundRefused:
        return redirect_with_counter("field:phones", round_, counter, now, "settled")
    return redirect_with_counter(
        "field:phones", round_, counter, now, "counts-set-aside" if done else "nothing-to-set-aside"
    )
