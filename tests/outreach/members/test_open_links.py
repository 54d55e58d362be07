"""An open link never undoes what an administrator decided after it was made: an end, a demotion, a team taken away."""

import threading
from datetime import UTC, timedelta

import pytest
from django.db import connection, connections
from django.test import Client

from outreach.members import invitations, services
from outreach.members.models import Invitation, Membership, TeamMembership
from outreach.roles import Role
from privacy.db.scope import Scope, tenant_transaction
from tests import databases
from tests.factories import ACTOR, NIGHT, NOW, PASSWORD, Person, Tenant
from tests.outreach.members.people import LOGIN, signed_in, strong
from tests.outreach.members.test_people import path, stored

pytestmark = pytest.mark.database
OPEN, ACCEPT, INVITE = "/invitation/", "/invitation/accepter/", "/coordination/membres/inviter/"
FRESH = {"password": "encore-un-mot-de-passe-long", "again": "encore-un-mot-de-passe-long"}


def link_for(admin: Client, person: Person) -> str:
    """The link by which a member may choose a new password, as the page makes it."""
    return str(admin.post(path(person, "lien/")).context["link"])


def opened(link: str) -> Client:
    client = Client()
    assert client.post(OPEN, {"token": link}).status_code == 302
    return client


def takes(client: Client) -> int:
    """The status of an attempt to use the invitation this browser holds."""
    return client.post(ACCEPT, {"display_name": "Lila", **FRESH}).status_code


def withdrawn() -> list[tuple[str, int | None]]:
    """(role of the actor, how many) of the links that the log says were withdrawn."""
    with databases.raw("owner") as owner:
        rows = owner.execute(
            "SELECT split_part(actor, ':', 1), count FROM audit_pendingevent WHERE event = 'invitation_revoked'"
        ).fetchall()
    return sorted((actor, count) for actor, count in rows)


def second_admin(lanterne: Tenant) -> Person:
    claire = lanterne.people["claire"]
    with databases.as_owner():
        Membership.objects.filter(id=claire.membership.id).update(roles=["admin"])
    return claire


def test_whoever_was_ended_does_not_come_back_by_an_older_link(lanterne: Tenant) -> None:
    omar, admin = lanterne.people["omar"], strong(lanterne.people["agnes"])
    link = link_for(admin, omar)
    holding = opened(link)
    assert "1 lien ouvert sera retiré" in admin.get(path(omar, "fin/")).content.decode()
    admin.post(path(omar, "fin/"))
    assert takes(holding) == 410
    assert Client().post(OPEN, {"token": link}).status_code == 410
    assert stored(omar).ended_on is not None
    assert withdrawn() == [("admin", 1)]


def test_the_page_speaks_of_no_link_where_there_is_none(lanterne: Tenant) -> None:
    omar, admin = lanterne.people["omar"], strong(lanterne.people["agnes"])
    for page in (path(omar, "fin/"), path(omar)):
        assert "sera retiré" not in admin.get(page).content.decode()
    admin.post(path(omar, "fin/"))
    assert withdrawn() == []


def test_a_link_made_after_the_end_brings_somebody_back(lanterne: Tenant) -> None:
    omar, admin = lanterne.people["omar"], strong(lanterne.people["agnes"])
    admin.post(path(omar, "fin/"))
    asked = {"email": omar.email, "roles": ["worker"], "teams": [str(lanterne.teams["south"].id)]}
    assert takes(opened(admin.post(INVITE, asked).context["link"])) == 302
    assert stored(omar).ended_on is None


def test_a_demotion_is_not_undone_by_an_older_link(lanterne: Tenant) -> None:
    nadia, admin = lanterne.people["nadia"], strong(lanterne.people["agnes"])
    holding = opened(link_for(admin, nadia))
    assert "1 lien ouvert sera retiré" in admin.get(path(nadia)).content.decode()
    admin.post(path(nadia), {"roles": ["worker"], "teams": [str(lanterne.teams["north"].id)]})
    assert takes(holding) == 410
    assert stored(nadia).roles == ["worker"]
    assert withdrawn() == [("admin", 1)]


def test_a_team_taken_away_is_not_given_back_by_an_older_link(lanterne: Tenant) -> None:
    omar, admin = lanterne.people["omar"], strong(lanterne.people["agnes"])
    holding = opened(link_for(admin, omar))
    admin.post(path(omar), {"roles": ["worker"], "teams": [str(lanterne.teams["south"].id)]})
    assert takes(holding) == 410
    with databases.as_owner():
        teams = [row.team_id for row in TeamMembership.objects.filter(membership=omar.membership)]
    assert teams == [lanterne.teams["south"].id]


def test_saving_what_is_so_already_leaves_the_link_open(lanterne: Tenant) -> None:
    omar, admin = lanterne.people["omar"], strong(lanterne.people["agnes"])
    holding = opened(link_for(admin, omar))
    admin.post(path(omar), {"roles": ["worker"], "teams": [str(lanterne.teams["north"].id)]})
    assert takes(holding) == 302


@pytest.mark.parametrize("loss", ["end", "demotion"])
def test_links_go_with_the_administrator_who_made_them(lanterne: Tenant, loss: str) -> None:
    """Who is about to leave could else invite a second address of their own."""
    agnes, claire = lanterne.people["agnes"], second_admin(lanterne)
    asked = {"email": "autre@invitee.invalid", "roles": ["admin"]}
    holding = opened(strong(agnes).post(INVITE, asked).context["link"])
    admin = strong(claire)
    if loss == "end":
        assert "1 lien ouvert sera retiré" in admin.get(path(agnes, "fin/")).content.decode()
        admin.post(path(agnes, "fin/"))
    else:
        assert "1 lien qu’elle a créé sera retiré aussi" in admin.get(path(agnes)).content.decode()
        admin.post(path(agnes), {"roles": ["auditor"]})
    assert takes(holding) == 410
    with databases.as_owner():
        assert not Membership.objects.filter(account__email="autre@invitee.invalid").exists()


def test_a_link_into_a_team_goes_with_the_team(lanterne: Tenant) -> None:
    admin, north = strong(lanterne.people["agnes"]), str(lanterne.teams["north"].id)
    asked = {"email": "lila@invitee.invalid", "roles": ["worker"], "teams": [north]}
    holding = opened(admin.post(INVITE, asked).context["link"])
    assert "1 lien ouvert sera retiré" in admin.get("/coordination/equipes/").content.decode()
    admin.post(f"/coordination/equipes/{north}/")
    assert takes(holding) == 410
    admin.post(f"/coordination/equipes/{north}/")
    assert takes(opened(admin.post(INVITE, asked).context["link"])) == 302


def test_the_database_withdraws_them_whoever_ends_a_membership(lanterne: Tenant) -> None:
    """A command, a repair by hand, a forgotten call: the rule is the table's."""
    omar, nadia = lanterne.people["omar"], lanterne.people["nadia"]
    admin = strong(lanterne.people["agnes"])
    held = {person.email: opened(link_for(admin, person)) for person in (omar, nadia)}
    with databases.raw("owner") as owner:
        for change, person in (("ended_on = app_today()", omar), ("roles = '{worker}'", nadia)):
            owner.execute(f"UPDATE outreach_membership SET {change} WHERE id = %s", [person.membership.id])
    assert [takes(client) for client in held.values()] == [410, 410]
    assert stored(omar).ended_on is not None and stored(nadia).roles == ["worker"]


def test_nobody_makes_a_link_in_the_name_of_another(lanterne: Tenant) -> None:
    """Under the web's own role, past the services: the maker is a living administrator, and the one who acts."""
    agnes, claire, omar = (lanterne.people[name] for name in ("agnes", "claire", "omar"))
    for actor, maker in ((claire, claire), (claire, agnes), (omar, None), (agnes, None)):
        with (
            pytest.raises(Exception, match="row-level security"),
            tenant_transaction(Scope(lanterne.association.id, account_id=actor.id)),
        ):
            Invitation.objects.create(
                association=lanterne.association,
                email="x@invitee.invalid",
                roles=[Role.AUDITOR],
                token_hash=b"x" * 32,
                made_by_id=maker.membership.id if maker else None,
                expires_on=NIGHT + timedelta(days=3),
            )
    with (
        tenant_transaction(Scope(lanterne.association.id, account_id=agnes.id)),
        connection.cursor() as cursor,
    ):
        made = invitations.invite(
            lanterne.association,
            "x@invitee.invalid",
            [Role.AUDITOR],
            [],
            actor=ACTOR,
            now=NOW,
            made_by=agnes.membership.id,
        )
        assert made
        for column in ("roles = '{admin}'", "email = 'y@invitee.invalid'", "made_by_id = NULL"):
            with (
                pytest.raises(Exception, match="permission denied"),
                tenant_transaction(Scope(lanterne.association.id, account_id=agnes.id)),
            ):
                cursor.execute(f"UPDATE outreach_invitation SET {column}")


def test_an_end_and_a_join_in_the_same_instant_leave_the_end(lanterne: Tenant) -> None:
    """Two transactions: the end is not committed yet when the link is used; the join waits for it and then finds no link."""
    omar, admin = lanterne.people["omar"], strong(lanterne.people["agnes"])
    link = link_for(admin, omar)
    token_hash = invitations.hash_of(link)
    assert token_hash is not None
    ended = threading.Event()
    answers: list[str] = []

    def join() -> None:
        ended.wait(10)
        try:
            invited = invitations.find(token_hash)
            assert invited is not None  # the end is not committed: the link is still seen
            joining.set()
            invitations.join(invited, omar.account, now=NOW)
            answers.append("joined")
        except LookupError:
            answers.append("refused")
        finally:
            connections.close_all()

    joining = threading.Event()
    other = threading.Thread(target=join)
    other.start()
    with tenant_transaction(Scope(lanterne.association.id, account_id=lanterne.people["agnes"].id)):
        services.end(Membership.objects.get(id=omar.membership.id), actor=ACTOR, now=NOW)
        ended.set()
        assert joining.wait(10)
        other.join(0.3)
        assert answers == []  # it waits
    other.join(10)
    assert answers == ["refused"]
    assert stored(omar).ended_on == NOW.astimezone(UTC).date()


def test_a_password_is_not_chosen_for_somebody_who_joined_elsewhere_meanwhile(
    lanterne: Tenant, passerelle: Tenant
) -> None:
    """The page was opened while the account worked here only; before it was sent, another association took the person in."""
    omar, admin = lanterne.people["omar"], strong(lanterne.people["agnes"])
    holding = opened(link_for(admin, omar))
    assert holding.get(ACCEPT).status_code == 200
    with databases.as_owner():
        Membership.objects.create(association=passerelle.association, account=omar.account, roles=["partner"])
    assert takes(holding) == 200
    assert Client().post(LOGIN, {"login": omar.email, "password": PASSWORD}).status_code == 302


def test_an_accepted_invitation_says_who_by_a_pseudonym(lanterne: Tenant) -> None:
    admin = strong(lanterne.people["agnes"])
    asked = {"email": "lila@invitee.invalid", "roles": ["worker"], "teams": [str(lanterne.teams["north"].id)]}
    assert takes(opened(admin.post(INVITE, asked).context["link"])) == 302
    with databases.raw("owner") as owner:
        row = owner.execute(
            "SELECT actor FROM audit_pendingevent WHERE event = 'invitation_accepted'"
        ).fetchone()
    assert row is not None
    role, _colon, pseudonym = row[0].partition(":")
    assert role == "worker"
    assert len(pseudonym) == 12


def test_open_links_live_to_their_term_through_the_migration(lanterne: Tenant) -> None:
    """Links of before have no maker; those of somebody who left go, the others stay."""
    omar = lanterne.people["omar"]
    with databases.before("outreach", "0018_floors_of_promises") as today:
        with databases.raw("owner") as owner:
            owner.execute(
                "UPDATE outreach_membership SET ended_on = app_today() WHERE id = %s", [omar.membership.id]
            )
            for number, email in enumerate((omar.email, "lila@invitee.invalid")):
                owner.execute(
                    "INSERT INTO outreach_invitation (id, association_id, email, roles, team_ids, token_hash, expires_on)"
                    " VALUES (gen_random_uuid(), %s, %s, '{auditor}', '{}', %s, %s)",
                    [lanterne.association.id, email, bytes([number]), NIGHT + timedelta(days=365)],
                )
        today()
        with databases.as_owner():
            assert [row.email for row in Invitation.objects.all()] == ["lila@invitee.invalid"]


def test_signed_in_elsewhere_does_not_keep_an_ended_person_in(lanterne: Tenant) -> None:
    """Two tabs: one stands on the page of the invitation, signed in; in the other the administrator ends the access."""
    omar, admin = lanterne.people["omar"], strong(lanterne.people["agnes"])
    link = link_for(admin, omar)
    tab = signed_in(omar)
    assert tab.post(OPEN, {"token": link}).status_code == 302
    assert tab.get(ACCEPT).status_code == 200
    admin.post(path(omar, "fin/"))
    assert tab.post(ACCEPT).status_code == 410
    assert stored(omar).ended_on is not None
