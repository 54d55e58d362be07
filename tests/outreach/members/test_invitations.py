"""A link that makes a member, once, and only of the one association that made it."""

import hashlib
from datetime import timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client, override_settings

from outreach.members import invitations
from outreach.members.models import Account, Invitation, Membership, TeamMembership
from outreach.roles import Role
from privacy.db.scope import Scope, tenant_transaction
from tests import databases
from tests.factories import NOW, PASSWORD, Tenant
from tests.factories import invited as invite
from tests.outreach.members.people import LOGIN, SECOND_STEP, code, enrol, signed_in, strong

pytestmark = pytest.mark.database

OPEN, ACCEPT = "/invitation/", "/invitation/accepter/"
NEW = {"display_name": "Lila", "password": "quatre-mots-sans-rapport", "again": "quatre-mots-sans-rapport"}


def opened(token: str, client: Client | None = None) -> Client:
    """A browser that followed the link."""
    client = client or Client()
    answer = client.post(OPEN, {"token": token})
    assert answer.status_code == 302, answer.status_code
    assert answer["Location"] == ACCEPT
    return client


def memberships(email: str) -> list[tuple[UUID, list[str]]]:
    with databases.as_owner():
        return list(Membership.objects.filter(account__email=email).values_list("association_id", "roles"))


def test_an_admin_makes_a_link_that_is_shown_once(lanterne: Tenant) -> None:
    admin = strong(lanterne.people["agnes"])
    assert admin.get("/coordination/membres/inviter/").status_code == 200
    answer = admin.post(
        "/coordination/membres/inviter/",
        {"email": "Lila@Invitee.invalid", "roles": ["worker"], "teams": [str(lanterne.teams["north"].id)]},
    )
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    link = answer.context["link"]
    token = link.rpartition("#")[2]
    assert link.startswith("http://testserver/invitation/#")
    assert invitations.TOKEN.match(token)
    page = admin.get("/coordination/membres/").content.decode()
    assert "lila@invitee.invalid" in page
    assert token not in page
    with databases.as_owner():
        row = Invitation.objects.get()
    assert bytes(row.token_hash) == hashlib.sha256(token.encode()).digest()
    assert token not in str(vars(row))
    assert token not in str(dict(admin.session))


def test_the_token_is_nowhere_in_the_database(lanterne: Tenant) -> None:
    token = invite(lanterne)
    opened(token)
    with databases.raw("owner") as owner:
        for table in ("outreach_invitation", "django_session", "audit_pendingevent"):
            dump = owner.execute(
                f"SELECT count(*), coalesce(string_agg(t::text, ' '), '') FROM \"{table}\" t"
            ).fetchone()
            assert dump is not None
            assert dump[0] > 0
            assert token not in dump[1]


@pytest.mark.parametrize("role", [Role.WORKER, Role.LEAD, Role.COORDINATOR, Role.AUDITOR, Role.PARTNER])
def test_only_an_administrator_invites(lanterne: Tenant, role: Role) -> None:
    name = {
        "worker": "omar",
        "lead": "nadia",
        "coordinator": "claire",
        "auditor": "victor",
        "partner": "paul",
    }[role.value]
    person = lanterne.people[name]
    client = strong(person) if role in {Role.COORDINATOR, Role.AUDITOR} else signed_in(person)
    assert client.get("/place/").status_code == 200
    assert client.get("/coordination/membres/inviter/").status_code == 403
    assert (
        client.post(
            "/coordination/membres/inviter/", {"email": "x@y.invalid", "roles": ["admin"]}
        ).status_code
        == 403
    )


def test_a_newcomer_joins_with_a_name_and_a_password(lanterne: Tenant) -> None:
    client = opened(invite(lanterne, "lila@invitee.invalid", Role.WORKER, "north"))
    page = client.get(ACCEPT).content.decode()
    assert "Lanterne" in page
    answer = client.post(ACCEPT, NEW)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    with databases.as_owner():
        account = Account.objects.get(email="lila@invitee.invalid")
        teams = list(
            TeamMembership.objects.filter(membership__account=account).values_list("team_id", flat=True)
        )
    assert client.session["_auth_user_id"] == str(account.id)
    cookie = answer.cookies["sessionid"]
    assert cookie.value == client.session.session_key
    assert (cookie["max-age"], cookie["expires"]) == ("", "")  # as after any sign-in: the row says until when
    assert account.display_name == "Lila"
    assert memberships(account.email) == [(lanterne.association.id, ["worker"])]
    assert teams == [lanterne.teams["north"].id]
    again = Client().post(LOGIN, {"login": account.email, "password": NEW["password"]})
    assert again.status_code == 302


def test_a_pasted_link_opens_too(lanterne: Tenant) -> None:
    token = invite(lanterne)
    opened("  https://maraudes.example/invitation/#" + token + "\n")
    half = Client().post(OPEN, {"token": token[:-1]})
    assert half.status_code == 200
    assert "jusqu’au dernier caractère" in half.content.decode()


def test_a_link_opens_once(lanterne: Tenant) -> None:
    token = invite(lanterne)
    first, second = opened(token), opened(token)
    assert first.post(ACCEPT, NEW).status_code == 302
    assert second.post(ACCEPT, {**NEW, "display_name": "Autre"}).status_code == 410
    assert Client().post(OPEN, {"token": token}).status_code == 410


@pytest.mark.parametrize("meanwhile", ["used", "withdrawn"])
def test_a_link_gone_since_its_page_was_shown_makes_no_member(lanterne: Tenant, meanwhile: str) -> None:
    """Found when the page was shown, gone when the form comes: what was found then opens nothing."""
    token = invite(lanterne, "lila@invitee.invalid", Role.LEAD, "north")
    found = invitations.find(hashlib.sha256(token.encode()).digest())
    assert found is not None
    with tenant_transaction(found.scope):
        account = invitations.open_account(found, "Lila", "quatre-mots-sans-rapport", "fr")
    with databases.raw("owner") as owner:
        if meanwhile == "used":
            owner.execute("UPDATE outreach_invitation SET accepted_on = %s", [NOW.date()])
        else:
            owner.execute("DELETE FROM outreach_invitation")
    with pytest.raises(LookupError):
        invitations.join(found, account, now=NOW)
    assert memberships("lila@invitee.invalid") == []


def test_a_link_makes_nobody_else_a_member(lanterne: Tenant, passerelle: Tenant) -> None:
    """Asked of the service itself: the page asks before it."""
    found = invitations.find(hashlib.sha256(invite(lanterne, "lila@invitee.invalid").encode()).digest())
    assert found is not None
    with pytest.raises(LookupError):
        invitations.join(found, passerelle.people["bruno"].account, now=NOW)
    assert [one for one, _roles in memberships(passerelle.people["bruno"].email)] == [
        passerelle.association.id
    ]


def test_a_link_chooses_no_password_for_who_works_elsewhere_meanwhile(
    lanterne: Tenant, passerelle: Tenant
) -> None:
    """The page looked first; the account may have joined another association since."""
    bruno = passerelle.people["bruno"].account
    found = invitations.find(hashlib.sha256(invite(lanterne, bruno.email).encode()).digest())
    assert found is not None
    with tenant_transaction(found.scope), pytest.raises(LookupError):
        invitations.choose_password(found, bruno, "quatre-mots-sans-rapport", "")
    assert signed_in(passerelle.people["bruno"]).get("/maraude/cette-nuit/").status_code == 200


def test_a_link_gives_no_team_at_rest(lanterne: Tenant) -> None:
    token = invite(lanterne, "lila@invitee.invalid", Role.WORKER, "north", "south")
    with databases.raw("owner") as owner:
        owner.execute("UPDATE outreach_team SET active = false WHERE id = %s", [lanterne.teams["north"].id])
    opened(token).post(ACCEPT, NEW)
    with databases.as_owner():
        teams = TeamMembership.objects.filter(membership__account__email="lila@invitee.invalid")
        assert [one.team_id for one in teams] == [lanterne.teams["south"].id]


def test_a_link_ends_at_its_term_and_when_withdrawn(lanterne: Tenant) -> None:
    dead, withdrawn = invite(lanterne, "a@invitee.invalid"), invite(lanterne, "b@invitee.invalid")
    opened(dead)
    client = opened(withdrawn)
    with databases.as_owner():
        Invitation.objects.filter(email="a@invitee.invalid").update(expires_on=NOW.date())
        row = Invitation.objects.get(email="b@invitee.invalid")
    admin = strong(lanterne.people["agnes"])
    assert admin.post(f"/coordination/membres/invitations/{row.id}/retirer/").status_code == 302
    for token in (dead, withdrawn):
        assert Client().post(OPEN, {"token": token}).status_code == 410
    assert client.post(ACCEPT, NEW).status_code == 410
    assert memberships("b@invitee.invalid") == []


def test_a_wrong_token_opens_nothing_and_is_counted(lanterne: Tenant) -> None:
    assert Client().post(OPEN, {"token": "A" * 43}).status_code == 410
    assert Client().get(ACCEPT).status_code == 410
    with databases.raw("owner") as owner:
        assert owner.execute("SELECT kind, count FROM audit_anonymouscounter").fetchall() == [("link", 1)]


def test_somebody_of_another_association_signs_in_and_joins(lanterne: Tenant, passerelle: Tenant) -> None:
    bruno = passerelle.people["bruno"]
    client = opened(invite(lanterne, bruno.email, Role.LEAD, "south"))
    page = client.get(ACCEPT).content.decode()
    assert f"{LOGIN}?next={ACCEPT}" in page
    refused = client.post(ACCEPT, NEW)
    assert refused.status_code == 200
    assert [place for place, _roles in memberships(bruno.email)] == [passerelle.association.id]
    answer = client.post(
        f"{LOGIN}?next={ACCEPT}", {"login": bruno.email, "password": PASSWORD, "next": ACCEPT}
    )
    assert answer["Location"] == ACCEPT
    assert client.post(ACCEPT).status_code == 302
    assert {place for place, _roles in memberships(bruno.email)} == {
        lanterne.association.id,
        passerelle.association.id,
    }
    assert "Lanterne" in client.get("/place/").content.decode()


def test_somebody_elses_link_is_not_taken_by_who_is_signed_in(lanterne: Tenant) -> None:
    client = opened(invite(lanterne), signed_in(lanterne.people["omar"]))
    assert client.get(ACCEPT).status_code == 200
    client.post(ACCEPT, NEW)
    assert memberships("lila@invitee.invalid") == []
    assert memberships(lanterne.people["omar"].email) == [(lanterne.association.id, ["worker"])]


def test_a_lost_password_is_answered_by_a_new_link(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    older = signed_in(omar)
    assert older.get("/place/").status_code == 200
    admin = strong(lanterne.people["agnes"])
    link = admin.post(f"/coordination/membres/{omar.membership.id}/lien/").context["link"]
    client = opened(link)
    fresh = {"password": "encore-un-mot-de-passe-long", "again": "encore-un-mot-de-passe-long"}
    assert client.post(ACCEPT, fresh).status_code == 302
    assert client.get("/place/").status_code == 200
    assert older.get("/place/").status_code == 302
    assert Client().post(LOGIN, {"login": omar.email, "password": PASSWORD}).status_code == 200
    with databases.as_owner():
        assert TeamMembership.objects.filter(membership=omar.membership).count() == 1


def test_a_new_password_does_not_replace_the_second_factor(lanterne: Tenant) -> None:
    claire = lanterne.people["claire"]
    secret = enrol(signed_in(claire))
    client = opened(invite(lanterne, claire.email, Role.COORDINATOR))
    fresh = {"password": "encore-un-mot-de-passe-long", "again": "encore-un-mot-de-passe-long"}
    assert client.post(ACCEPT, fresh)["Location"] == SECOND_STEP
    assert "_auth_user_id" not in client.session
    client.post(SECOND_STEP, {"code": code(secret)})
    assert client.session["_auth_user_id"] == str(claire.id)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"again": "autre-chose-de-long"}, "différents"),
        ({"password": "court", "again": "court"}, "12"),
        ({"password": "lila@invitee.invalid", "again": "lila@invitee.invalid"}, ""),
        ({"display_name": ""}, ""),
    ],
)
def test_a_bad_answer_is_sent_back_and_changes_nothing(
    lanterne: Tenant, change: dict[str, str], said: str
) -> None:
    client = opened(invite(lanterne))
    answer = client.post(ACCEPT, {**NEW, **change})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert memberships("lila@invitee.invalid") == []
    assert client.post(ACCEPT, NEW).status_code == 302


def test_a_second_invitation_ends_the_first(lanterne: Tenant) -> None:
    first, second = invite(lanterne), invite(lanterne)
    assert Client().post(OPEN, {"token": first}).status_code == 410
    opened(second)


def test_an_invitation_lives_as_long_as_the_policy_says(lanterne: Tenant) -> None:
    invite(lanterne)
    with databases.as_owner():
        assert Invitation.objects.get().expires_on == NOW.date() + timedelta(days=7)


def test_the_invitations_of_others_are_out_of_sight(lanterne: Tenant, passerelle: Tenant) -> None:
    invite(lanterne)
    with tenant_transaction(lanterne.scope()):
        assert Invitation.objects.count() == 1
    with tenant_transaction(passerelle.scope()):
        assert Invitation.objects.count() == 0
    with tenant_transaction(Scope()):
        assert Invitation.objects.count() == 0


def test_a_mail_is_sent_only_where_there_is_a_server_and_it_is_asked_for(lanterne: Tenant) -> None:
    admin = strong(lanterne.people["agnes"])
    asked = {"email": "lila@invitee.invalid", "roles": ["partner"], "by_mail": "on"}
    page = "/coordination/membres/inviter/"
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):  # as installed
        assert "by_mail" not in admin.get(page).content.decode()
        assert admin.post(page, asked).context["mail"] == ""
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        assert "by_mail" in admin.get(page).content.decode()
        admin.post(page, {**asked, "by_mail": ""})
        assert mail.outbox == []
        answer = admin.post(page, asked)
        assert answer.context["mail"] == "sent"
        assert [message.to for message in mail.outbox] == [["lila@invitee.invalid"]]
        assert answer.context["link"] in mail.outbox[0].body


def test_a_mail_that_does_not_leave_does_not_lose_the_link(lanterne: Tenant) -> None:
    nowhere = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": 9,
    }
    with override_settings(**nowhere):
        answer = strong(lanterne.people["agnes"]).post(
            "/coordination/membres/inviter/",
            {"email": "lila@invitee.invalid", "roles": ["partner"], "by_mail": "on"},
        )
    assert answer.context["mail"] == "failed"
    assert "pas parti" in answer.content.decode()
    opened(answer.context["link"])
