"""Finding the membership of an account: which association a person looks as, with which roles and teams.

Rule of the module: one statement, because every request of every signed-in person pays for it. It also tells PostgreSQL whose
rows the rest of the request may see, from memberships that row security shows to that account and to nobody else.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from outreach.access import ActingMembership
from outreach.roles import FIELD, Role
from privacy.core.policy import DEFAULT
from privacy.db import prepared
from privacy.db.scope import Scope, assume


@dataclass(frozen=True, slots=True)
class Place:
    """One live membership of an account: where, as what, in which active teams."""

    id: UUID
    association_id: UUID
    association_name: str
    timezone: str
    roles: frozenset[Role]
    team_ids: frozenset[UUID]


_PLACES = f"""
SELECT m.id, m.association_id, a.name, a.timezone, m.roles, ARRAY(
    SELECT t.team_id FROM outreach_teammembership t JOIN outreach_team e ON e.id = t.team_id
    WHERE t.membership_id = m.id AND e.active ORDER BY t.team_id),
    coalesce((a.policy_choice->>'session_days')::int, {DEFAULT.session_days})
FROM outreach_membership m JOIN outreach_association a ON a.id = m.association_id
JOIN outreach_account c ON c.id = m.account_id
WHERE m.account_id = %s AND m.ended_on IS NULL AND c.is_active ORDER BY a.name, m.id
"""  # noqa: S608 — joined from a constant

# The chosen place (or the first), and the settings of `scope_of` for it, in one statement. The sort reads every row before the
# first one leaves, so the settings cannot change what row security shows of the memberships themselves.
_TAKE = f"""
WITH places (id, association_id, association_name, timezone, roles, team_ids, term) AS ({_PLACES}), chosen AS (
    SELECT *, count(*) OVER () AS all_places, min(term) OVER () AS shortest FROM places
    ORDER BY (id::text = %s) DESC, association_name, id LIMIT 1)
SELECT id, association_id, association_name, timezone, roles, team_ids, all_places, shortest,
    set_config('app.association_id', association_id::text, true),
    set_config('app.team_ids', CASE WHEN roles::text[] && %s::text[] THEN team_ids::text ELSE '{{}}' END, true)
FROM chosen
"""  # noqa: S608 — joined from two constants


def live_memberships(account_id: UUID) -> list[Place]:
    """Where an active account is a member today, by name of association. Needs a scope with the account."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [account_id])
        return [
            Place(id_, association, name, zone, frozenset(Role(role) for role in roles), frozenset(teams))
            for id_, association, name, zone, roles, teams, _term in cursor.fetchall()
        ]


def find_membership(account_id: UUID, membership_id: str | None) -> ActingMembership | None:
    """The chosen membership, or the first one; None for an account that belongs nowhere. Needs a scope with the account."""
    places = live_memberships(account_id)
    if not places:
        return None
    chosen = next((place for place in places if str(place.id) == membership_id), places[0])
    return ActingMembership(
        account_id=account_id,
        membership_id=chosen.id,
        association_id=chosen.association_id,
        association_name=chosen.association_name,
        timezone=chosen.timezone,
        roles=chosen.roles,
        team_ids=chosen.team_ids,
        has_others=len(places) > 1,
    )


def load_membership(account_id: UUID, membership_id: str | None) -> ActingMembership | None:
    """As `find_membership`, and the rest of this transaction is in its scope: call inside `use_tenant`, which ends it."""
    with prepared.cursor() as cursor:
        cursor.run(_TAKE, [account_id, membership_id or "", [role.value for role in FIELD]])
        row = cursor.fetchone()
    if row is None:
        return None
    id_, association, name, zone, roles, teams, places, term, *_settings = row
    acting = ActingMembership(
        account_id=account_id,
        membership_id=id_,
        association_id=association,
        association_name=name,
        timezone=zone,
        roles=frozenset(Role(role) for role in roles),
        team_ids=frozenset(teams),
        has_others=places > 1,
        session_days=term,
    )
    assume(scope_of(acting))
    return acting


def scope_of(acting: ActingMembership) -> Scope:
    """What row security lets this membership see. Only people of the field carry teams: a coordinator never reads a record."""
    return Scope(
        association_id=acting.association_id,
        team_ids=acting.team_ids if acting.roles & FIELD else frozenset(),
        account_id=acting.account_id,
    )
