"""As whom one looks: one association at a time, chosen by the person, and the room of one's role."""

import pytest
from django.test import Client

from outreach.links import find
from outreach.members.models import Account, Membership, TeamMembership
from outreach.members.seats import find_seat, live_memberships, scope_of
from privacy.db.scope import Scope, working
from tests import databases
from tests.cast import House
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database
SWITCH = "/place/changer/"


def both(home: House, stranger: House) -> Membership:
    """Bruno also works in Lanterne."""
    with databases.as_owner():
        return Membership.objects.create(
            association=home.association, account=stranger.people["bruno"].account, roles=["worker"]
        )


def association(client: Client) -> str:
    return str(client.get("/place/").wsgi_request.seat.association_name)  # type: ignore[attr-defined]


def test_one_switches_between_ones_own_associations(home: House, stranger: House) -> None:
    here, bruno = both(home, stranger), stranger.people["bruno"]
    client = signed_in(bruno)
    assert association(client) == "Lanterne"  # first by name
    page = client.get("/place/").content.decode()
    assert "Lanterne" in page and "Passerelle" in page
    assert client.get("/place/").wsgi_request.seat.has_others  # type: ignore[attr-defined]
    assert client.post(SWITCH, {"membership": str(bruno.membership.id)})["Location"] == "/"
    assert association(client) == "Passerelle"
    client.post(SWITCH, {"membership": str(here.id)})
    assert association(client) == "Lanterne"


def test_nobody_takes_a_seat_of_another_person(home: House, stranger: House) -> None:
    client = signed_in(stranger.people["bruno"])
    assert client.post(SWITCH, {"membership": str(stranger.people["bruno"].membership.id)}).status_code == 302
    for membership in (home.people["agnes"].membership.id, "not-an-id", ""):
        assert client.post(SWITCH, {"membership": str(membership)}).status_code == 404
    assert association(client) == "Passerelle"
    assert client.get(SWITCH).status_code == 405


def test_a_switch_leads_back_into_this_house_only(home: House, stranger: House) -> None:
    here = both(home, stranger)
    client = signed_in(stranger.people["bruno"])
    seat = {"membership": str(here.id)}
    assert client.post(SWITCH, {**seat, "next": "/place/"})["Location"] == "/place/"
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        assert client.post(SWITCH, {**seat, "next": elsewhere})["Location"] == "/"


def test_an_ended_membership_is_no_seat(home: House, stranger: House) -> None:
    here = both(home, stranger)
    client = signed_in(stranger.people["bruno"])
    assert association(client) == "Lanterne"
    with databases.as_owner():
        Membership.objects.filter(id=here.id).update(ended_on="2026-01-01")
    assert association(client) == "Passerelle"
    assert client.post(SWITCH, {"membership": str(here.id)}).status_code == 404


def test_the_search_for_a_seat_asks_itself_who_still_belongs(home: House) -> None:
    """As the worker, whom row security hides nothing: the statement does not lean on it."""
    omar = home.people["omar"]

    def places() -> int:
        with databases.as_worker(), working(Scope(account_id=omar.id)):
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


def test_each_role_lands_in_its_room(home: House) -> None:
    rooms = {
        "omar": "field:tonight",
        "nadia": "field:tonight",
        "claire": "coordination:home",
        "victor": "control:ledger",
    }
    for name, room in rooms.items():
        person = home.people[name]
        client = strong(person) if name in {"claire", "victor"} else signed_in(person)
        answer = client.get("/")
        if find(room):
            assert answer["Location"] == find(room)
        else:
            assert answer.status_code == 200
    assert strong(home.people["agnes"]).get("/")["Location"] == "/coordination/membres/"


def test_a_stranger_reads_what_this_is(home: House) -> None:
    page = Client().get("/")
    assert page.status_code == 200
    assert "/compte/login/" in page.content.decode()
    assert "Lanterne" not in page.content.decode()


def test_coordination_carries_no_team(home: House) -> None:
    """Who coordinates sees no record, even when put in a team; who works in it does. Nobody does both (test_apart)."""
    claire = home.people["claire"]
    with databases.as_owner():
        TeamMembership.objects.create(
            association=home.association, team=home.teams["north"], membership=claire.membership
        )
    for roles, teams in (
        (["coordinator"], frozenset()),
        (["admin", "worker"], frozenset({home.teams["north"].id})),
    ):
        with databases.as_owner():
            Membership.objects.filter(id=claire.membership.id).update(roles=roles)
        with working(Scope(account_id=claire.id)):
            seat = find_seat(claire.id, None)
        assert seat is not None
        assert seat.team_ids == {home.teams["north"].id}
        assert scope_of(seat).team_ids == teams


def test_taking_a_seat_sets_the_same_scope_as_acting_in_it(home: House) -> None:
    """The statement that finds the seat also sets the scope; PostgreSQL and the context variable must agree, for every role."""
    from django.db import connection, transaction

    from outreach.members.seats import take_seat
    from privacy.db.scope import acting, current

    with databases.as_owner():
        TeamMembership.objects.create(
            association=home.association,
            team=home.teams["north"],
            membership=home.people["claire"].membership,
        )
    for person in home.people.values():
        with acting(Scope(account_id=person.id)), transaction.atomic():
            seat = take_seat(person.id, None)
            assert seat is not None
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT current_setting('app.association_id'), current_setting('app.team_ids'),"
                    " current_setting('app.account_id'), current_setting('app.login_email')"
                )
                told = cursor.fetchone()
            assert current() == scope_of(seat)
            assert told == current().settings(), person.email
