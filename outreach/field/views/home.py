"""The open round: three actions, what this phone counted, what it noted and may still erase, what disappears when."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from outreach.access import membership_of, require_role
from outreach.field import counter_cookie, drafts, reopening, selectors
from outreach.field.counting import Counter, drop_draft
from outreach.field.pages import leads, redirect_with_counter, render_round
from outreach.names import natural
from outreach.records import selectors as records
from outreach.records.models import Draft
from outreach.roles import Role
from outreach.rounds.models import Round
from privacy import clock


@require_role(Role.LEAD, Role.WORKER)
@require_safe
def home(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """The round, open or closed; a planned one is started from tonight's page."""
    acting, now = membership_of(request), clock.now()
    round_ = selectors.round_or_404(acting, round_id)
    if round_.status not in (Round.Status.OPEN, Round.Status.CLOSED):
        return redirect("field:tonight")
    if selectors.only_closes(round_, now):
        return redirect("field:close", round_.id)
    counter = counter_cookie.read(request, round_)
    mine = _numbered(round_, counter)
    unsent = (
        [(round_, counter)]
        if round_.status == Round.Status.CLOSED and counter.present and not counter.empty
        else []
    )
    if counter_cookie.waits(request, but=round_):
        closed = selectors.rounds_of(acting, now).closed
        unsent += counter_cookie.unsent(request, (one for one in closed if one.id != round_.id))
    context: dict[str, object] = {
        "leads": leads(acting),
        "today": clock.today(),
        "open": round_.status == Round.Status.OPEN,
        "mine": mine,
        "noted": sum(state != ERASED for _number, _draft, state in mine),
        "unsent": unsent,
        "reopens": leads(acting) and reopening.is_offered(request, round_, now),
        "waiting": Draft.objects.filter(round=round_).count(),
        "sectors": sorted(
            round_.plan.filter(cancelled=False).values_list("sector__name", flat=True), key=natural
        ),
        "handovers": records.handovers(acting, now=now, most=3),
    }
    return render_round(request, "outreach/field/round.html", round_, counter, now, context)


@require_role(Role.LEAD, Role.WORKER)
@require_POST
def erase(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Erase one encounter noted on this phone; its id travels in the form, not in the address."""
    acting, now = membership_of(request), clock.now()
    round_ = selectors.round_or_404(acting, round_id)
    counter = counter_cookie.read(request, round_)
    try:
        draft_id = UUID(request.POST.get("draft", ""))
    except ValueError:
        return redirect("field:round", round_.id)
    gone = drafts.erase(round_, draft_id, counter.phone)
    return redirect_with_counter(
        "field:round",
        round_,
        drop_draft(counter, draft_id) if gone else counter,
        now,
        "erased" if gone else "not-erased",
    )


HELD, ERASED, RECEIVED = "held", "erased", "received"


def _numbered(round_: Round, counter: Counter) -> list[tuple[int, UUID, str]]:
    """This phone's encounters, numbered as it noted them, latest first, and what became of each.

    Those that were erased keep their line: the line of another one must not slip under the thumb that erased it. Those that
    came in with a close before the round was reopened are received.
    """
    held = drafts.mine(round_, counter.phone)
    known = dict(counter.drafts)
    order = [*known, *sorted(held - known.keys())]

    def state(draft_id: UUID) -> str:
        if draft_id in held:
            return HELD
        return RECEIVED if known[draft_id] and round_.closed_on else ERASED

    return [(number, draft_id, state(draft_id)) for number, draft_id in enumerate(order, 1)][::-1]
