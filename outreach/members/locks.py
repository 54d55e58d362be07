"""One decision about the people of an association at a time: an end, a role and the use of a link cannot cross."""

from uuid import UUID

from django.core.exceptions import PermissionDenied

from outreach.associations.locks import hold_association
from outreach.members.models import Membership
from outreach.roles import Role
from privacy.db.scope import current


class NoLongerMay(PermissionDenied):
    """Who decides here was ended, or lost the role, while they waited for others to decide. Answered as a shut gate is."""


def lock_people(association_id: UUID) -> None:
    """Wait for others who decide about people here; holds until the transaction ends. Needs the association's scope."""
    hold_association(association_id)


def lock_to_decide(association_id: UUID, *roles: Role) -> None:
    """`lock_people`, for whoever decides as one of `roles`: the access rule was asked before the wait, so it is asked once more.

    A command has no account and is the operator's. Raises NoLongerMay.
    """
    lock_people(association_id)
    account_id = current().account_id
    if account_id is None:
        return
    mine = Membership.objects.filter(association_id=association_id, account_id=account_id, ended_on=None)
    if not mine.filter(roles__overlap=[role.value for role in roles]).exists():
        raise NoLongerMay
