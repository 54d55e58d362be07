"""The open round: three actions, what this phone counted, what it noted and may still erase, what disappears when."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from outreach.access import gate, seat_of
from outreach.field import drafts, finding, phone
from outreach.field.counting import Counter, drop_draft
from outreach.field.pages import go, leads, show
from outreach.members.roles import Role
from outreach.names import natural
from outreach.records import reading
from outreach.records.models import Draft
from outreach.rounds.models import Round
from privacy import clock


@gate(Role.LEAD, Role.WORKER)
@require_safe
def home(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """The round, open or closed; a planned one is started from tonight's page."""
    seat, now = seat_of(request), clock.now()
    round_ = finding.round_or_404(seat, round_id)
    if round_.status not in (Round.Status.OPEN, Round.Status.CLOSED):
        return redirect("field:tonight")
    counter = phone.read(request, round_)
    context: dict[str, object] = {
        "leads": leads(seat),
        "today": clock.today(),
        "open": round_.status == Round.Status.OPEN,
        "mine": _numbered(round_, counter),
        "waiting": Draft.objects.filter(round=round_).count(),
        "sectors": sorted(
            round_.plan.filter(cancelled=False).values_list("sector__name", flat=True), key=natural
        ),
        "handovers": reading.handovers(seat, now=now, most=3),
    }
    return show(request, "outreach/field/round.html", round_, counter, now, context)


@gate(Role.LEAD, Role.WORKER)
@require_POST
def erase(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Erase one encounter noted on this phone; its id travels in the form, not in the address."""
    seat, now = seat_of(request), clock.now()
    round_ = finding.round_or_404(seat, round_id)
    counter = phone.read(request, round_)
    try:
        draft_id = UUID(request.POST.get("draft", ""))
    except ValueError:
        return redirect("field:round", round_.id)
    gone = drafts.erase(round_, draft_id, counter.phone)
    return go(
        "field:round",
        round_,
        drop_draft(counter, draft_id) if gone else counter,
        now,
        "erased" if gone else "not-erased",
    )


def _numbered(round_: Round, counter: Counter) -> list[tuple[int, UUID]]:
    """This phone's drafts that the server still holds, in the order in which the phone noted them, latest first."""
    held = drafts.mine(round_, counter.phone)
    known = [draft_id for draft_id, _people in counter.drafts]
    order = [*known, *sorted(held - set(known))]
    return [(number, draft_id) for number, draft_id in enumerate(order, 1) if draft_id in held][::-1]
