"""Finding the seat of an account: which association a person looks as, with which roles and teams."""

from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, Value

from outreach.access import Seat
from outreach.members.models import Membership
from outreach.members.roles import FIELD, Role
from privacy.db.scope import Scope


def live_memberships(account_id: UUID) -> list[Membership]:
    """Where an active account is a member today, by name of association. Needs a scope with the account."""
    live = (
        Membership.objects.filter(account_id=account_id, ended_on=None, account__is_active=True)
        .select_related("association")
        .defer("association__policy_choice")
        .annotate(
            teams=ArrayAgg(
                "teammembership__team_id", filter=Q(teammembership__team__active=True), default=Value([])
            )
        )
    )
    return sorted(live, key=lambda row: (row.association.name, row.id))


def find_seat(account_id: UUID, membership_id: str | None) -> Seat | None:
    """The chosen membership, or the first one; None for an account that belongs nowhere. Needs a scope with the account."""
    memberships = live_memberships(account_id)
    if not memberships:
        return None
    chosen = next((row for row in memberships if str(row.id) == membership_id), memberships[0])
    return Seat(
        account_id=account_id,
        membership_id=chosen.id,
        association_id=chosen.association_id,
        association_name=chosen.association.name,
        timezone=chosen.association.timezone,
        roles=frozenset(Role(role) for role in chosen.roles),
        team_ids=frozenset(chosen.teams),
        has_others=len(memberships) > 1,
    )


def scope_of(seat: Seat) -> Scope:
    """What row security lets this seat see. Only people of the field carry teams: a coordinator never reads a record."""
    return Scope(
        association_id=seat.association_id,
        team_ids=seat.team_ids if seat.roles & FIELD else frozenset(),
        account_id=seat.account_id,
    )
