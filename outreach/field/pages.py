"""What the field's pages share: when things disappear, the answer that carries the phone's counter, warnings about a note."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.functional import Promise

from outreach.access import ActingMembership
from outreach.field import counter_cookie
from outreach.field.counting import Counter
from outreach.notes.checking import check
from outreach.notes.kinds import Finding, Kind
from outreach.roles import Role
from outreach.rounds.models import Round
from outreach.rounds.services import RoundRefused, phone_joined, refuse_unless_late
from privacy.core.retention import RetentionClass, expires_on


@dataclass(frozen=True, slots=True)
class Ends:
    """The first day on which each thing of a round is gone, as the screen names it."""

    record: date
    note: date
    tally: date
    handover: date


def ends_of(round_: Round) -> Ends:
    """From the association's own policy; needs `round_.association`."""
    policy = round_.association.policy
    return Ends(
        *(
            expires_on(cls, round_.night, policy)
            for cls in (
                RetentionClass.RECORD,
                RetentionClass.NOTE,
                RetentionClass.TALLY,
                RetentionClass.HANDOVER,
            )
        )
    )


def leads(acting: ActingMembership) -> bool:
    return Role.LEAD in acting.roles


def cannot_count(round_: Round, counter: Counter, now: datetime) -> str:
    """Why nothing can be counted on this phone any more, "" when it can.

    What comes after the close joins the counts that this phone has not sent: a no weighs as much as a yes.
    """
    if round_.status == Round.Status.OPEN:
        return ""
    try:
        refuse_unless_late(round_, now)
    except RoundRefused:
        return "too-late"
    return "" if counter.present else "phone-not-seen"


def redirect_with_counter(
    name: str, round_: Round, counter: Counter, now: datetime, say: str = "", number: int | None = None
) -> HttpResponseRedirect:
    """Redirect to a page of the round, with the counter and what that page shall say put on the phone."""
    response = redirect(name, round_.id)
    counter_cookie.write(response, round_, replace(counter, say=say, number=number), now)
    return response


def render_round(
    request: HttpRequest,
    template: str,
    round_: Round,
    counter: Counter,
    now: datetime,
    context: dict[str, object],
    status: int = 200,
) -> HttpResponse:
    """Render a page of the round; what the phone had to say is said once, and an open round is remembered by the phone.

    A page writes no counts but where there are none: on a slow line it arrives after those of another tab.
    """
    common = {"round": round_, "counter": counter, "ends": ends_of(round_)}
    response = render(request, template, {**common, **context}, status=status)
    joins = counter.present and counter_cookie.is_new(request, round_)
    if joins:
        phone_joined(round_.id)
        counter_cookie.write(response, round_, replace(counter, say="", number=None), now)
    elif counter.say:
        counter_cookie.said(response, round_)
    return response


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """A stretch of a text, marked or not."""

    text: str
    kind: Kind | None = None


@dataclass(frozen=True, slots=True, repr=False)
class NoteWarning:
    """A text with what the check found in it, for one showing; and the seal by which the worker keeps it as it is."""

    pieces: tuple[Piece, ...]
    kinds: tuple[str | Promise, ...]
    sensitive: bool
    seal: str


def note_warning(*texts: str, kept: str) -> NoteWarning | None:
    """What to ask about `texts`, or None: nothing found, or the worker already chose to keep exactly these words."""
    whole = "\n".join(text for text in texts if text)
    findings = check(whole)
    if not findings:
        return None
    seal = salted_hmac("outreach.field.note", whole, algorithm="sha256").hexdigest()
    if constant_time_compare(kept, seal):
        return None
    kinds = sorted({one.kind for one in findings}, key=lambda kind: (not kind.sensitive, kind.value))
    return NoteWarning(
        tuple(_pieces(whole, findings)),
        tuple(kind.label for kind in kinds),
        any(kind.sensitive for kind in kinds),
        seal,
    )


def _pieces(text: str, findings: list[Finding]) -> list[Piece]:
    pieces, here = [], 0
    for one in findings:
        if one.start > here:
            pieces.append(Piece(text[here : one.start]))
        pieces.append(Piece(text[one.start : one.end], one.kind))
        here = one.end
    return [*pieces, Piece(text[here:])] if here < len(text) else pieces
