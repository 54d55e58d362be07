"""How the audit log names who acted (the roles of the membership, a pseudonym of the day), and which role came or went."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from outreach.access import ActingMembership
from outreach.roles import Role
from privacy.audit import services as audit
from privacy.audit.actors import Actor, named
from privacy.audit.events import Event


def actor_of(roles: Iterable[Role], account_id: UUID, now: datetime) -> Actor:
    """`admin+lead:1f0c…`; "member" stands for an account that holds no role."""
    return named("+".join(sorted(role.value for role in roles)) or "member", account_id, now)


def actor(acting: ActingMembership, now: datetime) -> Actor:
    """The person of a membership, as `privacy.audit.services.record` wants it."""
    return actor_of(acting.roles, acting.account_id, now)


def log_roles(event: Event, roles: Iterable[str], association_id: UUID, actor: Actor, now: datetime) -> None:
    """One entry a role: which came or went is its outcome."""
    for role in sorted(roles):
        audit.record(
            event, association_id=association_id, actor=actor, subject_kind="role", outcome=role, now=now
        )
