"""What an administrator does with the people of an association: roles, teams, ends and returns, signing somebody out.

Rule of the room: everything here needs the scope of the association and leaves one entry in the log. An association always
keeps one administrator; nobody is deleted by a click, because an ended membership can be taken up again until its term.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from outreach.associations.models import Association
from outreach.members import sessions
from outreach.members.models import Membership, Team, TeamMembership
from outreach.members.roles import Role
from privacy.audit import services as audit
from privacy.audit.events import Event


class WorksElsewhere(Exception):
    """The person is a member of another association too: devices and proofs are not this one's to take away."""


class LastAdministrator(Exception):
    """The change would leave an association that nobody can administer."""


def _log(
    event: Event, association_id: UUID, actor: str, kind: str, now: datetime, count: int | None = None
) -> None:
    audit.record(event, association_id=association_id, actor=actor, subject_kind=kind, count=count, now=now)


def _keep_an_administrator(membership: Membership) -> None:
    """Raises LastAdministrator when `membership` is the only live one with the admin role. Locks them against a second change."""
    others = Membership.objects.select_for_update().filter(
        association_id=membership.association_id, ended_on=None, roles__contains=[Role.ADMIN.value]
    )
    if {row.id for row in others} == {membership.id}:
        raise LastAdministrator


def change_roles(membership: Membership, roles: Iterable[Role], *, actor: str, now: datetime) -> None:
    """Give a member these roles instead of the present ones. Raises LastAdministrator, ValueError without a role."""
    chosen = sorted({role.value for role in roles})
    if not chosen:
        raise ValueError("roles")
    with transaction.atomic():
        if Role.ADMIN.value not in chosen:
            _keep_an_administrator(membership)
        membership.roles = chosen
        membership.save(update_fields=["roles"])
        _log(Event.MEMBER_CHANGED, membership.association_id, actor, "roles", now)


def assign_teams(membership: Membership, teams: Iterable[Team], *, actor: str, now: datetime) -> None:
    """Put a member into exactly these teams."""
    wanted = {team.id for team in teams}
    with transaction.atomic():
        mine = TeamMembership.objects.filter(membership=membership)
        present = set(mine.values_list("team_id", flat=True))
        mine.exclude(team_id__in=wanted).delete()
        for team_id in wanted - present:
            TeamMembership.objects.create(
                association_id=membership.association_id, team_id=team_id, membership=membership
            )
        if wanted != present:
            _log(Event.MEMBER_CHANGED, membership.association_id, actor, "teams", now)


def end(membership: Membership, *, actor: str, now: datetime) -> None:
    """End a membership today, and sign the person out unless they work elsewhere too; our pages shut in any case at the next
    request. Raises LastAdministrator.
    """
    with transaction.atomic():
        _keep_an_administrator(membership)
        sessions.end_everywhere(membership)
        membership.ended_on = now.astimezone(UTC).date()
        membership.save(update_fields=["ended_on"])
        _log(Event.MEMBER_CHANGED, membership.association_id, actor, "ended", now)


def take_back(membership: Membership, *, actor: str, now: datetime) -> None:
    """Undo an end: the same account, roles and teams."""
    membership.ended_on = None
    membership.save(update_fields=["ended_on"])
    _log(Event.MEMBER_CHANGED, membership.association_id, actor, "returned", now)


def forgotten_on(membership: Membership, association: Association) -> date | None:
    """The UTC day on which an ended membership, and an account without another, is erased; None for a live one."""
    return (
        membership.ended_on + timedelta(days=association.policy.account_days) if membership.ended_on else None
    )


def sign_out(membership: Membership, *, actor: str, now: datetime) -> int:
    """End every session of a member; returns how many. Raises WorksElsewhere."""
    with transaction.atomic():
        ended = sessions.end_everywhere(membership)
        if ended is None:
            raise WorksElsewhere
        _log(Event.SESSION_REVOKED, membership.association_id, actor, "sessions", now, ended)
    return ended


def reset_second_factor(membership: Membership, *, actor: str, now: datetime) -> int:
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


def create_team(association_id: UUID, name: str, *, actor: str, now: datetime) -> Team:
    """A new team. Raises IntegrityError when the name is taken."""
    with transaction.atomic():
        team = Team.objects.create(association_id=association_id, name=name.strip())
        _log(Event.MEMBER_CHANGED, association_id, actor, "team", now)
    return team


def set_team_active(team: Team, active: bool, *, actor: str, now: datetime) -> None:
    """An inactive team gives no access and starts no round; what it noted lives to its term."""
    with transaction.atomic():
        team.active = active
        team.save(update_fields=["active"])
        _log(Event.MEMBER_CHANGED, team.association_id, actor, "team", now)
