"""What is written down for the auditor of roles that an administrator wants for themselves, or gave with nobody to agree.

Rule of the module: a notice names roles, a day and no person. One that is a request (`own`) waits for somebody else; the others
only say what happened, for as long as a leaver's account is remembered.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from outreach.associations.models import Association
from outreach.members.models import Membership, RoleNotice
from outreach.roles import Role
from privacy.core.retention import RetentionClass, expires_on

WAIT = timedelta(days=7)
"""How long a request of the only administrator stands under the auditor's eyes; the database function knows it too."""

TERM = timedelta(days=14)
"""After this a request that nobody answered is over."""

AUDIT = "audit"


def other_administrators(association_id: UUID, besides: UUID) -> QuerySet[Membership]:
    """The living administrators of an association, without one membership."""
    living = Membership.objects.filter(association_id=association_id, ended_on=None)
    return living.filter(roles__contains=[Role.ADMIN.value]).exclude(id=besides)


def asked_for(notice: RoleNotice) -> list[str]:
    """The roles of a request: without administration, which whoever asks holds, unless a team is all they ask for."""
    return [role for role in notice.roles if role != Role.ADMIN.value] or notice.roles


def has_another_auditor(association_id: UUID, besides: UUID) -> bool:
    """Whether somebody else would see a notice."""
    living = Membership.objects.filter(association_id=association_id, ended_on=None)
    return living.filter(roles__contains=[Role.AUDITOR.value]).exclude(id=besides).exists()


def note_alone(association_id: UUID, by: UUID, roles: Iterable[Role], *, now: datetime) -> None:
    """Say that the only administrator, `by`, gave these roles or a way into them. Nothing where somebody could have objected."""
    given = sorted(role.value for role in set(roles) - {Role.PARTNER})
    if not given or other_administrators(association_id, by).exists():
        return
    today = now.astimezone(UTC).date()
    policy = Association.objects.get(id=association_id).policy
    RoleNotice.objects.create(
        association_id=association_id,
        own=False,
        roles=given,
        asked_on=today,
        expires_on=expires_on(RetentionClass.ACCOUNT, today, policy),
    )


def requests(association_id: UUID, *, today: date) -> QuerySet[RoleNotice]:
    """The requests that wait, for the pages of administrators."""
    waiting = RoleNotice.objects.filter(association_id=association_id, own=True, expires_on__gt=today)
    return waiting.select_related("membership__account").order_by("asked_on", "id")


def for_auditors(association_id: UUID, *, today: date) -> list[RoleNotice]:
    """Every living notice, through the auditors' own connection, which cannot read whose it is. Needs the association's scope."""
    with transaction.atomic(using=AUDIT):
        living = RoleNotice.objects.using(AUDIT).filter(association_id=association_id, expires_on__gt=today)
        return list(living.only("id", "own", "roles", "asked_on").order_by("-own", "-asked_on", "id"))
