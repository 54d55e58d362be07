"""As whom one looks: one association at a time, chosen by the person, and the page of one's role."""

import pytest
from django.test import Client

from outreach.links import find
from outreach.members.acting_membership import find_membership, live_memberships, scope_of
from outreach.members.models import Account, Membership, TeamMembership
from privacy.db.scope import Scope, tenant_transaction
from tests import databases
from tests.factories import Tenant
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database
SWITCH = "/place/changer/"


def both(lanterne: Tenant, passerelle: Tenant) -> Membership:
    """Bruno also works in Lanterne."""
    with databases.as_owner():
        return Membership.objects.create(
            association=lanterne.association, account=passerelle.people["bruno"].account, roles=["worker"]
        )


def association(client: Client) -> str:
    return str(client.get("/place/").wsgi_request.acting.association_name)  # type: ignore[attr-defined]


def test_one_switches_between_ones_own_associations(lanterne: Tenant, passerelle: Tenant) -> None:
    here, bruno = both(lanterne, passerelle), passerelle.people["bruno"]
    client = signed_in(bruno)
    assert association(client) == "Lanterne"  # first by name
    page = client.get("/place/").content.decode()
    assert "Lanterne" in page and "Passerelle" in page
    assert client.get("/place/").wsgi_request.acting.has_others  # type: ignore[attr-defined]
    assert client.post(SWITCH, {"membership": str(bruno.membership.id)})["Location"] == "/"
    assert association(client) == "Passerelle"
    client.post(SWITCH, {"membership": str(here.id)})
    assert association(client) == "Lanterne"


def test_nobody_acts_for_another_person(lanterne: Tenant, passerelle: Tenant) -> None:
    client = signed_in(passerelle.people["bruno"])
    assert (
        client.post(SWITCH, {"membership": str(passerelle.people["bruno"].membership.id)}).status_code == 302
    )
    for membership in (lanterne.people["agnes"].membership.id, "not-an-id", ""):
        assert client.post(SWITCH, {"membership": str(membership)}).status_code == 404
    assert association(client) == "Passerelle"
    assert client.get(SWITCH).status_code == 405


def test_a_switch_leads_back_into_this_association_only(lanterne: Tenant, passerelle: Tenant) -> None:
    here = both(lanterne, passerelle)
    client = signed_in(passerelle.people["bruno"])
    acting = {"membership": str(here.id)}
    assert client.post(SWITCH, {**acting, "next": "/place/"})["Location"] == "/place/"
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        assert client.post(SWITCH, {**acting, "next": elsewhere})["Location"] == "/"


def test_an_ended_membership_is_none(lanterne: Tenant, passerelle: Tenant) -> None:
    here = both(lanterne, passerelle)
    client = signed_in(passerelle.people["bruno"])
    assert association(client) == "Lanterne"
    with databases.as_owner():
        Membership.objects.filter(id=here.id).update(ended_on="2026-01-01")
    assert association(client) == "Passerelle"
    assert client.post(SWITCH, {"membership": str(here.id)}).status_code == 404


def test_the_search_for_a_membership_asks_itself_who_still_belongs(lanterne: Tenant) -> None:
    """As the worker, whom row security hides nothing: the statement does not lean on it."""
    omar = lanterne.people["omar"]

    def places() -> int:
        with databases.as_worker(), tenant_transaction(Scope(account_id=omar.id)):
            return len(live_memberships(omar.id))

    assert places() == 1
    for model, change, back in (
        (Membership, {"ended_on": "2026-01-01"}, {"ended_on": None}),
        (Account, {"is_active": False}, {"is_active": True}),
    ):
        with databases.as_owner():
            row = model.objects.filter(id=omar.membership.id if model is Membership else omar.id)
            assert row.update(**change) == 1
        assert places() == 0
        with databases.as_owner():
            row.update(**back)
        assert places() == 1


def test_each_role_lands_in_its_room(lanterne: Tenant) -> None:
    pages = {
        "omar": "field:tonight",
        "nadia": "field:tonight",
        "claire": "coordination:home",
        "victor": "auditing:ledger",
    }
    for name, page in pages.items():
        person = lanterne.people[name]
        client = strong(person) if name in {"claire", "victor"} else signed_in(person)
        answer = client.get("/")
        if find(page):
            assert answer["Location"] == find(page)
        else:
            assert answer.status_code == 200
    assert strong(lanterne.people["agnes"]).get("/")["Location"] == "/coordination/membres/"


def test_a_stranger_reads_what_this_is(lanterne: Tenant) -> None:
    page = Client().get("/")
    assert page.status_code == 200
    assert "/compte/login/" in page.content.decode()
    assert "Lanterne" not in page.content.decode()


def test_coordination_carries_no_team(lanterne: Tenant) -> None:
    """Who coordinates sees no record, even when put in a team; who works in it does. Nobody does both (test_apart)."""
    claire = lanterne.people["claire"]
    with databases.as_owner():
        TeamMembership.objects.create(
            association=lanterne.association, team=lanterne.teams["north"], membership=claire.membership
        )
    for roles, teams in (
        (["coordinator"], frozenset()),
        (["admin", "worker"], frozenset({lanterne.teams["north"].id})),
    ):
        with databases.as_owner():
            Membership.objects.filter(id=claire.membership.id).update(roles=roles)
        with tenant_transaction(Scope(account_id=claire.id)):
            acting = find_membership(claire.id, None)
        assert acting is not None
        assert acting.team_ids == {lanterne.teams["north"].id}
        assert scope_of(acting).team_ids == teams


def test_loading_a_membership_sets_the_same_scope_as_using_it(lanterne: Tenant) -> None:
    """The statement that finds it also sets the scope; PostgreSQL and the context variable must agree, for every role."""
    from django.db import connection, transaction

    from outreach.members.acting_membership import load_membership
    from privacy.db.scope import current, use_tenant

    with databases.as_owner():
        TeamMembership.objects.create(
            association=lanterne.association,
            team=lanterne.teams["north"],
            membership=lanterne.people["claire"].membership,
        )
    for person in lanterne.people.values():
        with use_tenant(Scope(account_id=person.id)), transaction.atomic():
            acting = load_membership(person.id, None)
            assert acting is not None
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT current_setting('app.association_id'), current_setting('app.team_ids'),"
                    " current_setting('app.account_id'), current_setting('app.login_email')"
                )
                told = cursor.fetchone()
            assert current() == scope_of(acting)
            assert told == current().settings(), person.email
