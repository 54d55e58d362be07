"""Closing: the counts once more, a word for the next team, then the receipt. Other phones send their own counts for 72 h."""

from collections import Counter as Tallied
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outreach.access import membership_of, require_role
from outreach.closing.services import close_round, reopen_round
from outreach.field import counter_cookie, counting, reopening, selectors
from outreach.field.forms import HandoverForm
from outreach.field.pages import NoteWarning, leads, note_warning, redirect_with_counter, render_round
from outreach.members.actors import actor
from outreach.records import quarantine
from outreach.records import vocabulary as words
from outreach.records.models import Draft, Quarantine, Record, Tally
from outreach.roles import Role
from outreach.rounds.limits import TooMany
from outreach.rounds.models import Round
from outreach.rounds.services import RoundRefused
from privacy import clock

NO_ROOM = gettext_lazy(
    "Cette tournée a déjà vingt transmissions : rien n’est envoyé. Effacez ce texte pour envoyer vos comptages seuls."
)
REOPENED = gettext_lazy(
    "La tournée a été rouverte entre-temps : rien n’est envoyé. « Clore et envoyer » la clôt pour toute l’équipe."
)
REOPENED_BY_THE_LEAD = gettext_lazy(
    "La tournée a été rouverte entre-temps : rien n’est envoyé. Gardez cette page ouverte et réessayez quand elle sera close."
)

REFUSED = {
    "phone-not-seen": "phone-not-seen",
    "too-many-phones": "too-many-phones",
    "too-many-counts": "full",
}
"""What a page says where the counts were not taken; any other reason: too late."""


@require_role(Role.LEAD, Role.WORKER)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def close(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """A lead closes the open round; on a closed one, any phone of the team sends what it counted.

    late: the page showed a closed round. Reopened since, it is not closed for everybody by a phone that meant to send its counts.
    """
    acting = membership_of(request)
    round_ = selectors.round_or_404(acting, round_id)
    if round_.status not in (Round.Status.OPEN, Round.Status.CLOSED):
        return redirect("field:tonight")
    counter = counter_cookie.read(request, round_)
    may = leads(acting) or round_.status == Round.Status.CLOSED
    form, warning, status = HandoverForm(), None, 200
    late = "late" in request.POST
    if request.method == "POST" and (may or late):
        form, status = HandoverForm(request.POST), 422
        reopened = late and round_.status == Round.Status.OPEN
        if form.is_valid() and not reopened:
            text = form.cleaned_data["handover"]
            warning = note_warning(text, kept=request.POST.get("kept", ""))
            if warning is None:
                try:
                    return _send(
                        round_, counter, text, lead=leads(acting), may_close=leads(acting) and not late
                    )
                except TooMany:
                    form.add_error("handover", NO_ROOM)
                except RoundRefused:
                    round_, reopened = selectors.round_or_404(acting, round_id), True
        if reopened and not request.POST.get("handover", "").strip():
            return redirect_with_counter("field:round", round_, counter, clock.now(), "reopened")
        if reopened:
            form.add_error("handover", REOPENED if leads(acting) else REOPENED_BY_THE_LEAD)
    return _page(request, round_, counter, form, warning, may, status)


def _send(
    round_: Round, counter: counting.Counter, text: str, *, lead: bool, may_close: bool
) -> HttpResponse:
    """Close, or send late. Raises TooMany; RoundRefused when the round is open and this sending may not close it."""
    now = clock.now()
    try:
        closed = close_round(
            round_.id,
            phone=counter.phone if counter.present else None,
            counts=counter.counts,
            now=now,
            handover=text,
            turns=counter.turns,
            may_close=may_close,
        )
    except RoundRefused as refused:
        if refused.reason == "reopened":
            raise
        return redirect_with_counter(
            "field:round", round_, counter, now, REFUSED.get(refused.reason, "too-late")
        )
    after = counting.sent(counter, closed.sent, *_stored(round_))
    # Nothing is counted of what was sent: only a lead who set it aside comes to that.
    said = "" if counter.counts.empty or not closed.sent.counts.empty else "set-aside-before"
    response = redirect_with_counter("field:sent", round_, after, now, said)
    # One reopening a night, on one phone: what a close makes readable and a second one adds would tell what colleagues noted in
    # between. Which of two phones that closed at once it is, is known under the lock.
    if lead and closed.first:
        reopening.offer(response, round_, now)
    return response


def _stored(round_: Round) -> tuple[int, Mapping[str, int]]:
    """How many encounters of the round are kept, and why others were set aside.

    Of the whole round, however they came: a late phone brings none with its counts, nor does a sending whose answer was lost.
    """
    aside = Tallied[str]()
    for (_round, why, _day), number in quarantine.reasons(Quarantine.objects.filter(round=round_)).items():
        aside[why] += number
    return Record.objects.filter(round=round_).count(), aside


def _page(
    request: HttpRequest,
    round_: Round,
    counter: counting.Counter,
    form: HandoverForm,
    warning: NoteWarning | None,
    may: bool,
    status: int,
) -> HttpResponse:
    context: dict[str, object] = {
        "form": form,
        "warning": warning,
        "may": may,
        # What a member sent to an open round can only wait until the lead closes it.
        "late": request.method == "POST" and not leads(membership_of(request)),
        "open": round_.status == Round.Status.OPEN,
        "waiting": Draft.objects.filter(round=round_).count(),
        "counts": counter.counts,
        **_numbers(counter),
    }
    return render_round(request, "outreach/field/close.html", round_, counter, clock.now(), context, status)


def _numbers(counter: counting.Counter) -> dict[str, object]:
    """Rows of the table of what a phone counted."""
    counts = counter.counts
    return {
        "sums": [counter.sum_of(part) for part in counting.PARTS],
        "given": [(words.ITEMS[code], number) for code, number in counts.distributions.items()],
        "calls": [(words.CALL_115_OUTCOME[code], number) for code, number in counts.calls_115.items()],
    }


@require_role(Role.LEAD)
@require_POST
def reopen(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Open the round again, from the phone that closed it, within fifteen minutes."""
    acting, now = membership_of(request), clock.now()
    round_ = selectors.round_or_404(acting, round_id)
    if reopening.is_offered(request, round_, now):
        with suppress(RoundRefused, TooMany):  # its night is over, it was reopened meanwhile, or it is full
            reopen_round(round_.id, actor=actor(acting, now), now=now)
        round_ = selectors.round_or_404(acting, round_id)
    # A second tap, or another tab: it is open, whoever of them opened it.
    said = "reopened" if round_.status == Round.Status.OPEN else "reopen-too-late"
    response = redirect_with_counter("field:round", round_, counter_cookie.read(request, round_), now, said)
    reopening.withdraw(response, round_)
    return response


@require_role(Role.LEAD, Role.WORKER)
@require_safe
def sent(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """The receipt: what was sent, how many encounters are kept or set aside and why; for a lead, who has not sent."""
    acting, now = membership_of(request), clock.now()
    round_ = selectors.round_or_404(acting, round_id)
    counter = counter_cookie.read(request, round_)
    if counter.kept is None:
        return redirect("field:round", round_.id)
    aside = [(why, number) for why, number in sorted(counter.aside.items())]
    context: dict[str, object] = {
        "aside": aside,
        "today": clock.today(),
        "counts": counter.sent,
        **_numbers(replace(counter, counts=counter.sent, unsure=counter.vague)),
        "missing": _missing(round_, counter) if leads(acting) else None,
        "reopens": leads(acting) and reopening.is_offered(request, round_, now),
    }
    return render_round(request, "outreach/field/sent.html", round_, counter, now, context)


def _missing(round_: Round, counter: counting.Counter) -> int | None:
    """How many other phones had the round and have sent no counts; None when nobody was counted (an older round)."""
    if not round_.phone_count:
        return None
    others = Tally.objects.filter(round=round_).exclude(phone=counter.phone).count()
    return max(round_.phone_count - counter.present - others, 0)
