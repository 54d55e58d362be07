"""How the audit log names who acted: the roles of the seat and a pseudonym of the day."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from outreach.access import Seat
from outreach.members.roles import Role
from privacy.audit.actors import Actor, named


def actor_of(roles: Iterable[Role], account_id: UUID, now: datetime) -> Actor:
    """`admin+lead:1f0c…`; "member" stands for an account that holds no role."""
    return named("+".join(sorted(role.value for role in roles)) or "member", account_id, now)


def actor(seat: Seat, now: datetime) -> Actor:
    """The person of a seat, as `privacy.audit.services.record` wants it."""
    return actor_of(seat.roles, seat.account_id, now)
