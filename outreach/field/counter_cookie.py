"""What a phone keeps by itself: its number for this round, and the counts of the round in a signed cookie.

Rule of the module: counting writes nothing on the server, no row, no session, no log line. The cookie is signed, not
secret: it holds numbers and the random ids of this phone's drafts, never a place, a time or a word. Its signature
carries no timestamp, and it ends with the days in which a closed round still takes counts. It is bound to the account that
counts: another one on the same browser neither reads it nor adds to it, and has a cookie of its own beside it. A session
that ended takes no count along: the same account finds them when it signs in again.
"""

import secrets
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac

from outreach.field.counting import PARTS, Counter, Step
from outreach.members.sessions import WAITS
from outreach.records.encounter import BadEncounter
from outreach.records.tally import Counts, Turns, build
from outreach.rounds.models import Round
from outreach.rounds.services import LATE_SUBMISSION_WINDOW
from privacy.db.scope import current

PHONE = "phone"
"""Session key: a random number of this sign-in on this device; it names nobody and dies with the session."""
SAID = "parole-"
"""How the cookie of what the next page says begins."""


def phone_of(request: HttpRequest, round_: Round) -> UUID:
    """The number of this phone on this round, from one drawn at first use (before any count, so that counting itself never
    writes a session).

    Keyed: it stands beside counts for months, and a session names an account. Whoever holds the tables alone cannot say
    whose phone counted what, nor which rounds one phone walked.
    """
    try:
        drawn = UUID(str(request.session[PHONE]))
    except (KeyError, ValueError):
        drawn = uuid4()
        request.session[PHONE] = drawn.hex
    salt = f"outreach.field.counter_cookie:{round_.id.hex}"
    return UUID(bytes=salted_hmac(salt, drawn.hex, algorithm="sha256").digest()[:16], version=4)


def proof_of(request: HttpRequest, round_: Round) -> str:
    """This phone's number on `round_`, signed: given to a phone before the close, it is what a closed round asks for.

    Without a time, and kept by the phone alone: no row says which phone had which round.
    """
    return _prover(round_).sign(phone_of(request, round_).hex)


def number_in(proof: str, round_: Round) -> UUID | None:
    """The number in a proof that this server signed for `round_`, else None."""
    try:
        return UUID(_prover(round_).unsign(proof))
    except (BadSignature, ValueError):
        return None


def _prover(round_: Round) -> Signer:
    return Signer(salt=f"outreach.field.present:{round_.id.hex}")


def read(request: HttpRequest, round_: Round) -> Counter:
    """The counter of this account on this phone for `round_`; an empty one when there is none or when it was tampered with."""
    raw = request.COOKIES.get(_name(round_.id))
    known = _of_the_version_before(request, round_) if raw is None else _opened(raw, _signer(round_.id))
    counter = _with_said(request, round_, known or _fresh(request, round_))
    # A page asked for before the start left a cookie that says "not present"; now it is.
    return replace(counter, present=True) if round_.status == Round.Status.OPEN else counter


def _fresh(request: HttpRequest, round_: Round) -> Counter:
    turns = Turns(secrets.token_hex(3))
    return Counter(phone_of(request, round_), present=round_.status == Round.Status.OPEN, turns=turns)


def _opened(raw: str, signer: Signer) -> Counter | None:
    if raw:
        try:
            return _from_body(signer.unsign_object(raw))
        except (
            BadSignature,
            BadEncounter,
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ):
            pass  # changed, somebody else's, or of another version of this service
    return None


def _of_the_version_before(request: HttpRequest, round_: Round) -> Counter | None:
    """Counts of a night in which the service was renewed: their cookie names no account, so it is its session's."""
    raw = request.COOKIES.get(f"comptage-{round_.id.hex[:16]}", "")
    counter = _opened(raw, Signer(salt=f"outreach.field.counter:{round_.id.hex}"))
    return counter if counter and counter.phone == phone_of(request, round_) else None


def unsent(request: HttpRequest, rounds: Iterable[Round]) -> list[tuple[Round, Counter]]:
    """Those of `rounds` of which this phone has counts to send, with its counts."""
    found = [(round_, read(request, round_)) for round_ in rounds]
    return [(round_, counter) for round_, counter in found if counter.present and not counter.empty]


def waits(request: HttpRequest, but: Round) -> bool:
    """Whether this browser has counts of another round than `but` to send; asked before any row is."""
    return any(name.startswith(WAITS) and but.id.hex[:16] not in name for name in request.COOKIES)


def is_new(request: HttpRequest, round_: Round) -> bool:
    """Whether this account has no cookie of `round_` on this phone yet."""
    return _name(round_.id) not in request.COOKIES


def write(response: HttpResponse, round_: Round, counter: Counter, now: datetime) -> None:
    """Put the counter on the phone, one turn on; sent back to the field's pages only, unreadable to scripts.

    Lax, not Strict: a round opened from a link in a message must show its counts too, or they are counted twice.

    Beside it a mark without content, sent everywhere, as long as there is something to send: signing out asks for it. What the
    next page says has a cookie of its own: that page takes it out again, and may arrive after another tab has counted.
    """
    _say(response, round_, counter, now)
    counter = replace(counter, turns=replace(counter.turns, at=counter.turns.at + 1))
    mark = f"{WAITS}{round_.id.hex[:16]}-{owner(round_.id)[:8]}"
    if counter.empty:
        response.delete_cookie(mark, samesite="Lax")
    else:
        response.set_cookie(
            mark,
            "1",
            expires=_ends(round_.night, now),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    response.set_cookie(
        _name(round_.id),
        _signer(round_.id).sign_object(_to_body(counter), compress=True),
        expires=_ends(round_.night, now),
        path=home(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _say(response: HttpResponse, round_: Round, counter: Counter, now: datetime) -> None:
    if not counter.say:
        said(response, round_)
        return
    response.set_cookie(
        _name(round_.id, SAID),
        _signer(round_.id, SAID).sign_object([counter.say, counter.number]),
        expires=_ends(round_.night, now),
        path=home(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def said(response: HttpResponse, round_: Round) -> None:
    """The page that `response` holds says what there was to say: no other one does, and no count is written for it."""
    response.delete_cookie(_name(round_.id, SAID), path=home(), samesite="Lax")


def _with_said(request: HttpRequest, round_: Round, counter: Counter) -> Counter:
    try:
        say, number = _signer(round_.id, SAID).unsign_object(request.COOKIES.get(_name(round_.id, SAID), ""))
        return replace(counter, say=str(say), number=_whole(number))
    except (BadSignature, TypeError, ValueError):
        return counter


def home() -> str:
    return reverse("field:tonight").rsplit("/", 2)[0] + "/"


def owner(round_id: UUID) -> str:
    """Who counts is who this request acts for. Keyed, and another word on each round: it tells nobody who it is."""
    account = current().account_id
    salt = f"outreach.field.owner:{round_id.hex}"
    return salted_hmac(salt, account.hex if account else "", algorithm="sha256").hexdigest()


def _name(round_id: UUID, kind: str = "comptage-") -> str:
    return f"{kind}{round_id.hex[:16]}-{owner(round_id)[:8]}"


def _signer(round_id: UUID, kind: str = "counter") -> Signer:
    return Signer(salt=f"outreach.field.{kind}:{round_id.hex}:{owner(round_id)}")


def _ends(night: date, now: datetime) -> datetime:
    """Noon after the last day on which a closed round takes counts: the same instant for every phone and every count."""
    return datetime.combine(night + LATE_SUBMISSION_WINDOW + timedelta(days=1), time(12), now.tzinfo)


def _to_body(counter: Counter) -> dict[str, Any]:
    turns = counter.turns
    body: dict[str, Any] = {
        "p": counter.phone.hex,
        "c": _plain(counter.counts),
        "w": [turns.series, turns.at, turns.told],
    }
    if counter.present:
        body["o"] = 1
    if counter.unsure:
        body["u"] = _parts(counter.unsure)
    if counter.vague:
        body["v"] = _parts(counter.vague)
    if counter.steps:
        body["t"] = [
            [dict(one.added), _parts(one.known), _parts(one.unsure), one.mark] for one in counter.steps
        ]
    if counter.drafts:
        body["d"] = [[draft.hex, people] for draft, people in counter.drafts]
    if counter.seen:
        body["s"] = list(counter.seen)
    for key, value in (
        ("k", counter.kept),
        ("a", dict(counter.aside)),
        ("z", _plain(counter.sent) if counter.kept is not None else {}),
    ):
        if value not in ("", None, {}):
            body[key] = value
    return body


def _from_body(body: dict[str, Any]) -> Counter:
    counts, kept = build(body["c"]), _whole(body.get("k"))
    # A cookie of the version before has no turns. Where it has a receipt, what it counts now was counted after that.
    series, at, told = body.get("w", ["" if kept is None else "more", 1, 0])
    return Counter(
        phone=UUID(body["p"]),
        # A cookie of the version before holds counts and no mark: it was counted while the round was open.
        present=body.get("o") == 1 or not counts.empty,
        counts=counts,
        unsure=_unparts(body.get("u", [])),
        steps=tuple(
            Step(
                {str(name): int(n) for name, n in added.items()}, _unparts(known), _unparts(unsure), str(mark)
            )
            for added, known, unsure, mark in body.get("t", [])
        ),
        drafts=tuple((UUID(draft), int(people)) for draft, people in body.get("d", [])),
        seen=tuple(str(mark) for mark in body.get("s", [])),
        kept=kept,
        sent=build(body.get("z", {})),
        aside={str(why): int(number) for why, number in body.get("a", {}).items()},
        vague=_unparts(body.get("v", [])),
        turns=Turns(str(series), int(at), int(told)),
    )


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _plain(counts: Counts) -> dict[str, Any]:
    """Without what is unknown or empty; a zero that was counted stays a zero."""
    return {name: value for name, value in asdict(counts).items() if value is not None and value != {}}


def _parts(parts: frozenset[str]) -> list[int]:
    return sorted(PARTS.index(part) for part in parts)


def _unparts(numbers: list[int]) -> frozenset[str]:
    return frozenset(PARTS[number] for number in numbers)
