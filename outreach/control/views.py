"""The control room: a ledger that reads like an account book. Due, done, late, and the proof; never a place, never a record.

Rule of the room: every figure comes through the audit connection, whose database role can read nothing else.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from outreach.access import Seat, gate, public, seat_of
from outreach.control import services
from outreach.control.forms import CheckForm
from outreach.members import limits, notices
from outreach.members.actors import actor
from outreach.members.views.requests import shown
from outreach.roles import Role
from privacy import clock
from privacy.audit import checking, reading
from privacy.audit import services as audit
from privacy.audit.events import READS, Event
from privacy.retention import reading as retention


def _logged(seat: Seat, kind: str) -> None:
    now = clock.now()
    audit.record(
        Event.LEDGER_READ,
        association_id=seat.association_id,
        actor=actor(seat, now),
        subject_kind=kind,
        now=now,
    )


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the room; above it, for auditors, what administrators gave or ask for with nobody to agree."""
    seat = seat_of(request)
    living = (
        notices.for_auditors(seat.association_id, today=clock.today()) if Role.AUDITOR in seat.roles else []
    )
    return render(request, f"outreach/control/{template}.html", {**context, **shown(living)}, status=status)


@gate(Role.AUDITOR, Role.ADMIN)
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """What expires when, and whether it was destroyed."""
    seat = seat_of(request)
    _logged(seat, "retention-ledger")
    book = retention.book(seat.association_id, today=clock.today())
    return _page(request, "ledger", {"book": book})


@gate(Role.AUDITOR)
@require_safe
def consent(request: HttpRequest) -> HttpResponse:
    """How often people were asked and what they said, in bands, quarter by quarter."""
    seat = seat_of(request)
    _logged(seat, "consent-bands")
    return _page(request, "consent", {"bands": services.consent_bands(seat.association_id)})


@gate(Role.AUDITOR)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Which role opened what kind of thing, and the checkpoints that prove the log."""
    seat = seat_of(request)
    today = clock.today()
    _logged(seat, "audit-log")
    quarters = (reading.told(seat.association_id, one, today=today) for one in reading.quarters(today))
    readable = reading.readable_from(clock.now()).astimezone(ZoneInfo(seat.timezone))
    page = {
        "quarters": [one for one in quarters if one],
        "kinds": list(READS.values()),
        "checkpoints": reading.latest_checkpoints(),
        "standing": reading.standing().value,
        "readable": readable.date(),
        "hour": readable.hour,
        "form": CheckForm(),
    }
    return _page(request, "log", page)


@gate(Role.AUDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Whether a checkpoint that somebody kept still holds."""
    seat = seat_of(request)
    form = CheckForm(request.POST or None)
    checked: checking.Checked | None = None
    if request.method == "POST" and form.is_valid():
        if refused := limits.too_many_checks(request, seat.account_id):
            return refused
        _logged(seat, "audit-log")
        checked = checking.check(form.cleaned_data["note"], seat.association_id, today=clock.today())
        if checked.verdict is checking.Verdict.UNREADABLE:
            form.add_error(
                "note",
                _("Ce texte n’est pas un sceau entier : copiez-le de la première à la dernière ligne."),
            )
    page = {"form": form, "checked": None if form.errors else checked}
    return _page(request, "check", page, status=422 if form.errors else 200)


@public
@require_safe
def checkpoint(request: HttpRequest, root: str) -> HttpResponse:  # noqa: ARG001 - Django hands it to every view
    """One signed checkpoint as a file, for whoever was told its hash. It says how long the log is, so nobody lists them."""
    note = reading.checkpoint(bytes.fromhex(root))
    if note is None:
        raise Http404
    answer = HttpResponse(note, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="checkpoint-{root[:12]}.txt"'
    return answer
