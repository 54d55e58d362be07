"""The auditor's pages: a ledger that reads like an account book. Due, done, late, and the proof; never a place, never a record.

Rule of the module: every figure comes through the audit connection, whose database role can read nothing else.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from outreach.access import ActingMembership, login_not_required, membership_of, require_role
from outreach.auditing import services
from outreach.auditing.forms import CheckForm
from outreach.members import limits, notices
from outreach.members.actors import actor
from outreach.members.views.requests import shown
from outreach.roles import Role
from privacy import clock
from privacy.audit import checking, selectors
from privacy.audit import services as audit
from privacy.audit.events import READS, Event
from privacy.retention import selectors as retention


def _logged(acting: ActingMembership, kind: str) -> None:
    now = clock.now()
    audit.record(
        Event.LEDGER_READ,
        association_id=acting.association_id,
        actor=actor(acting, now),
        subject_kind=kind,
        now=now,
    )


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page for auditors; above it, for auditors, what administrators gave or ask for with nobody to agree."""
    acting = membership_of(request)
    living = (
        notices.for_auditors(acting.association_id, today=clock.today())
        if Role.AUDITOR in acting.roles
        else []
    )
    return render(request, f"outreach/auditing/{template}.html", {**context, **shown(living)}, status=status)


@require_role(Role.AUDITOR, Role.ADMIN)
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """What expires when, and whether it was destroyed."""
    acting = membership_of(request)
    _logged(acting, "retention-ledger")
    book = retention.book(acting.association_id, today=clock.today())
    return _page(request, "ledger", {"book": book})


@require_role(Role.AUDITOR)
@require_safe
def consent(request: HttpRequest) -> HttpResponse:
    """How often people were asked and what they said, in bands, quarter by quarter."""
    acting = membership_of(request)
    _logged(acting, "consent-bands")
    return _page(request, "consent", {"bands": services.consent_bands(acting.association_id)})


@require_role(Role.AUDITOR)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Which role opened what kind of thing, and the checkpoints that prove the log."""
    acting = membership_of(request)
    today = clock.today()
    _logged(acting, "audit-log")
    quarters = (selectors.told(acting.association_id, one, today=today) for one in selectors.quarters(today))
    readable = selectors.readable_from(clock.now()).astimezone(ZoneInfo(acting.timezone))
    page = {
        "quarters": [one for one in quarters if one],
        "kinds": list(READS.values()),
        "checkpoints": selectors.latest_checkpoints(),
        "standing": selectors.standing().value,
        "readable": readable.date(),
        "hour": readable.hour,
        "form": CheckForm(),
    }
    return _page(request, "log", page)


@require_role(Role.AUDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Whether a checkpoint that somebody kept still holds."""
    acting = membership_of(request)
    form = CheckForm(request.POST or None)
    checked: checking.Checked | None = None
    if request.method == "POST" and form.is_valid():
        if refused := limits.too_many_checks(request, acting.account_id):
            return refused
        _logged(acting, "audit-log")
        checked = checking.check(form.cleaned_data["note"], acting.association_id, today=clock.today())
        if checked.verdict is checking.Verdict.UNREADABLE:
            form.add_error(
                "note",
                _("Ce texte n’est pas un sceau entier : copiez-le de la première à la dernière ligne."),
            )
    page = {"form": form, "checked": None if form.errors else checked}
    return _page(request, "check", page, status=422 if form.errors else 200)


@login_not_required
@require_safe
def checkpoint(request: HttpRequest, root: str) -> HttpResponse:  # noqa: ARG001 - Django hands it to every view
    """One signed checkpoint as a file, for whoever was told its hash. It says how long the log is, so nobody lists them."""
    note = selectors.checkpoint(bytes.fromhex(root))
    if note is None:
        raise Http404
    answer = HttpResponse(note, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="checkpoint-{root[:12]}.txt"'
    return answer
