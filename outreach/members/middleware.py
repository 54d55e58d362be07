"""One transaction a request, on behalf of one person, through one declared gate.

Rule of the room: this stands between the session and everything else. It replaces ATOMIC_REQUESTS, which wraps only the view: the
scope must also hold while the account is loaded and a template is rendered. An answer of 500 rolls everything back.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve

from outreach.access import PUBLIC, SIGNED_IN, Denied, gate_of
from outreach.members import denial
from outreach.members.roles import STRONG
from outreach.members.seats import find_seat, scope_of
from privacy.db.scope import NOBODY, Scope, acting

MEMBERSHIP = "membership"
"""Session key: the membership a person chose to look as."""

LOGIN_PATHS = ("account_login", "account_reset_password")


class SeatMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            match = None
        if match is not None and getattr(match.func, "without_database", False):
            request.seat = None  # type: ignore[attr-defined]
            return self.get_response(request)
        account_id = _account_of(request)
        email = _typed_email(request, match.url_name if match else None)
        with acting(Scope(account_id=account_id, login_email=email)), transaction.atomic():
            seat = find_seat(account_id, request.session.get(MEMBERSHIP)) if _logged_in(request) and account_id else None
            request.seat = seat  # type: ignore[attr-defined]
            with acting(scope_of(seat) if seat else Scope(account_id=account_id, login_email=email)):
                response = self.get_response(request)
                if response.status_code >= 500:
                    transaction.set_rollback(True)
                return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Deny by default; the answer says what to do next."""
        match = request.resolver_match
        gate = gate_of(view, match.view_name if match else None)
        if gate == PUBLIC:
            return None
        seat = getattr(request, "seat", None)
        if not _logged_in(request):
            return denial.answer(request, Denied.NOT_SIGNED_IN)
        if gate == SIGNED_IN:
            return None
        if seat is None:
            return denial.answer(request, Denied.NO_SEAT)
        if gate is None or isinstance(gate, str) or not seat.may(gate):
            return denial.answer(request, Denied.WRONG_ROLE)
        if seat.roles & STRONG and not request.session.get(denial.STRONG_SESSION):
            return denial.answer(request, Denied.SECOND_FACTOR)
        return None


def _logged_in(request: HttpRequest) -> bool:
    return "_auth_user_id" in request.session


def _account_of(request: HttpRequest) -> UUID | None:
    """The account of the session, also between its password and its second factor."""
    known = request.session.get("_auth_user_id")
    if known is None:
        stashed = request.session.get("account_login")
        known = stashed.get("user_pk") if isinstance(stashed, dict) else None
    try:
        return UUID(str(known)) if known else None
    except ValueError:
        return None


def _typed_email(request: HttpRequest, url_name: str | None) -> str:
    """The address typed on the sign-in form: the only way to see one account before anyone is known."""
    if request.method != "POST" or url_name not in LOGIN_PATHS:
        return NOBODY.login_email
    typed = request.POST.get("login") or request.POST.get("email") or ""
    return typed.strip().lower()[:254] if "\x00" not in typed else ""
