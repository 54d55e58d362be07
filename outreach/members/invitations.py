"""Invitations: a link that makes a member, shown once, with or without a mail server.

Rule of the module: the token is 32 random bytes and lives in the link only; the database keeps its SHA-256, the session
of the invited person the same. An invitation lets somebody in: it ends at its term, at its first use, when an
administrator withdraws it, and with whatever it would undo: the end of the person's access, another role, another team,
the end of whoever made it. So an open link is always younger than the last decision about its address.
"""

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet

from outreach.associations.models import Association
from outreach.members import notices
from outreach.members.actors import actor_of, log_roles
from outreach.members.locks import lock_people, lock_to_decide
from outreach.members.models import Account, Invitation, Membership, Team, TeamMembership
from outreach.roles import Role, clash
from privacy.audit import services as audit
from privacy.audit.actors import Actor
from privacy.audit.events import Event
from privacy.core.retention import RetentionClass, expires_on
from privacy.db.scope import Scope, use_tenant

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\Z")

MOST_OPEN = 200
"""Open links of one association to addresses that are no members: far above what a season brings, and no more addresses than
that can be piled up here by an administrator."""


class TooManyLinks(Exception):
    """As many links are open as an association may have: some are used, withdrawn or over first."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A live invitation as the invited person may see it."""

    id: UUID
    association_id: UUID
    association_name: str
    email: str
    roles: frozenset[Role]
    team_ids: frozenset[UUID]

    @property
    def scope(self) -> Scope:
        """Enough to join: the association, and the one address that was invited."""
        return Scope(association_id=self.association_id, login_email=self.email)


def hash_of(pasted: str) -> bytes | None:
    """SHA-256 of the token in a link or of the token alone; None for what is neither."""
    token = pasted.strip().rpartition("#")[2]
    return hashlib.sha256(token.encode()).digest() if TOKEN.match(token) else None


def invite(
    association: Association,
    email: str,
    roles: Iterable[Role],
    teams: Iterable[Team],
    *,
    actor: Actor,
    now: datetime,
    made_by: UUID | None,
    event: Event = Event.INVITATION_MADE,
) -> str:
    """Make an invitation and return its token, which nobody can read again. Needs the scope of the association.

    made_by: the membership of the administrator who acts, None for the operator. An older open invitation of the same
    address ends: one person, one link. event: what the log says it is.

    Raises ValueError without a role, or with roles that clash; TooManyLinks when an administrator (not the operator) leaves one
    more open to a newcomer than MOST_OPEN.
    """
    lock_to_decide(association.id, Role.ADMIN)
    chosen = sorted({role.value for role in roles})
    if not chosen or clash(Role(role) for role in chosen):
        raise ValueError("roles")
    email = email.strip().lower()
    token = secrets.token_urlsafe(32)
    links = Invitation.objects.filter(association=association, accepted_on=None)
    if made_by and event == Event.INVITATION_MADE and links.exclude(email=email).count() >= MOST_OPEN:
        raise TooManyLinks
    links.filter(email=email).delete()
    Invitation.objects.create(
        association=association,
        email=email,
        roles=chosen,
        team_ids=[team.id for team in teams],
        token_hash=hashlib.sha256(token.encode()).digest(),
        made_by_id=made_by,
        expires_on=expires_on(RetentionClass.INVITATION, now.astimezone(UTC).date(), association.policy),
    )
    audit.record(event, association_id=association.id, actor=actor, subject_kind="member", now=now)
    if made_by:
        notices.note_alone(association.id, made_by, [Role(role) for role in chosen], now=now)
    return token


def withdraw(links: QuerySet[Invitation], association_id: UUID, *, actor: Actor, now: datetime) -> int:
    """Revoke these before their term; returns how many were open. Leaves one entry when any was."""
    shut, _each = links.filter(association_id=association_id, accepted_on=None).delete()
    if shut:
        audit.record(
            Event.INVITATION_REVOKED,
            association_id=association_id,
            actor=actor,
            subject_kind="member",
            count=shut,
            now=now,
        )
    return shut


def links_of(membership: Membership, *, made_too: bool) -> QuerySet[Invitation]:
    """The open links of a member's address, whose promises are no more what was decided; with `made_too`, also those that
    this administrator made for others.
    """
    mine = Q(email=membership.account.email) | (Q(made_by=membership) if made_too else Q())
    return Invitation.objects.filter(mine, association_id=membership.association_id, accepted_on=None)


def count_links(membership: Membership) -> tuple[int, int]:
    """How many open links a member's address has, and how many this member made for others."""
    address = Q(email=membership.account.email)
    found = links_of(membership, made_too=True).aggregate(
        to=Count("id", filter=address), made=Count("id", filter=~address)
    )
    return found["to"], found["made"]


def links_into(team: Team) -> QuerySet[Invitation]:
    """The open links that name a team."""
    return Invitation.objects.filter(
        association_id=team.association_id, accepted_on=None, team_ids__contains=[team.id]
    )


def open_links_by_team(association_id: UUID) -> Counter[UUID]:
    """How many open links name each team."""
    named = Invitation.objects.filter(association_id=association_id, accepted_on=None)
    return Counter(team for teams in named.values_list("team_ids", flat=True) for team in teams)


def find(token_hash: bytes) -> Invited | None:
    """The live invitation behind a token; needs no scope, because whoever holds the token is whom it was given to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outreach_invitation(%s)", [token_hash])
        row = cursor.fetchone()
    if row is None:
        return None
    identity, association_id, name, email, roles, team_ids = row
    return Invited(
        identity, association_id, name, email, frozenset(Role(role) for role in roles), frozenset(team_ids)
    )


def account_of(invited: Invited) -> Account | None:
    """The account that already has the invited address, if any."""
    with use_tenant(invited.scope):
        return Account.objects.filter(email=invited.email).first()


def may_choose_password(invited: Invited, account: Account) -> bool:
    """A lost password is answered by a new invitation, but only by the one association the person belongs to.

    Otherwise the administrators of one association could take over an account that works in another.
    """
    with use_tenant(Scope(account_id=account.id)):
        return (
            not Membership.objects.filter(account=account)
            .exclude(association_id=invited.association_id)
            .exists()
        )


def open_account(invited: Invited, display_name: str, password: str, language: str) -> Account:
    """A new account for the invited address, which counts as verified: its owner held the link."""
    from allauth.account.models import EmailAddress

    account = Account(email=invited.email, display_name=display_name, language=language)
    account.set_password(password)
    with use_tenant(Scope(account_id=account.id)):
        account.save(force_insert=True)
        EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    return account


def choose_password(invited: Invited, account: Account, password: str, display_name: str) -> Account:
    """A new password for an existing account, and a name if one was typed; every session opened with the old one ends.

    Raises LookupError when the account joined another association since the page was shown: asked again under its lock.
    """
    with use_tenant(Scope(account_id=account.id)):
        Account.objects.select_for_update(no_key=True).get(id=account.id)
        if not may_choose_password(invited, account):
            raise LookupError("account")
        account.set_password(password)
        account.display_name = display_name or account.display_name
        account.save(update_fields=["password", "display_name"])
    return account


def join(invited: Invited, account: Account, *, now: datetime) -> Membership:
    """Make `account` a member with the invited roles and teams, and use the invitation up.

    A former or present member gets the invited roles instead of the old ones and keeps the teams; a team at rest is not
    given. Raises LookupError when the invitation was used or withdrawn meanwhile, as every end and every change of roles
    or teams does: what is still open was made after them.
    """
    today = now.astimezone(UTC).date()
    with (
        use_tenant(Scope(association_id=invited.association_id, account_id=account.id)),
        transaction.atomic(),
    ):
        lock_people(invited.association_id)
        Account.objects.select_for_update(no_key=True).get(id=account.id)
        used = Invitation.objects.filter(id=invited.id, email=account.email, accepted_on=None)
        if used.update(accepted_on=today) != 1:
            raise LookupError("invitation")
        roles = sorted(role.value for role in invited.roles)
        present = Membership.objects.filter(association_id=invited.association_id, account=account).first()
        before = set(present.roles) if present and present.ended_on is None else set()
        membership, _new = Membership.objects.update_or_create(
            association_id=invited.association_id,
            account=account,
            defaults={"roles": roles, "ended_on": None},
        )
        for team in Team.objects.filter(id__in=invited.team_ids, active=True):
            TeamMembership.objects.get_or_create(
                association_id=invited.association_id, team=team, membership=membership
            )
        actor = actor_of(invited.roles, account.id, now)
        log_roles(Event.ROLE_JOINED, set(roles) - before, invited.association_id, actor, now)
        log_roles(Event.ROLE_LEFT, before - set(roles), invited.association_id, actor, now)
        audit.record(
            Event.INVITATION_ACCEPTED,
            association_id=invited.association_id,
            actor=actor,
            subject_kind="member",
            now=now,
        )
    return membership
