"""One transaction a request, on behalf of one person, through one declared access rule.

Rule of the module: this stands between the session and everything else. It replaces ATOMIC_REQUESTS, which wraps only the view:
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

from outreach.access import (
    DISABLED,
    LOGIN_NOT_REQUIRED,
    LOGIN_REQUIRED,
    SECOND_FACTOR_NOT_REQUIRED,
    AccessRule,
    ActingMembership,
    Denied,
    access_rule_of,
)
from outreach.members import access_denied, sessions, tries
from outreach.members.acting_membership import load_membership
from outreach.members.mfa import is_strong
from outreach.roles import STRONG
from privacy import clock
from privacy.compat import set_user, user_of
from privacy.db.scope import Scope, use_tenant

LOGIN = "account_login"
SECOND_STEP = "mfa_authenticate"


class TenantMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = _match(request)
        request.acting = None  # type: ignore[attr-defined]
        if match is not None and getattr(match.func, "without_database", False):
            return self.get_response(request)
        return tries.answer(request, lambda: self._once(request, match))

    def _once(self, request: HttpRequest, match: ResolverMatch | None) -> HttpResponseBase:
        """The answer, in a transaction of its own. Raises tries.Lost when that lost to another one."""
        route = match.view_name if match else ""
        account_id = _signed_in_as(request)
        scope = Scope(account_id=account_id) if account_id else _before_sign_in(request, route)
        with use_tenant(scope), transaction.atomic():
            acting = _load_membership(request, account_id) if account_id else None
            request.acting = acting  # type: ignore[attr-defined]
            response = self._answer(request, route)
            tries.check(request, response)
            if response.status_code == 404 and acting is not None and match is not None:
                _nothing_of_theirs(match, acting)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            sessions.tidy(request)
            return response

    def _answer(self, request: HttpRequest, route: str) -> HttpResponseBase:
        """A session that just turned out to be over leaves a stranger: signing in then looks for the address typed."""
        user = user_of(request)
        if user is None or user.is_authenticated:
            return self.get_response(request)
        with use_tenant(_before_sign_in(request, route)):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        """What a view raised, before Django makes a 500 of it."""
        return tries.noticed(request, failure)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Deny by default; the answer says what to do next."""
        match = request.resolver_match
        rule = access_rule_of(view, match.view_name if match else None)
        if rule == LOGIN_NOT_REQUIRED:
            return None
        if rule == DISABLED:
            request.resolver_match = None  # like an address that is none: its page repeats nothing of it
            raise Http404
        why = _refusal(request, rule)
        return access_denied.answer(request, why) if why else None


def _refusal(request: HttpRequest, rule: AccessRule | None) -> Denied | None:
    """Why this request is denied, or None when it is not. A view without a rule is open to nobody."""
    acting: ActingMembership | None = getattr(request, "acting", None)
    if not request.user.is_authenticated:
        return Denied.NOT_SIGNED_IN
    if rule == SECOND_FACTOR_NOT_REQUIRED:
        return None
    if isinstance(rule, frozenset):
        if acting is None:
            return Denied.NO_MEMBERSHIP
        if not acting.may(rule):
            return Denied.WRONG_ROLE
    elif rule != LOGIN_REQUIRED:
        return Denied.WRONG_ROLE
    if acting is not None and acting.roles & STRONG and not is_strong(request, acting.account_id):
        return Denied.SECOND_FACTOR
    return None


def _nothing_of_theirs(match: ResolverMatch, acting: ActingMembership) -> None:
    """Where access was granted, 404 means "not yours, or no more": the answer does not say which; the log keeps the question."""
    rule = access_rule_of(match.func, match.view_name)
    if isinstance(rule, frozenset) or (match.kwargs and rule in (LOGIN_REQUIRED, SECOND_FACTOR_NOT_REQUIRED)):
        access_denied.log(access_denied.NOT_FOUND, acting)


def _match(request: HttpRequest) -> ResolverMatch | None:
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _signed_in_as(request: HttpRequest) -> UUID | None:
    """The account a session claims; `_load_membership` still has to find it valid."""
    try:
        return UUID(str(request.session[SESSION_KEY]))
    except (KeyError, ValueError):
        return None


def _load_membership(request: HttpRequest, account_id: UUID) -> ActingMembership | None:
    """Load the account (active, session not older than its password or its term) and find the membership it chose.

    AuthenticationMiddleware, which comes later, finds the account already loaded: one query, and inside the right scope.
    """
    now = clock.now()
    if sessions.is_over(request, now):
        request.session.flush()
    user = get_user(request)
    set_user(request, user)
    if not user.is_authenticated:
        return None
    acting = load_membership(account_id, request.session.get(sessions.MEMBERSHIP))
    if acting is None:
        return None
    zone = ZoneInfo(acting.timezone)
    if sessions.is_over(request, now, acting.session_days, zone):
        request.session.flush()
        set_user(request, get_user(request))  # a stranger now
        return None
    sessions.prolong(request, acting.session_days, zone)
    return acting


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
