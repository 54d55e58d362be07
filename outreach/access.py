"""The few gates through which people reach anything; a view without one is refused.

Rule of the room: a view declares who may come (`@gate`, `@signed_in`, `@setting_up`, `@public`); reads of sealed data go
through `reveal` in `outreach.records.reading`, which asks for a reason and writes it to the audit log. Row security stands
below all of this.
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
PUBLIC, SIGNED_IN = "public", "signed-in"

SETTING_UP = "setting-up"
"""Signed in, also before a role's second factor is proved: the pages that set it up, and the way to another seat."""

CLOSED = "closed"
"""A library's view that this house does not use: it answers 404, as if it were not there."""


@dataclass(frozen=True, slots=True)
class Seat:
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
    """Why a gate stayed shut; shown as a sentence, logged as a word."""

    NOT_SIGNED_IN = "not-signed-in"
    NO_SEAT = "no-seat"
    WRONG_ROLE = "wrong-role"
    SECOND_FACTOR = "second-factor"


Gate = str | frozenset[Role]


def gate(*roles: Role) -> Callable[[View], View]:
    """Only members who hold one of `roles` in the association they look as."""

    def declare(view: View) -> View:
        view.gate = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return declare


def public(view: View) -> View:
    """Anyone, without an account."""
    view.gate = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Any account, in whatever role; with the second factor where the role asks for one."""
    view.gate = SIGNED_IN  # type: ignore[attr-defined]
    return view


def setting_up(view: View) -> View:
    """Any account, second factor or not. Such a page shows nothing of an association."""
    view.gate = SETTING_UP  # type: ignore[attr-defined]
    return view


_declared: dict[str, Gate] = {}


def declare(url_name: str, gate: Gate) -> None:
    """The gate of a view that cannot carry its own, by full url name ("account_login", "control:ledger")."""
    _declared[url_name] = gate


def declared() -> dict[str, Gate]:
    """Every gate declared by name; a test holds them against the routes that exist."""
    return dict(_declared)


def gate_of(view: Callable[..., Any], url_name: str | None) -> Gate | None:
    """The declared gate of a view, or None: such a view is refused."""
    declared = getattr(view, "gate", None)
    if declared is None:
        declared = getattr(getattr(view, "view_class", None), "gate", None)
    if declared is None and url_name:
        declared = _declared.get(url_name)
    return declared


def seat_of(request: HttpRequest) -> Seat:
    """The seat of a request that passed a role gate. Raises LookupError where a view forgot its gate."""
    seat: Seat | None = getattr(request, "seat", None)
    if seat is None:
        raise LookupError("no seat")
    return seat
