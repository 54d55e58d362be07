"""The few gates through which people reach anything; a view without one is refused.

Rule of the room: a view declares who may come (`@gate`, `@signed_in`, `@public`); reads of sealed data go through `reveal` in
`outreach.records.reading`, which asks for a reason and writes it to the audit log. Row security stands below all of this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest

from outreach.members.roles import Role

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC, SIGNED_IN = "public", "signed-in"


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
    """Any account, in whatever role."""
    view.gate = SIGNED_IN  # type: ignore[attr-defined]
    return view


_declared: dict[str, Gate] = {}


def declare(url_name: str, gate: Gate) -> None:
    """The gate of a third-party view, by its full url name ("account_login", "mfa_index")."""
    _declared[url_name] = gate


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
