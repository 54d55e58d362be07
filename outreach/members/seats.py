"""Finding the seat of an account: which association a person looks as, with which roles and teams."""

from uuid import UUID

from outreach.access import Seat
from outreach.members.models import Membership, TeamMembership
from outreach.members.roles import FIELD, Role
from privacy.db.scope import Scope, acting


def live_memberships(account_id: UUID) -> list[Membership]:
    """Where an active account is a member today, by name of association. Needs a scope with the account."""
    live = Membership.objects.filter(
        account_id=account_id, ended_on=None, account__is_active=True
    ).select_related("association")
    return sorted(live, key=lambda row: (row.association.name, row.id))


def find_seat(account_id: UUID, membership_id: str | None) -> Seat | None:
    """The chosen membership, or the first one; None for an account that belongs nowhere. Needs a scope with the account."""
    memberships = live_memberships(account_id)
    if not memberships:
        return None
    chosen = next((row for row in memberships if str(row.id) == membership_id), memberships[0])
    with acting(Scope(association_id=chosen.association_id, account_id=account_id)):
        teams = TeamMembership.objects.filter(membership_id=chosen.id, team__active=True).values_list(
            "team_id", flat=True
        )
        team_ids = frozenset(teams)
    return Seat(
        account_id=account_id,
        membership_id=chosen.id,
        association_id=chosen.association_id,
        association_name=chosen.association.name,
        timezone=chosen.association.timezone,
        roles=frozenset(Role(role) for role in chosen.roles),
        team_ids=team_ids,
        has_others=len(memberships) > 1,
    )


def scope_of(seat: Seat) -> Scope:
    """What row security lets this seat see. Only people of the field carry teams: a coordinator never reads a record."""
    return Scope(
        association_id=seat.association_id,
        team_ids=seat.team_ids if seat.roles & FIELD else frozenset(),
        account_id=seat.account_id,
    )
