"""An administrator's own wish for a role that reads: somebody else confirms it, or it stands seven days under the auditor's eyes.

Rule of the module: nobody widens what they see alone. Another administrator confirms. Where there is none, and an auditor other
than oneself to see the notice, the role may be taken on the seventh day unless the auditor refused. The database holds the
same (`outreach_guard_own_roles`), whatever is forgotten here.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from outreach.members import notices, services
from outreach.members.actors import log_roles
from outreach.members.locks import lock_to_decide
from outreach.members.models import Membership, RoleNotice, Team
from outreach.roles import FIELD, Role
from privacy.audit.actors import Actor
from privacy.audit.events import Event


class NoWitness(Exception):
    """Nobody else would see the request: no other administrator, no other auditor."""


class NotYet(Exception):
    """One's own request needs somebody else, or its seventh day."""


def ask(
    membership: Membership, roles: Iterable[Role], teams: Iterable[Team], *, actor: Actor, now: datetime
) -> RoleNotice:
    """Write down what an administrator wants to hold instead of the present; an older request goes. Raises NoWitness."""
    today = now.astimezone(UTC).date()
    association_id = membership.association_id
    with transaction.atomic():
        lock_to_decide(association_id, Role.ADMIN)
        if not (
            notices.other_administrators(association_id, membership.id).exists()
            or notices.has_another_auditor(association_id, membership.id)
        ):
            raise NoWitness
        RoleNotice.objects.filter(membership=membership).delete()
        notice = RoleNotice.objects.create(
            association_id=association_id,
            membership=membership,
            own=True,
            roles=sorted(role.value for role in roles),
            team_ids=[team.id for team in teams],
            asked_on=today,
            expires_on=today + notices.TERM,
        )
        log_roles(Event.OWN_ROLE_ASKED, notices.asked_for(notice), association_id, actor, now)
    return notice


def may_take(notice: RoleNotice) -> bool:
    """Whether who asked may take the role without anybody: asked of the database, which decides it once more at the change."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT outreach_may_take(%s)", [notice.id])
        return bool(cursor.fetchone()[0])


def confirm(notice: RoleNotice, *, by: UUID, actor: Actor, now: datetime) -> int:
    """Give what was asked for; returns how many open links that withdrew. `by`: the membership that acts.

    Raises NotYet for one's own request before its day, LastAdministrator, and LookupError when it was answered meanwhile or
    would give a role of a team without any: those it named are at rest.
    """
    with transaction.atomic():
        lock_to_decide(notice.association_id, Role.ADMIN)
        found = (
            RoleNotice.objects.filter(id=notice.id, own=True).select_related("membership__account").first()
        )
        if found is None or found.membership is None:
            raise LookupError("notice")
        if found.membership_id == by and not may_take(found):
            raise NotYet
        teams = list(Team.objects.filter(id__in=found.team_ids, active=True))
        roles = [Role(role) for role in found.roles]
        if FIELD.intersection(roles) and not teams:
            raise LookupError("teams")
        return services.apply_access(found.membership, roles, teams, own=True, actor=actor, now=now)


def refuse(notice: RoleNotice, *, actor: Actor, now: datetime) -> None:
    """Take a request away: by who made it, another administrator, or an auditor."""
    with transaction.atomic():
        lock_to_decide(notice.association_id, Role.ADMIN, Role.AUDITOR)
        if RoleNotice.objects.filter(id=notice.id, own=True).delete()[0]:
            log_roles(Event.OWN_ROLE_REFUSED, notices.asked_for(notice), notice.association_id, actor, now)
