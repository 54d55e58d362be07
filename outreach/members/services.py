"""What an administrator does with the people of an association: roles, teams, ends and returns, signing somebody out.

Rule of the module: everything here needs the scope of the association, waits for others who decide about its people, and leaves
its entry in the log. What is decided here withdraws the open links that would undo it. An association always keeps one
administrator; nobody is deleted by a click, because an ended membership can be taken up again until its term.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from outreach.associations.models import Association
from outreach.members import invitations, notices, sessions
from outreach.members.actors import log_roles
from outreach.members.locks import lock_to_decide
from outreach.members.models import Membership, RoleNotice, Team, TeamMembership
from outreach.names import visible
from outreach.roles import GUARDED, Role, clash
from privacy.audit import services as audit
from privacy.audit.actors import Actor
from privacy.audit.events import Event

MOST_TEAMS = 200
"""Teams of one association, resting ones included: none is ever deleted, so their number only grows."""


class TooManyTeams(Exception):
    """An association has as many teams as it may: a resting one walks again instead."""


class WorksElsewhere(Exception):
    """Nothing was there to take away, or the person is a member of another association too, whose devices and proofs are not
    this one's to take away. Which of both, an administrator does not learn.
    """


class NeedsAnother(Exception):
    """An administrator would give themselves a role or a team that reads: `outreach.members.approvals.ask`."""


class LastAdministrator(Exception):
    """The change would leave an association that nobody can administer."""


def _log(
    event: Event, association_id: UUID, actor: Actor, kind: str, now: datetime, count: int | None = None
) -> None:
    audit.record(event, association_id=association_id, actor=actor, subject_kind=kind, count=count, now=now)


def _keep_an_administrator(membership: Membership) -> None:
    """Raises LastAdministrator when `membership` is the only live one with the admin role. Locks them against a second change."""
    others = Membership.objects.select_for_update().filter(
        association_id=membership.association_id, ended_on=None, roles__contains=[Role.ADMIN.value]
    )
    if {row.id for row in others} == {membership.id}:
        raise LastAdministrator


def _teams_of(membership: Membership) -> set[UUID]:
    return set(TeamMembership.objects.filter(membership=membership).values_list("team_id", flat=True))


def widens(membership: Membership, roles: Iterable[Role], teams: Iterable[Team]) -> bool:
    """Whether a member would read more than now: another role that reads, or another team."""
    more = {role.value for role in GUARDED & set(roles)} - set(membership.roles)
    return bool(more) or bool({team.id for team in teams} - _teams_of(membership))


def change_access(
    membership: Membership,
    roles: Iterable[Role],
    teams: Iterable[Team],
    *,
    by: UUID,
    actor: Actor,
    now: datetime,
) -> int:
    """Give a member these roles and exactly these teams instead of the present ones; returns how many open links that withdrew.

    by: the membership that acts. Raises NeedsAnother when it would widen its own access; LastAdministrator; ValueError without
    a role, or with roles that clash.
    """
    roles, teams = frozenset(roles), list(teams)
    with transaction.atomic():
        lock_to_decide(membership.association_id, Role.ADMIN)
        membership.refresh_from_db(fields=["roles", "ended_on"])
        own = membership.id == by
        if own and widens(membership, roles, teams):
            raise NeedsAnother
        more = roles - {Role(role) for role in membership.roles}
        shut = apply_access(membership, roles, teams, own=own, actor=actor, now=now)
        if more:
            notices.note_alone(membership.association_id, by, more, now=now)
    return shut


def apply_access(
    membership: Membership,
    roles: Iterable[Role],
    teams: Iterable[Team],
    *,
    own: bool,
    actor: Actor,
    now: datetime,
) -> int:
    """What `change_access` and a confirmed request do, under the lock of the association. `own`: the wish of the member."""
    chosen, wanted = sorted({role.value for role in roles}), {team.id for team in teams}
    if not chosen or clash(Role(role) for role in chosen):
        raise ValueError("roles")
    new_roles, new_teams = set(membership.roles) != set(chosen), wanted != _teams_of(membership)
    if not (new_roles or new_teams):
        RoleNotice.objects.filter(membership=membership).delete()
        return 0
    links = invitations.links_of(membership, made_too=Role.ADMIN.value not in chosen)
    shut = invitations.withdraw(links, membership.association_id, actor=actor, now=now)
    if new_teams:
        _change_teams(membership, wanted, actor, now)
    if new_roles:
        _change_roles(membership, chosen, own, actor, now)
    # Last: the database looks at the request when the wait was the ground.
    RoleNotice.objects.filter(membership=membership).delete()
    return shut


def _change_roles(membership: Membership, chosen: list[str], own: bool, actor: Actor, now: datetime) -> None:
    if Role.ADMIN.value not in chosen:
        _keep_an_administrator(membership)
    before, after = set(membership.roles), set(chosen)
    membership.roles = chosen
    membership.save(update_fields=["roles"])
    came, went = (
        (Event.OWN_ROLE_GRANTED, Event.OWN_ROLE_REMOVED) if own else (Event.ROLE_GRANTED, Event.ROLE_REMOVED)
    )
    log_roles(came, after - before, membership.association_id, actor, now)
    log_roles(went, before - after, membership.association_id, actor, now)


def _change_teams(membership: Membership, wanted: set[UUID], actor: Actor, now: datetime) -> None:
    TeamMembership.objects.filter(membership=membership).exclude(team_id__in=wanted).delete()
    for team_id in wanted - _teams_of(membership):
        TeamMembership.objects.create(
            association_id=membership.association_id, team_id=team_id, membership=membership
        )
    _log(Event.MEMBER_CHANGED, membership.association_id, actor, "teams", now)


def end(membership: Membership, *, actor: Actor, now: datetime) -> int:
    """End a membership today, and sign the person out unless they work elsewhere too; our pages shut in any case at the next
    request. Returns how many open links that withdrew. Raises LastAdministrator.
    """
    with transaction.atomic():
        lock_to_decide(membership.association_id, Role.ADMIN)
        membership.refresh_from_db(fields=["roles", "ended_on"])
        if membership.ended_on is not None:
            return 0  # somebody else was faster: the day it ended, and the day it is forgotten, stay
        _keep_an_administrator(membership)
        links = invitations.links_of(membership, made_too=True)
        shut = invitations.withdraw(links, membership.association_id, actor=actor, now=now)
        RoleNotice.objects.filter(membership=membership).delete()
        sessions.end_everywhere(membership)
        membership.ended_on = now.astimezone(UTC).date()
        membership.save(update_fields=["ended_on"])
        _log(Event.MEMBER_CHANGED, membership.association_id, actor, "ended", now)
    return shut


def take_back(membership: Membership, *, actor: Actor, now: datetime) -> None:
    """Undo an end: the same account, roles and teams. An open link of the address goes: it was made to bring them back too."""
    with transaction.atomic():
        lock_to_decide(membership.association_id, Role.ADMIN)
        links = invitations.links_of(membership, made_too=False)
        invitations.withdraw(links, membership.association_id, actor=actor, now=now)
        membership.ended_on = None
        membership.save(update_fields=["ended_on"])
        _log(Event.MEMBER_CHANGED, membership.association_id, actor, "returned", now)


def forgotten_on(membership: Membership, association: Association) -> date | None:
    """The UTC day on which an ended membership, and an account without another, is erased; None for a live one."""
    return (
        membership.ended_on + timedelta(days=association.policy.account_days) if membership.ended_on else None
    )


def sign_out(membership: Membership, *, actor: Actor, now: datetime) -> int:
    """End every session of a member; returns how many. Raises WorksElsewhere."""
    with transaction.atomic():
        ended = sessions.end_everywhere(membership)
        if not ended:
            raise WorksElsewhere
        _log(Event.SESSION_REVOKED, membership.association_id, actor, "sessions", now, ended)
    return ended


def reset_second_factor(membership: Membership, *, actor: Actor, now: datetime) -> int:
    """Remove the second factors of somebody who lost them, and sign them out; returns how many factors went.

    0 also for a member of another association: there the person's own recovery codes are the only way.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT outreach_reset_second_factor(%s)", [membership.id])
            removed = int(cursor.fetchone()[0])
        if removed:
            sessions.end_everywhere(membership)
            _log(Event.SECOND_FACTOR_CHANGED, membership.association_id, actor, "reset", now, removed)
    return removed


def create_team(association_id: UUID, name: str, *, actor: Actor, now: datetime) -> Team:
    """A new team. Raises IntegrityError when the name is taken, TooManyTeams beyond MOST_TEAMS."""
    with transaction.atomic():
        lock_to_decide(association_id, Role.ADMIN)
        if Team.objects.filter(association_id=association_id).count() >= MOST_TEAMS:
            raise TooManyTeams
        team = Team.objects.create(association_id=association_id, name=visible(name))
        _log(Event.MEMBER_CHANGED, association_id, actor, "team", now)
    return team


def set_team_active(team: Team, active: bool, *, actor: Actor, now: datetime) -> None:
    """An inactive team gives no access and starts no round; what it noted lives to its term. Open links into it go."""
    with transaction.atomic():
        lock_to_decide(team.association_id, Role.ADMIN)
        if not active:
            links = invitations.links_into(team)
            invitations.withdraw(links, team.association_id, actor=actor, now=now)
        team.active = active
        team.save(update_fields=["active"])
        _log(Event.MEMBER_CHANGED, team.association_id, actor, "team", now)
