"""The people and things of the matrix: every role of both associations, and what each must never see of the others.

Rule of the module: every name, word and address here is unlike any word of a page: found in an answer, it was shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from uuid import uuid4

from django.conf import settings
from django.test import Client

from outreach.closing import services as closing
from outreach.members.models import Account, Invitation, Membership, RoleNotice, TeamMembership
from outreach.places.models import Sector
from outreach.records.tally import Counts
from outreach.roles import Role
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from tests import databases, factories
from tests.factories import Tenant, on_the_wire
from tests.outreach.members import people
from tests.resilience.permission_table import STRONG

TOKEN = "t" * 32
WEAK = ("wanda", "vera")
"""Whose role asks for a second factor, which they have not set up."""

TEAM_OF = {
    "nadia": "north",
    "omar": "north",
    "salome": "south",
    "gaspard": "south",
    "dora": "north",
    "bruno": "quay",
}


@dataclass
class Visitor:
    """Somebody in a membership: who, with which roles, of which association and team, and the cookies of the browser."""

    name: str
    roles: frozenset[str] = frozenset()
    tenant: str = ""
    team: str = ""
    account: bool = True
    strong: bool = False
    session: str = ""
    membership: str = ""
    hidden: frozenset[str] = frozenset()
    """What no answer to this person may hold."""

    @property
    def is_member(self) -> bool:
        return bool(self.tenant)

    @property
    def proved(self) -> bool:
        return self.strong or not self.roles & STRONG

    def cookies(self, csrf: bool) -> SimpleCookie:
        jar = SimpleCookie()
        if self.session:
            jar[settings.SESSION_COOKIE_NAME] = self.session
        if csrf:
            jar[settings.CSRF_COOKIE_NAME] = TOKEN
        return jar


@dataclass
class Things:
    """Objects by (kind, whose): "north", "south", "quay" for a team's, "lanterne", "passerelle" for an association's."""

    ids: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    secrets: dict[str, frozenset[str]] = field(default_factory=dict)
    drafts: dict[str, dict[str, str]] = field(default_factory=dict)
    """By team, one sealed draft for its open round, as a phone sends it."""

    def some(self, kind: str, *whose: str) -> list[str]:
        return [one for name in whose for one in self.ids.get((kind, name), [])]


def _named(tenant: Tenant) -> None:
    tenant.association.name = f"service-zqx-{tenant.association.slug}"
    tenant.association.save(update_fields=["name"])
    for key, team in tenant.teams.items():
        team.name = f"team-zqx-{key}"
        team.save(update_fields=["name"])
    for first, person in tenant.people.items():
        Account.objects.filter(id=person.id).update(display_name=f"{first}-zqx")
    Sector.objects.filter(association=tenant.association, code="E").update(
        name=f"ost-zqx-{tenant.association.slug}"
    )
    Sector.objects.filter(association=tenant.association, code="O").update(
        name=f"west-zqx-{tenant.association.slug}"
    )


def _extra(
    tenant: Tenant,
    first: str,
    roles: Iterable[Role],
    team: str = "",
    ended: bool = False,
) -> None:
    account = Account.objects.filter(email=f"{first}@zqx.invalid").first() or Account.objects.create_user(
        f"{first}@zqx.invalid", factories.PASSWORD, display_name=f"{first}-zqx"
    )
    membership = Membership.objects.create(
        association=tenant.association,
        account=account,
        roles=[role.value for role in roles],
        ended_on=factories.NIGHT - timedelta(days=1) if ended else None,
    )
    if team:
        TeamMembership.objects.create(
            association=tenant.association, team=tenant.teams[team], membership=membership
        )
    tenant.people[first] = factories.Person(account.email, account, membership)


def _rounds(tenant: Tenant, team: str) -> list[Round]:
    """Of each state one; a record with a note and a transmission, so that there is something to see."""
    word = f"word-zqx-{team}"
    with factories.tenant_transaction(tenant.scope(team)):
        past = factories.open_round(tenant, team, night=factories.NIGHT - timedelta(days=1))
        draft = factories.sealed(past, factories.yes(2, note=f"note-zqx-{team}"))
        yesterday = factories.NOW - timedelta(days=1)
        closing.close_round(
            past.id,
            phone=uuid4(),
            counts=Counts(people_count=2),
            now=yesterday,
            drafts=[draft],
            handover=word,
        )
        tonight = factories.open_round(tenant, team)
        planned = rounds.plan_round(
            association_id=tenant.association.id,
            team_id=tenant.teams[team].id,
            night=factories.NIGHT + timedelta(days=1),
            sector_ids=[tenant.sectors["east"].id],
        )
    return [tonight, past, planned]


def _things(lanterne: Tenant, passerelle: Tenant) -> Things:
    things = Things()
    for tenant in (lanterne, passerelle):
        slug = tenant.association.slug
        for team, row in tenant.teams.items():
            things.ids["round", team] = [str(one.id) for one in _rounds(tenant, team)]
            things.ids["team", team] = [str(row.id)]
            with factories.tenant_transaction(tenant.scope(team)):
                tonight = Round.objects.get(id=things.ids["round", team][0])
                things.drafts[team] = on_the_wire(factories.sealed(tonight, factories.yes(1)))
            things.secrets[team] = frozenset(
                {row.name, f"note-zqx-{team}", f"word-zqx-{team}", *things.ids["round", team]}
            )
        factories.invited(tenant, f"new-{slug}@zqx.invalid")
        things.ids["member", slug] = [str(one.membership.id) for one in tenant.people.values()]
        things.ids["invitation", slug] = [
            str(one.id) for one in Invitation.objects.filter(association=tenant.association)
        ]
        things.ids["request", slug] = [_request(tenant)]
        things.ids["sector", slug] = [str(one.id) for one in tenant.sectors.values()]
        people_ = {f"{first}-zqx" for first in tenant.people} | {one.email for one in tenant.people.values()}
        things.secrets[f"people of {slug}"] = frozenset(
            people_ | set(things.ids["member", slug]) | {f"new-{slug}@zqx.invalid"}
        )
        things.secrets[f"sectors of {slug}"] = frozenset({f"ost-zqx-{slug}", f"west-zqx-{slug}"})
        things.secrets[f"name of {slug}"] = frozenset({tenant.association.name, str(tenant.association.id)})
    return things


def _request(tenant: Tenant) -> str:
    """A role that the first administrator of the service asked for."""
    admin = next(one for one in tenant.people.values() if Role.ADMIN.value in one.membership.roles)
    notice = RoleNotice.objects.create(
        association=tenant.association,
        membership=admin.membership,
        own=True,
        roles=[Role.ADMIN.value, Role.AUDITOR.value],
        asked_on=factories.NIGHT,
        expires_on=factories.NIGHT + timedelta(days=14),
    )
    return str(notice.id)


def make() -> tuple[list[Visitor], Things]:
    """Both associations with everything in them, and everybody signed in as they would be."""
    with databases.as_owner():
        lanterne, passerelle = factories.make_lanterne(), factories.make_passerelle()
        _extra(lanterne, "gaspard", [Role.LEAD], "south")
        _extra(lanterne, "rosa", [Role.COORDINATOR, Role.ADMIN])
        _extra(lanterne, "wanda", [Role.COORDINATOR, Role.ADMIN, Role.AUDITOR])
        _extra(lanterne, "edith", [Role.LEAD], "north", ended=True)
        _extra(lanterne, "dora", [Role.WORKER], "north")
        _extra(passerelle, "dora", [Role.LEAD, Role.ADMIN], "quay")
        _extra(passerelle, "ines", [Role.ADMIN])
        _extra(passerelle, "vera", [Role.AUDITOR])
        Account.objects.create_user("otto@zqx.invalid", factories.PASSWORD, display_name="otto-zqx")
        _named(lanterne)
        _named(passerelle)
        things = _things(lanterne, passerelle)
        elsewhere = str(
            passerelle.people["dora"].membership.id
        )  # the page that lets her change places names it
        things.secrets["dora elsewhere"] = frozenset({"service-zqx-passerelle", elsewhere})
    return [_hide(one, things) for one in _visitors(lanterne, passerelle)], things


def _visitors(lanterne: Tenant, passerelle: Tenant) -> list[Visitor]:
    found = [Visitor("stranger", account=False)]
    for tenant in (lanterne, passerelle):
        for first, person in tenant.people.items():
            if tenant is passerelle and first == "dora":
                continue  # she sits in Lanterne
            here = person.membership.ended_on is None
            roles = frozenset(person.membership.roles) if here else frozenset[str]()
            proved = bool(roles & STRONG) and first not in WEAK
            client = people.strong(person) if proved else people.signed_in(person)
            found.append(
                Visitor(
                    first,
                    roles,
                    tenant.association.slug if here else "",
                    TEAM_OF.get(first, ""),
                    strong=proved,
                    session=client.cookies[settings.SESSION_COOKIE_NAME].value,
                    membership=str(person.membership.id),
                )
            )
    half, otto = people.signed_in(lanterne.people["claire"]), Client()
    found.append(
        Visitor("claire half way", account=False, session=half.cookies[settings.SESSION_COOKIE_NAME].value)
    )
    otto.post(people.LOGIN, {"login": "otto@zqx.invalid", "password": factories.PASSWORD})
    found.append(Visitor("otto", session=otto.cookies[settings.SESSION_COOKIE_NAME].value))
    return found


def _hide(one: Visitor, things: Things) -> Visitor:
    """Everything, less what the role may see (the design's table) and what names the person's own account."""
    shown: set[str] = set()
    here = one.tenant
    if here:
        shown |= things.secrets[f"name of {here}"]
    if one.name == "dora":
        shown |= things.secrets["dora elsewhere"]
    own = things.secrets.get(one.team, frozenset()) if one.roles & {"worker", "lead"} else frozenset[str]()
    shown |= own
    if one.roles & {"worker", "lead", "coordinator"}:
        shown |= things.secrets[f"sectors of {here}"]
    if one.roles & {"admin", "coordinator"}:
        shown |= {
            name for team in _teams_of(here) for name in things.secrets[team] if name.startswith("team-")
        }
    if "coordinator" in one.roles:
        shown |= set(things.some("round", *_teams_of(here)))
    if "admin" in one.roles:
        shown |= things.secrets[f"people of {here}"]
    first = one.name.partition(" ")[0]
    everything = {word for words in things.secrets.values() for word in words}
    one.hidden = frozenset(
        word for word in everything - shown if not word.startswith((f"{first}-zqx", f"{first}@"))
    )
    return one


def _teams_of(slug: str) -> tuple[str, ...]:
    return ("north", "south") if slug == "lanterne" else ("quay",)
