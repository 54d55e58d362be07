"""Counting: numbers that go into the phone's own cookie and nowhere else until the round closes."""

import secrets
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from outreach.access import membership_of, require_role
from outreach.field import counter_cookie, counting, selectors
from outreach.field.counting import Counter
from outreach.field.forms import GroupForm, ItemsForm
from outreach.field.pages import cannot_count, redirect_with_counter, render_round
from outreach.records import vocabulary as words
from outreach.roles import Role
from outreach.rounds.models import Round
from privacy import clock

QUICK = {str(number): number for number in range(1, 10)}
"""Groups of one to nine are one tap: the only numbers that a button may send."""
UNKNOWN = "?"


@require_role(Role.LEAD, Role.WORKER)
@require_http_methods(["GET", "HEAD", "POST"])
def count(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """One form of the counting page, and the page again; what was counted is in the answer's cookie and nowhere here."""
    acting, now = membership_of(request), clock.now()
    round_ = selectors.round_or_404(acting, round_id)
    counter = counter_cookie.read(request, round_)
    takes = round_.status == Round.Status.OPEN and not selectors.only_closes(round_, now)
    page = "field:count" if takes else "field:round"
    if request.method != "POST" and page == "field:round":
        return redirect(page, round_.id)
    if why := cannot_count(round_, counter, now):
        return redirect_with_counter(page, round_, counter, now, why)
    group, items = GroupForm(), ItemsForm()
    status = 200
    if request.method == "POST":
        if "undo" in request.POST:
            page = "field:round" if request.POST["undo"] == "round" else page
            said = "undone" if counter.steps else "nothing-to-undo"
            taken, people = counting.take_back(counter)
            return redirect_with_counter(page, round_, taken, now, said, people or None)
        mark = _mark(request)
        if counter.has_seen(mark):
            return redirect_with_counter(page, round_, counter, now, "already")
        group = GroupForm(request.POST) if "group" in request.POST else group
        items = ItemsForm(request.POST) if "items" in request.POST else items
        try:
            step = _step(request, counter, group, items)
        except counting.TooMany:
            return redirect_with_counter(page, round_, counter, now, "full")
        if step is not None:
            counted, say, number = step
            return redirect_with_counter(page, round_, counting.marked(counted, mark), now, say, number)
        status = 422
    context: dict[str, object] = {
        "quick": QUICK.values(),
        "misread": status == 422 and not (group.errors or items.errors),
        "group": group,
        "items": items,
        "outcomes": words.CALL_115_OUTCOME.items(),
        "reasons": words.REFUSAL.items(),
        "mark": secrets.token_hex(4),
        "given": [(words.ITEMS[code], number) for code, number in counter.counts.distributions.items()],
        "calls": [
            (words.CALL_115_OUTCOME[code], number) for code, number in counter.counts.calls_115.items()
        ],
    }
    return render_round(request, "outreach/field/count.html", round_, counter, now, context, status)


def _mark(request: HttpRequest) -> str:
    """The form's own mark and the button that sent it: a repeated sending counts once, two buttons count twice."""
    button = next(
        (
            f"{name[0]}{request.POST[name]}"
            for name in ("people", "call", "refusal", "group", "items")
            if name in request.POST
        ),
        "",
    )
    return f"{request.POST.get('mark', '')[:8]}{button[:12]}"


def _step(
    request: HttpRequest, counter: Counter, group: GroupForm, items: ItemsForm
) -> tuple[Counter, str, int | None] | None:
    """The counter after this form, what to say, and the number to say; None when an answer is to be revised."""
    sent = request.POST
    if sent.get("people") in (UNKNOWN, *QUICK):
        people = QUICK.get(sent["people"])
        return counting.add_group(counter, {"people_count": people}), "counted", people
    if "call" in sent and sent["call"] in words.CALL_115_OUTCOME:
        return counting.add_call(counter, sent["call"]), "called", None
    if "refusal" in sent and sent["refusal"] in ("", *words.REFUSAL):
        return counting.add_refusal(counter, sent["refusal"]), "refusal", None
    if group.is_bound and group.is_valid():
        numbers = group.numbers()
        return counting.add_group(counter, numbers), "group", numbers["people_count"]
    if items.is_bound and items.is_valid():
        given = items.items()
        return (
            (counting.add_items(counter, given), "given", sum(given.values()))
            if given
            else (counter, "nothing-given", None)
        )
    return None
