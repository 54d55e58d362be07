"""What follows from a sign-in and from a change of second factor: an entry in the log, and no older session left behind.

Rule of the module: allauth announces some changes only after the commit, where no scope holds any more; each receiver therefore
opens its own transaction on behalf of the account it is about.
"""

from typing import Any

from allauth.account import signals as library
from allauth.account.signals import user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import HttpRequest

from outreach.members import totp
from outreach.members.acting_membership import find_membership, scope_of
from outreach.members.actors import actor_of
from outreach.members.models import Account
from outreach.members.sessions import MEMBERSHIP
from privacy import clock
from privacy.audit import services as audit
from privacy.audit.events import Event
from privacy.compat import record_authentication
from privacy.db.scope import Scope, use_tenant

REAL = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes alone are no second factor."""


def _log(event: Event, request: HttpRequest, user: Account, kind: str = "") -> None:
    """One entry in the name of the membership the person would take. Needs the scope of the account."""
    acting = find_membership(user.id, request.session.get(MEMBERSHIP))
    now = clock.now()
    with use_tenant(scope_of(acting) if acting else Scope(account_id=user.id)):
        audit.record(
            event,
            association_id=acting.association_id if acting else None,
            actor=actor_of(acting.roles if acting else (), user.id, now),
            subject_kind=kind,
            now=now,
        )


def _signed_in(request: HttpRequest, user: Account, **_kwargs: Any) -> None:
    with use_tenant(Scope(account_id=user.id)), transaction.atomic():
        _log(Event.LOGIN, request, user)


def _added(request: HttpRequest, user: Account, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Setting up a factor proves it. The first one ends every other session: they were opened with less."""
    with use_tenant(Scope(account_id=user.id)), transaction.atomic():
        _log(Event.SECOND_FACTOR_CHANGED, request, user, "added")
        if authenticator.type not in REAL:
            return
        if authenticator.type == Authenticator.Type.TOTP:
            # The code that activated it was shown and typed: nobody signs in with it as well.
            totp.use_up(authenticator.pk, request.POST.get("code", ""))
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
        if Authenticator.objects.filter(user=user, type__in=REAL).count() == 1:
            for session in UserSession.objects.filter(user=user).exclude(
                session_key=request.session.session_key
            ):
                session.end()


def _changed(request: HttpRequest, user: Account, **_kwargs: Any) -> None:
    with use_tenant(Scope(account_id=user.id)), transaction.atomic():
        _log(Event.SECOND_FACTOR_CHANGED, request, user, "removed")


def password_changed(request: HttpRequest, user: Account, **_kwargs: Any) -> None:
    """By its owner, on the page for it or through an invitation. Every other session ended with the old one."""
    with use_tenant(Scope(account_id=user.id)), transaction.atomic():
        _log(Event.PASSWORD_CHANGED, request, user)


def _refused(request: HttpRequest, user: Account, **_kwargs: Any) -> None:
    """A wrong code after a right password: somebody knows the password, so this one is worth an entry."""
    with use_tenant(Scope(account_id=user.id)), transaction.atomic():
        _log(Event.LOGIN_REFUSED, request, user, "second-factor")


def connect() -> None:
    """Called once, when the application is ready."""
    user_logged_in.connect(_signed_in, dispatch_uid="members.login")
    library.password_changed.connect(password_changed, dispatch_uid="members.password_changed")
    authenticator_added.connect(_added, dispatch_uid="members.factor_added")
    authenticator_removed.connect(_changed, dispatch_uid="members.factor_removed")
    authentication_failed.connect(_refused, dispatch_uid="members.code_refused")
    authenticator_reset.connect(_changed, dispatch_uid="members.factor_reset")
