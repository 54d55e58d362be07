"""The people of the tests, the same everywhere; invented, like their associations.

Two associations walk the same streets. **Lanterne** has two teams (north, south); **Passerelle** one. Nadia leads the north team,
Omar works in it, Salomé works in the south one; Claire coordinates, Agnès administers, Victor audits Lanterne. Bruno works at
Passerelle, where Irène coordinates: to Lanterne they are strangers. Paul is a partner reader.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.contrib.gis.geos import MultiPolygon, Polygon

from outreach.associations.models import Association
from outreach.closing.held_drafts import TABLE
from outreach.closing.intake import NOTICE, SealedDraft, draft_info
from outreach.field.drafts import Sender
from outreach.members import invitations
from outreach.members.models import Account, Membership, Team, TeamMembership
from outreach.places.models import Sector, SectorCell
from outreach.records import covering
from outreach.records.encounter import Encounter
from outreach.records.models import Draft
from outreach.roles import Role
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy.audit.actors import Actor
from privacy.core import coarsening, ingress
from privacy.core.retention import RetentionClass, expires_on
from privacy.core.values import Cell
from privacy.db.scope import Scope, tenant_transaction
from privacy.keystore import services as keystore
from tests import moment

PASSWORD = "un-mot-de-passe-de-test"
NIGHT = moment.MOMENT.date()
NOW = datetime.combine(NIGHT, moment.USUAL.timetz())
"""The evening of the day at which the tests run, whatever its hour: row security compares with that day."""
ACTOR = Actor("admin:0123456789ab")
"""Somebody, as the log names people."""

# Two invented sectors, each a block of 500 m squares in the middle of Paris (published ids of the European grid).
CELLS_EAST = tuple(
    f"CRS3035RES500mN{n}E{e}" for n in range(2889000, 2891000, 500) for e in range(3761000, 3762500, 500)
)
CELLS_WEST = tuple(
    f"CRS3035RES500mN{n}E{e}" for n in range(2889000, 2891000, 500) for e in range(3759000, 3760500, 500)
)
CELL = CELLS_EAST[0]


@dataclass(frozen=True)
class Person:
    email: str
    account: Account
    membership: Membership

    @property
    def id(self) -> UUID:
        return self.account.id


@dataclass(frozen=True)
class Tenant:
    """One association with its teams, sectors and people by first name."""

    association: Association
    teams: dict[str, Team]
    sectors: dict[str, Sector]
    people: dict[str, Person]

    def scope(self, *teams: str) -> Scope:
        return Scope(self.association.id, frozenset(self.teams[name].id for name in teams))


def sector(association: Association, code: str, name: str, cells: Iterable[str]) -> Sector:
    """A sector whose outline is the hull of its squares, and the table that gives each square to it."""
    squares = [Cell.parse(cell) for cell in cells]
    rings = [Polygon(coarsening.ring(square)) for square in squares]
    outline = MultiPolygon(rings).unary_union
    outline = outline if isinstance(outline, MultiPolygon) else MultiPolygon(outline)
    outline.srid = 4326
    made = Sector.objects.create(association=association, code=code, name=name, outline=outline)
    SectorCell.objects.bulk_create(
        [
            SectorCell(association=association, sector=made, cell=square.id, size=square.size)
            for square in squares
        ]
    )
    return made


def make_association(
    slug: str, teams: dict[str, str], people: dict[str, tuple[tuple[Role, ...], tuple[str, ...]]]
) -> Tenant:
    """Make an association; `people` maps a first name to (roles, teams). Run as the owner of the tables."""
    association = Association.objects.create(name=slug.capitalize(), slug=slug)
    made_teams = {key: Team.objects.create(association=association, name=name) for key, name in teams.items()}
    sectors = {
        "east": sector(association, "E", "Secteur Est", CELLS_EAST),
        "west": sector(association, "O", "Secteur Ouest", CELLS_WEST),
    }
    made_people = {}
    for first, (roles, in_teams) in people.items():
        email = f"{first}@{slug}.invalid"
        account = Account.objects.create_user(email, PASSWORD, display_name=first.capitalize())
        membership = Membership.objects.create(
            association=association, account=account, roles=[r.value for r in roles]
        )
        for team in in_teams:
            TeamMembership.objects.create(
                association=association, team=made_teams[team], membership=membership
            )
        made_people[first] = Person(email, account, membership)
    return Tenant(association, made_teams, sectors, made_people)


def make_lanterne() -> Tenant:
    return make_association(
        "lanterne",
        {"north": "Équipe Nord", "south": "Équipe Sud"},
        {
            "nadia": ((Role.LEAD,), ("north",)),
            "omar": ((Role.WORKER,), ("north",)),
            "salome": ((Role.WORKER,), ("south",)),
            "claire": ((Role.COORDINATOR,), ()),
            "agnes": ((Role.ADMIN,), ()),
            "victor": ((Role.AUDITOR,), ()),
            "paul": ((Role.PARTNER,), ()),
        },
    )


def make_passerelle() -> Tenant:
    return make_association(
        "passerelle",
        {"quay": "Équipe des quais"},
        {"bruno": ((Role.WORKER, Role.LEAD), ("quay",)), "irene": ((Role.COORDINATOR,), ())},
    )


def invited(
    lanterne: Tenant,
    email: str = "lila@invitee.invalid",
    role: Role = Role.WORKER,
    *teams: str,
    now: datetime = NOW,
) -> str:
    """The token of a link made by the first administrator of `lanterne`."""
    admin = next(one for one in lanterne.people.values() if Role.ADMIN.value in one.membership.roles)
    with tenant_transaction(Scope(lanterne.association.id, account_id=admin.id)):
        return invitations.invite(
            lanterne.association,
            email,
            [role],
            [lanterne.teams[name] for name in teams],
            actor=ACTOR,
            now=now,
            made_by=admin.membership.id,
        )


def open_round(
    lanterne: Tenant,
    team: str = "north",
    night: date = NIGHT,
    sectors: tuple[str, ...] = ("east", "west"),
) -> Round:
    """A round of `team`, planned over `sectors` and started; call inside the team's scope."""
    round_ = rounds.plan_round(
        association_id=lanterne.association.id,
        team_id=lanterne.teams[team].id,
        night=night,
        sector_ids=[lanterne.sectors[name].id for name in sectors],
    )
    return rounds.start_round(round_.id, now=datetime.combine(night, NOW.timetz()), crew_count=3)


def sealed(round_: Round, encounter: Encounter, draft_id: UUID | None = None, days: int = 0) -> SealedDraft:
    """What a phone sends: the encounter sealed to the week's ingress key; `days` moves the day in its info."""
    draft_id = draft_id or uuid4()
    key = keystore.ingress_key(round_.night)
    day = expires_on(RetentionClass.DRAFT, round_.night, round_.association.policy) + timedelta(days=days)
    info = draft_info(round_, draft_id, key.id, day)
    return SealedDraft(
        draft_id, key.id, day, ingress.seal_draft(bytes(key.public_key), info, draft_id, encounter.to_json())
    )


def on_the_wire(draft: SealedDraft) -> dict[str, str]:
    """One of the `drafts` that a phone sends to the API."""
    return {
        "id": str(draft.id),
        "key_id": str(draft.key_id),
        "expires_on": draft.expires_on.isoformat(),
        "blob": base64.b64encode(draft.blob).decode(),
    }


def held(round_: Round, *drafts: SealedDraft, phone: UUID | None = None) -> None:
    """Drafts that one phone sent and the server keeps until the round is closed."""
    tree = covering.tree_for(round_)
    assert tree is not None
    phone = phone or uuid4()
    Draft.objects.bulk_create(
        Draft(
            id=draft.id,
            association_id=round_.association_id,
            team_id=round_.team_id,
            round_id=round_.id,
            phone=phone,
            key_id=draft.key_id,
            blob=covering.cover(draft.blob, tree.secret(draft.id), TABLE, draft.id),
            expires_on=draft.expires_on,
        )
        for draft in drafts
    )


def sender(lanterne: Tenant, first: str, team: str = "north", phone: UUID | None = None) -> Sender:
    """Somebody of the cast who brings drafts."""
    teams = frozenset({lanterne.teams[team].id})
    return Sender(team_ids=teams, phone=phone or uuid4(), account=lanterne.people[first].id)


def yes(people: int = 1, cell: str | None = CELL, **more: object) -> Encounter:
    """An encounter whose people agreed to `zone`."""
    return Encounter(people=people, zone=True, notice=NOTICE, cell=Cell.parse(cell) if cell else None, **more)  # type: ignore[arg-type]


__all__ = [
    "ACTOR",
    "CELL",
    "CELLS_EAST",
    "CELLS_WEST",
    "NIGHT",
    "NOW",
    "PASSWORD",
    "Person",
    "Tenant",
    "make_association",
    "make_lanterne",
    "on_the_wire",
    "tenant_transaction",
]
