"""Access rules of views: who may open what; a view without a rule is refused.

Rule of the module: a view declares its rule (`@require_role`, `@require_login`, `@second_factor_not_required`,
`@login_not_required`); sealed data is read through `open_for_team` in `outreach.records.selectors`, which asks for a reason and
writes it to the audit log. Row security stands below all of this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest

from outreach.roles import Role
from privacy.core.policy import DEFAULT

View = TypeVar("View", bound=Callable[..., Any])
LOGIN_NOT_REQUIRED, LOGIN_REQUIRED = "public", "signed-in"

SECOND_FACTOR_NOT_REQUIRED = "setting-up"
"""Signed in, also before a role's second factor is proved: the pages that set it up, and the way to another membership."""

DISABLED = "disabled"
"""A library's view that this installation does not use: it answers 404, as if it were not there."""


@dataclass(frozen=True, slots=True)
class ActingMembership:
    """As whom a person is looking: one account in one association, with the roles and teams held there."""

    account_id: UUID
    membership_id: UUID
    association_id: UUID
    association_name: str
    timezone: str
    roles: frozenset[Role]
    team_ids: frozenset[UUID]
    has_others: bool = False
    """Whether the account is a member of another association too."""
    session_days: int = DEFAULT.session_days
    """After how many days a session of this account ends: the shortest term of the associations it is a member of."""

    def may(self, roles: frozenset[Role]) -> bool:
        return bool(self.roles & roles)


class Denied(StrEnum):
    """Why access was denied; shown as a sentence, logged as a word."""

    NOT_SIGNED_IN = "not-signed-in"
    NO_MEMBERSHIP = "no-membership"
    WRONG_ROLE = "wrong-role"
    SECOND_FACTOR = "second-factor"


AccessRule = str | frozenset[Role]


def require_role(*roles: Role) -> Callable[[View], View]:
    """Only members who hold one of `roles` in the association they look as."""

    def declare(view: View) -> View:
        view.access_rule = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return declare


def login_not_required(view: View) -> View:
    """Anyone, without an account."""
    view.access_rule = LOGIN_NOT_REQUIRED  # type: ignore[attr-defined]
    return view


def require_login(view: View) -> View:
    """Any account, in whatever role; with the second factor where the role asks for one."""
    view.access_rule = LOGIN_REQUIRED  # type: ignore[attr-defined]
    return view


def second_factor_not_required(view: View) -> View:
    """Any account, second factor or not. Such a page shows nothing of an association."""
    view.access_rule = SECOND_FACTOR_NOT_REQUIRED  # type: ignore[attr-defined]
    return view


_declared: dict[str, AccessRule] = {}


def declare(url_name: str, rule: AccessRule) -> None:
    """The rule of a view that cannot carry its own, by full url name ("account_login", "auditing:ledger")."""
    _declared[url_name] = rule


def declared() -> dict[str, AccessRule]:
    """Every rule declared by name; a test holds them against the routes that exist."""
    return dict(_declared)


def access_rule_of(view: Callable[..., Any], url_name: str | None) -> AccessRule | None:
    """The declared rule of a view, or None: such a view is refused."""
    declared = getattr(view, "access_rule", None)
    if declared is None:
        declared = getattr(getattr(view, "view_class", None), "access_rule", None)
    if declared is None and url_name:
        declared = _declared.get(url_name)
    return declared


def membership_of(request: HttpRequest) -> ActingMembership:
    """The membership of a request that passed a role rule. Raises LookupError where a view forgot its rule."""
    acting: ActingMembership | None = getattr(request, "acting", None)
    if acting is None:
        raise LookupError("no membership")
    return acting
