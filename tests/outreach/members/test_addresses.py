"""What an administrator learns by typing an address: who is a member here, and nothing about any other association."""

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from outreach.members.models import Membership
from outreach.roles import Role
from tests import databases, factories
from tests.factories import PASSWORD, Tenant
from tests.outreach.members.people import LOGIN, strong
from tests.outreach.members.test_people import path, stored

pytestmark = pytest.mark.database
OPEN, ACCEPT, INVITE = "/invitation/", "/invitation/accepter/", "/coordination/membres/inviter/"
VARIED = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"|nonce="?[A-Za-z0-9+/=_-]+"?')
NEW = {"display_name": "Lila", "password": "quatre-mots-sans-rapport", "again": "quatre-mots-sans-rapport"}


@pytest.mark.parametrize("role", ["worker", "lead"])
def test_a_role_of_the_field_needs_a_team(lanterne: Tenant, role: str) -> None:
    admin, north, omar = (
        strong(lanterne.people["agnes"]),
        str(lanterne.teams["north"].id),
        lanterne.people["omar"],
    )
    for page, more in ((INVITE, {"email": "lila@invitee.invalid"}), (path(omar), {})):
        refused = admin.post(page, {"roles": [role], **more})
        assert refused.status_code == 200, page
        assert "choisissez-en au moins une" in refused.content.decode()
        assert "link" not in refused.context
    assert stored(omar).roles == ["worker"]
    taken = admin.post(INVITE, {"roles": [role], "email": "lila@invitee.invalid", "teams": [north]})
    assert "link" in taken.context
    assert admin.post(path(omar), {"roles": [role], "teams": [north]}).status_code == 302


def test_where_no_team_walks_one_is_made_first(lanterne: Tenant) -> None:
    with databases.raw("owner") as owner:
        owner.execute("UPDATE outreach_team SET active = false")
    refused = strong(lanterne.people["agnes"]).post(
        INVITE, {"roles": ["lead"], "email": "lila@invitee.invalid"}
    )
    assert "créez d’abord une équipe" in refused.content.decode()


def test_the_operator_is_held_to_it_too(lanterne: Tenant) -> None:
    with databases.as_worker():
        with pytest.raises(CommandError, match="au moins une"):
            call_command("invite", "lanterne", "a@b.invalid", "--role", "lead")
        out = io.StringIO()
        call_command(
            "invite", "lanterne", "a@b.invalid", "--role", "lead", "--team", "Équipe Nord", stdout=out
        )
    assert "/invitation/#" in out.getvalue()


def test_an_address_that_is_a_member_is_told_so(lanterne: Tenant, passerelle: Tenant) -> None:
    admin = strong(lanterne.people["agnes"])
    asked = {"roles": ["partner"]}
    for email in ("omar@lanterne.invalid", " OMAR@Lanterne.invalid"):
        answer = admin.post(INVITE, {"email": email, **asked})
        assert "déjà membre" in answer.content.decode()
        assert "link" not in answer.context
    for email in (passerelle.people["bruno"].email, "lila@invitee.invalid"):
        assert "link" in admin.post(INVITE, {"email": email, **asked}).context
    assert admin.post(path(lanterne.people["omar"], "fin/")).status_code == 302
    assert "link" in admin.post(INVITE, {"email": lanterne.people["omar"].email, **asked}).context


def page_of(lanterne: Tenant, email: str) -> str:
    """The page behind a link to `email`, without what differs on each answer and without the address."""
    client = Client()
    assert client.post(OPEN, {"token": factories.invited(lanterne, email, Role.PARTNER)}).status_code == 302
    answer = client.get(ACCEPT)
    assert answer.status_code == 200
    assert email in answer.content.decode()
    return VARIED.sub("", answer.content.decode()).replace(email, "")


def test_the_page_of_a_link_is_the_same_for_every_address(lanterne: Tenant, passerelle: Tenant) -> None:
    """Unknown, a member here, a member elsewhere, a member of both: whoever made the link may open it and read."""
    with databases.as_owner():
        Membership.objects.create(
            association=lanterne.association, account=passerelle.people["irene"].account, roles=["partner"]
        )
    unknown = page_of(lanterne, "lila@invitee.invalid")
    assert f"{LOGIN}?next={ACCEPT}" in unknown and 'name="display_name"' in unknown
    for person in (lanterne.people["omar"], passerelle.people["bruno"], passerelle.people["irene"]):
        assert page_of(lanterne, person.email) == unknown, person.email


def test_a_password_of_elsewhere_is_kept_and_the_attempt_counted(
    lanterne: Tenant, passerelle: Tenant
) -> None:
    bruno, client = passerelle.people["bruno"], Client()
    client.post(OPEN, {"token": factories.invited(lanterne, bruno.email, Role.PARTNER)})
    answer = client.post(ACCEPT, NEW)
    assert answer.status_code == 200
    assert "garde son mot de passe" in answer.content.decode()
    assert Client().post(LOGIN, {"login": bruno.email, "password": PASSWORD}).status_code == 302
    with databases.raw("owner") as owner:
        assert owner.execute("SELECT count FROM audit_anonymouscounter WHERE kind = 'link'").fetchall() == [
            (1,)
        ]


def test_a_newcomer_is_asked_for_a_name_and_a_returning_member_is_not(lanterne: Tenant) -> None:
    newcomer, omar = Client(), lanterne.people["omar"]
    newcomer.post(OPEN, {"token": factories.invited(lanterne, "lila@invitee.invalid", Role.PARTNER)})
    assert "prénom ou un surnom" in newcomer.post(ACCEPT, {**NEW, "display_name": ""}).content.decode()
    assert newcomer.post(ACCEPT, NEW).status_code == 302
    back = Client()
    back.post(OPEN, {"token": factories.invited(lanterne, omar.email, Role.PARTNER)})
    assert back.post(ACCEPT, {**NEW, "display_name": ""}).status_code == 302
    with databases.raw("owner") as owner:
        row = owner.execute("SELECT display_name FROM outreach_account WHERE id = %s", [omar.id]).fetchone()
    assert row == ("Omar",)


@pytest.mark.parametrize("act", ["deconnecter/", "deuxieme-etape/"])
def test_nothing_there_and_not_yours_alone_are_one_sentence(
    lanterne: Tenant, passerelle: Tenant, act: str
) -> None:
    """Omar works here only and has neither a session nor a second factor; Bruno works elsewhere too."""
    with databases.as_owner():
        bruno = Membership.objects.create(
            association=lanterne.association, account=passerelle.people["bruno"].account, roles=["worker"]
        )
    admin, said = strong(lanterne.people["agnes"]), set()
    for membership in (lanterne.people["omar"].membership, bruno):
        answer = admin.post(f"/coordination/membres/{membership.id}/{act}", follow=True)
        found = re.search(r"Rien n’a changé[^<]*", answer.content.decode())
        assert found is not None
        said.add(found.group())
    assert len(said) == 1
