"""Forgetting people who worked here: invitations nobody took, sessions, memberships of leavers and the accounts they leave empty.

Rule of the module: sessions go before accounts and memberships before accounts, because each later one looks at what is left.
Failed sign-ins need no eraser: they exist as hashed keys in Redis for five minutes and as a count per day.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from outreach.associations.models import Association
from outreach.members.models import Account, Invitation, Membership, RoleNotice
from privacy.core.policy import DEFAULT
from privacy.core.retention import RetentionClass
from privacy.erasers import Eraser
from privacy.erasers import register as add


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _delete(rows: QuerySet[Any], batch: int) -> int:
    """Delete at most `batch` rows with all that hangs on them; returns how many of `rows` themselves went."""
    ids = list(rows.values_list("pk", flat=True)[:batch])
    with transaction.atomic():
        rows.model._default_manager.filter(pk__in=ids).delete()
    return len(ids)


def _policies() -> dict[UUID, Any]:
    return {association.id: association.policy for association in Association.objects.all()}


def _dead_sessions(today: date) -> set[str]:
    """Keys of sessions past their expiry, or older than the shortest term of the associations their owner works in."""
    dead = set(Session.objects.filter(expire_date__lt=_midnight(today)).values_list("session_key", flat=True))
    policies = _policies()
    terms: dict[UUID, int] = {}
    for account_id, association_id in Membership.objects.filter(ended_on=None).values_list(
        "account_id", "association_id"
    ):
        days = policies[association_id].session_days
        terms[account_id] = min(days, terms.get(account_id, days))
    for key, account_id, began in UserSession.objects.values_list("session_key", "user_id", "created_at"):
        if today >= began.date() + timedelta(days=terms.get(account_id, DEFAULT.session_days)):
            dead.add(key)
    living = set(Session.objects.values_list("session_key", flat=True)) - dead
    return dead | set(
        UserSession.objects.exclude(session_key__in=living).values_list("session_key", flat=True)
    )


def _erase_sessions(today: date, batch: int) -> int:
    keys = list(islice(sorted(_dead_sessions(today)), batch))
    with transaction.atomic():
        UserSession.objects.filter(session_key__in=keys).delete()
        Session.objects.filter(session_key__in=keys).delete()
    return len(keys)


def _dead_invitations(today: date) -> QuerySet[Invitation]:
    return Invitation.objects.filter(expires_on__lte=today)


def _dead_notices(today: date) -> QuerySet[RoleNotice]:
    return RoleNotice.objects.filter(expires_on__lte=today)


def _dead_memberships(today: date) -> Iterable[UUID]:
    policies = _policies()
    for row in Membership.objects.exclude(ended_on=None).order_by("ended_on"):
        if row.ended_on and today >= row.ended_on + timedelta(days=policies[row.association_id].account_days):
            yield row.id


def _erase_memberships(today: date, batch: int) -> int:
    return _delete(Membership.objects.filter(id__in=list(islice(_dead_memberships(today), batch))), batch)


def _empty_accounts(_today: date) -> QuerySet[Account]:
    """Accounts that belong nowhere any more: their last membership was erased, or they were never finished."""
    return Account.objects.filter(membership=None)


def _eraser(
    name: str,
    cls: RetentionClass,
    tables: Iterable[str],
    count: Callable[[date], int],
    erase: Callable[[date, int], int],
) -> Eraser:
    return Eraser(name, frozenset({cls}), frozenset(tables), count, erase)


ERASERS = (
    _eraser(
        "sessions",
        RetentionClass.SESSION,
        ["django_session", "usersessions_usersession"],
        lambda today: len(_dead_sessions(today)),
        _erase_sessions,
    ),
    _eraser(
        "invitations",
        RetentionClass.INVITATION,
        ["outreach_invitation"],
        lambda today: _dead_invitations(today).count(),
        lambda today, batch: _delete(_dead_invitations(today), batch),
    ),
    _eraser(
        "role notices",
        RetentionClass.ACCOUNT,
        ["outreach_rolenotice"],
        lambda today: _dead_notices(today).count(),
        lambda today, batch: _delete(_dead_notices(today), batch),
    ),
    _eraser(
        "memberships",
        RetentionClass.ACCOUNT,
        ["outreach_membership", "outreach_teammembership"],
        lambda today: sum(1 for _ in _dead_memberships(today)),
        _erase_memberships,
    ),
    _eraser(
        "accounts",
        RetentionClass.ACCOUNT,
        ["outreach_account", "account_emailaddress", "account_emailconfirmation", "mfa_authenticator"],
        lambda today: _empty_accounts(today).count(),
        lambda today, batch: _delete(_empty_accounts(today), batch),
    ),
)


def register() -> None:
    """Hand the erasers to the purge, in the order in which they must run."""
    for eraser in ERASERS:
        add(eraser)
