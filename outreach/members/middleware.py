"""One transaction a request, on behalf of one person, through one declared gate.

Rule of the room: this stands between the session and everything else. It replaces ATOMIC_REQUESTS, which wraps only the view:
the scope must also hold while the account is loaded and a template is rendered. An answer of 500 rolls everything back; a
transaction that lost to another one is run again (`tries`). What a request may see before anyone is signed in is one address (the
one typed) or one account (the one whose password was just right), and only on the routes that need it.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth import SESSION_KEY, get_user
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve

from outreach.access import CLOSED, PUBLIC, SETTING_UP, SIGNED_IN, Denied, Gate, Seat, gate_of
from outreach.members import denial, sessions, tries
from outreach.members.seats import take_seat
from outreach.members.strength import is_strong
from outreach.roles import STRONG
from privacy import clock
from privacy.compat import set_user, user_of
from privacy.db.scope import Scope, acting

LOGIN = "account_login"
SECOND_STEP = "mfa_authenticate"


class SeatMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = _match(request)
        request.seat = None  # type: ignore[attr-defined]
        if match is not None and getattr(match.func, "without_database", False):
            return self.get_response(request)
        return tries.answer(request, lambda: self._once(request, match))

    def _once(self, request: HttpRequest, match: ResolverMatch | None) -> HttpResponseBase:
        """The answer, in a transaction of its own. Raises tries.Lost when that lost to another one."""
        route = match.view_name if match else ""
        account_id = _signed_in_as(request)
        scope = Scope(account_id=account_id) if account_id else _before_sign_in(request, route)
        with acting(scope), transaction.atomic():
            seat = _take_seat(request, account_id) if account_id else None
            request.seat = seat  # type: ignore[attr-defined]
            response = self._answer(request, route)
            tries.check(request, response)
            if response.status_code == 404 and seat is not None and match is not None:
                _nothing_of_theirs(match, seat)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            sessions.tidy(request)
            return response

    def _answer(self, request: HttpRequest, route: str) -> HttpResponseBase:
        """A session that just turned out to be over leaves a stranger: signing in then looks for the address typed."""
        user = user_of(request)
        if user is None or user.is_authenticated:
            return self.get_response(request)
        with acting(_before_sign_in(request, route)):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        """What a view raised, before Django makes a 500 of it."""
        return tries.noticed(request, failure)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Deny by default; the answer says what to do next."""
        match = request.resolver_match
        gate = gate_of(view, match.view_name if match else None)
        if gate == PUBLIC:
            return None
        if gate == CLOSED:
            request.resolver_match = None  # like an address that is none: its page repeats nothing of it
            raise Http404
        why = _refusal(request, gate)
        return denial.answer(request, why) if why else None


def _refusal(request: HttpRequest, gate: Gate | None) -> Denied | None:
    """Why the gate stays shut for this request, or None when it opens. A view without a gate opens for nobody."""
    seat: Seat | None = getattr(request, "seat", None)
    if not request.user.is_authenticated:
        return Denied.NOT_SIGNED_IN
    if gate == SETTING_UP:
        return None
    if isinstance(gate, frozenset):
        if seat is None:
            return Denied.NO_SEAT
        if not seat.may(gate):
            return Denied.WRONG_ROLE
    elif gate != SIGNED_IN:
        return Denied.WRONG_ROLE
    if seat is not None and seat.roles & STRONG and not is_strong(request, seat.account_id):
        return Denied.SECOND_FACTOR
    return None


def _nothing_of_theirs(match: ResolverMatch, seat: Seat) -> None:
    """Behind an open gate, 404 means "not yours, or no more": the answer does not say which; the log keeps that it was asked."""
    gate = gate_of(match.func, match.view_name)
    if isinstance(gate, frozenset) or (match.kwargs and gate in (SIGNED_IN, SETTING_UP)):
        denial.log(denial.NOT_FOUND, seat)


def _match(request: HttpRequest) -> ResolverMatch | None:
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _signed_in_as(request: HttpRequest) -> UUID | None:
    """The account a session claims; `_take_seat` still has to find it valid."""
    try:
        return UUID(str(request.session[SESSION_KEY]))
    except (KeyError, ValueError):
        return None


def _take_seat(request: HttpRequest, account_id: UUID) -> Seat | None:
    """Load the account (active, session not older than its password or its term) and find the seat it chose.

    AuthenticationMiddleware, which comes later, finds the account already loaded: one query, and inside the right scope.
    """
    now = clock.now()
    if sessions.is_over(request, now):
        request.session.flush()
    user = get_user(request)
    set_user(request, user)
    if not user.is_authenticated:
        return None
    seat = take_seat(account_id, request.session.get(sessions.MEMBERSHIP))
    if seat is None:
        return None
    zone = ZoneInfo(seat.timezone)
    if sessions.is_over(request, now, seat.session_days, zone):
        request.session.flush()
        set_user(request, get_user(request))  # a stranger now
        return None
    sessions.prolong(request, seat.session_days, zone)
    return seat


def _before_sign_in(request: HttpRequest, route: str) -> Scope:
    """What may be seen of people while nobody is signed in."""
    if request.method == "POST" and route == LOGIN:
        typed = request.POST.get("login", "").strip().lower()
        return Scope(login_email="" if "\x00" in typed else typed[:254])
    stashed = request.session.get("account_login")
    if route == SECOND_STEP and isinstance(stashed, dict):
        try:
            return Scope(account_id=UUID(str(stashed.get("user_pk"))))
        except ValueError:
            return Scope()
    return Scope()
