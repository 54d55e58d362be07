"""What an administrator does with members: presence first, then absence; and nothing of another association."""

from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import DatabaseError
from django.test import Client

from outreach.members.models import Membership, Team, TeamMembership
from privacy.db.scope import Scope, tenant_transaction
from tests import databases
from tests.factories import Person, Tenant
from tests.outreach.members.people import enrol, signed_in, strong

pytestmark = pytest.mark.database
MEMBERS = "/coordination/membres/"


def path(person: Person, act: str = "") -> str:
    return f"{MEMBERS}{person.membership.id}/{act}"


def stored(person: Person) -> Membership:
    with databases.as_owner():
        return Membership.objects.get(id=person.membership.id)


def events(kind: str) -> list[tuple[str, str]]:
    """(role of the actor, kind of thing) of the log entries of an event."""
    with databases.raw("owner") as owner:
        rows = owner.execute(
            "SELECT actor, subject_kind FROM audit_pendingevent WHERE event = %s", [kind]
        ).fetchall()
    return sorted((actor.partition(":")[0], what) for actor, what in rows)


def test_the_list_shows_ones_own_people_only(lanterne: Tenant, passerelle: Tenant) -> None:
    page = strong(lanterne.people["agnes"]).get(MEMBERS).content.decode()
    for name in (
        "Nadia",
        "Omar",
        "Salome",
        "Claire",
        "Agnes",
        "Victor",
        "Paul",
        "omar@lanterne.invalid",
        "Équipe Nord",
    ):
        assert name in page
    for name in ("Bruno", "Irene", "passerelle", "Équipe des quais"):
        assert name not in page


def test_roles_and_teams_change(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    phone = signed_in(omar)
    assert phone.get("/").wsgi_request.acting.team_ids == {lanterne.teams["north"].id}  # type: ignore[attr-defined]
    admin = strong(lanterne.people["agnes"])
    assert admin.get(path(omar)).status_code == 200
    answer = admin.post(path(omar), {"roles": ["lead", "worker"], "teams": [str(lanterne.teams["south"].id)]})
    assert answer.status_code == 302
    assert stored(omar).roles == ["lead", "worker"]
    acting = phone.get("/").wsgi_request.acting  # type: ignore[attr-defined]
    assert acting.team_ids == {lanterne.teams["south"].id}
    assert events("member_changed") == [("admin", "teams")]
    assert events("role_granted") == [("admin", "role")]


def test_a_role_that_sees_more_asks_for_a_second_factor_at_once(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    phone = signed_in(omar)
    assert phone.get("/compte/appareils/").status_code == 200
    strong(lanterne.people["agnes"]).post(path(omar), {"roles": ["coordinator"], "teams": []})
    assert phone.get("/compte/appareils/").status_code == 403
    assert phone.get("/")["Location"] == "/compte/second-facteur/"


def test_the_end_is_shown_first_then_done_and_can_be_undone(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    phone, admin = signed_in(omar), strong(lanterne.people["agnes"])
    page = admin.get(path(omar, "fin/"))
    assert "90 jours" in page.content.decode()
    assert stored(omar).ended_on is None
    assert phone.get("/place/").status_code == 200
    assert admin.post(path(omar, "fin/")).status_code == 302
    assert stored(omar).ended_on is not None
    assert phone.get("/place/").status_code == 302
    late = signed_in(omar)
    assert late.get("/").status_code == 403
    assert "Personnes parties" in admin.get(MEMBERS).content.decode()
    assert admin.post(path(omar, "retour/")).status_code == 302
    assert stored(omar).ended_on is None
    with databases.as_owner():
        assert TeamMembership.objects.filter(membership=omar.membership).exists()
    assert late.get("/").wsgi_request.acting is not None  # type: ignore[attr-defined]
    assert events("member_changed") == [("admin", "ended"), ("admin", "returned")]


def test_the_last_administrator_stays(lanterne: Tenant) -> None:
    agnes, claire = lanterne.people["agnes"], lanterne.people["claire"]
    admin = strong(agnes)
    admin.post(path(agnes), {"roles": ["partner"]})
    assert stored(agnes).roles == ["admin"]
    page = admin.post(path(agnes, "fin/"), follow=True)
    assert "plus d’administration" in page.content.decode()
    assert stored(agnes).ended_on is None
    admin.post(path(claire), {"roles": ["admin", "coordinator"]})
    admin.post(path(agnes), {"roles": ["partner"]})
    assert stored(agnes).roles == ["partner"]


def test_an_administrator_signs_a_member_out_everywhere(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    phones = [signed_in(omar), signed_in(omar)]
    nadia = signed_in(lanterne.people["nadia"])
    assert all(phone.get("/place/").status_code == 200 for phone in phones)
    admin = strong(lanterne.people["agnes"])
    assert admin.post(path(omar, "deconnecter/")).status_code == 302
    assert all(phone.get("/place/").status_code == 302 for phone in phones)
    assert nadia.get("/place/").status_code == 200
    assert events("session_revoked") == [("admin", "sessions")]


def test_a_lost_second_factor_is_taken_away(lanterne: Tenant) -> None:
    claire = lanterne.people["claire"]
    enrol(signed_in(claire))
    assert "_auth_user_id" not in signed_in(claire).session
    assert strong(lanterne.people["agnes"]).post(path(claire, "deuxieme-etape/")).status_code == 302
    client = signed_in(claire)
    assert client.session["_auth_user_id"] == str(claire.id)
    assert client.get("/")["Location"] == "/compte/second-facteur/"


def test_nobody_elses_members_can_be_touched(lanterne: Tenant, passerelle: Tenant) -> None:
    bruno = passerelle.people["bruno"]
    phone = signed_in(bruno)
    admin = strong(lanterne.people["agnes"])
    assert admin.get(path(lanterne.people["omar"])).status_code == 200
    assert admin.get(path(bruno)).status_code == 404
    for act in ("", "fin/", "retour/", "deconnecter/", "deuxieme-etape/", "lien/"):
        assert admin.post(path(bruno, act), {"roles": ["worker"]}).status_code == 404
    assert phone.get("/place/").status_code == 200
    assert stored(bruno).ended_on is None


def test_a_person_of_two_associations_keeps_the_factor_the_other_asked_for(
    lanterne: Tenant, passerelle: Tenant
) -> None:
    irene = passerelle.people["irene"]
    enrol(signed_in(irene))
    with databases.as_owner():
        here = Membership.objects.create(
            association=lanterne.association, account=irene.account, roles=["worker"]
        )
    page = strong(lanterne.people["agnes"]).post(f"{MEMBERS}{here.id}/deuxieme-etape/", follow=True)
    assert "Rien n’a changé" in page.content.decode()
    with databases.as_owner():
        assert Authenticator.objects.filter(user=irene.account).exists()


def test_a_person_of_two_associations_is_signed_out_by_neither(lanterne: Tenant, passerelle: Tenant) -> None:
    """Ending the membership here shuts this association's pages at once, and the night elsewhere goes on."""
    bruno = passerelle.people["bruno"]
    with databases.as_owner():
        here = Membership.objects.create(
            association=lanterne.association, account=bruno.account, roles=["worker"]
        )
    phone = signed_in(bruno)
    admin = strong(lanterne.people["agnes"])
    assert "Lanterne" in phone.get("/place/").content.decode()
    page = admin.post(f"{MEMBERS}{here.id}/deconnecter/", follow=True)
    assert "Rien n’a changé" in page.content.decode()
    assert events("session_revoked") == []
    admin.post(f"{MEMBERS}{here.id}/fin/")
    places = phone.get("/place/")
    assert places.status_code == 200
    assert "Lanterne" not in places.content.decode() and "Passerelle" in places.content.decode()


def test_somebody_who_left_for_another_association_is_out_of_reach(
    lanterne: Tenant, passerelle: Tenant
) -> None:
    """One live membership, and it is elsewhere: her former administrators neither take her second factor nor sign her out."""
    irene = passerelle.people["irene"]
    enrol(signed_in(irene))
    with databases.as_owner():
        left = Membership.objects.create(
            association=lanterne.association,
            account=irene.account,
            roles=["worker"],
            ended_on=date(2026, 1, 1),
        )
    admin = strong(lanterne.people["agnes"])
    for act in ("deuxieme-etape", "deconnecter"):
        admin.post(f"{MEMBERS}{left.id}/{act}/", follow=True)
    with databases.as_owner():
        assert Authenticator.objects.filter(user=irene.account).exists()
        assert UserSession.objects.filter(user=irene.account).exists()


def test_the_narrow_functions_ask_who_calls(lanterne: Tenant, passerelle: Tenant) -> None:
    """The same call as the administrator, as a worker, as nobody, and as the administrator of elsewhere."""
    omar, agnes, nadia = (lanterne.people[name] for name in ("omar", "agnes", "nadia"))
    enrol(signed_in(omar))
    with databases.as_owner():
        Membership.objects.create(association=passerelle.association, account=nadia.account, roles=["admin"])

    def call(function: str, association: Tenant | None, account: Person | None) -> int:
        with tenant_transaction(
            Scope(
                association.association.id if association else None,
                account_id=account.id if account else None,
            )
        ):
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {function}(%s)", [omar.membership.id])
                return int(cursor.fetchone()[0])

    for function in ("outreach_reset_second_factor", "outreach_end_sessions"):
        for association, account in (
            (lanterne, nadia),
            (None, None),
            (passerelle, nadia),
            (passerelle, agnes),
        ):
            assert call(function, association, account) == 0
        assert call(function, lanterne, agnes) > 0


def test_the_auditor_s_role_may_not_call_them(lanterne: Tenant) -> None:
    with databases.raw("audit") as connection, pytest.raises(Exception, match="permission denied"):
        connection.execute("SELECT outreach_end_sessions(%s)", [lanterne.people["omar"].membership.id])


def test_teams_are_made_rested_and_woken(lanterne: Tenant) -> None:
    admin, omar = strong(lanterne.people["agnes"]), signed_in(lanterne.people["omar"])
    teams = "/coordination/equipes/"
    assert "Équipe Nord" in admin.get(teams).content.decode()
    assert admin.post(teams, {"name": "Équipe Gare"}).status_code == 302
    assert "déjà ce nom" in admin.post(teams, {"name": "Équipe Gare"}).content.decode()
    assert "Équipe Gare" in admin.get(teams).content.decode()
    north = lanterne.teams["north"]
    assert omar.get("/").wsgi_request.acting.team_ids == {north.id}  # type: ignore[attr-defined]
    admin.post(f"{teams}{north.id}/")
    assert omar.get("/").wsgi_request.acting.team_ids == frozenset()  # type: ignore[attr-defined]
    admin.post(f"{teams}{north.id}/")
    assert omar.get("/").wsgi_request.acting.team_ids == {north.id}  # type: ignore[attr-defined]


def test_a_team_of_another_association_cannot_be_given(lanterne: Tenant, passerelle: Tenant) -> None:
    quay, omar = passerelle.teams["quay"], lanterne.people["omar"]
    admin = strong(lanterne.people["agnes"])
    answer = admin.post(path(omar), {"roles": ["worker"], "teams": [str(quay.id)]})
    assert answer.status_code == 200  # sent back: no such choice
    assert admin.post(f"/coordination/equipes/{quay.id}/").status_code == 404
    with databases.as_owner():
        assert Team.objects.get(id=quay.id).active
        assert not TeamMembership.objects.filter(team=quay, membership=omar.membership).exists()
    with pytest.raises(DatabaseError), tenant_transaction(lanterne.scope()):
        TeamMembership.objects.create(association=lanterne.association, team=quay, membership=omar.membership)


def test_members_pages_are_for_administrators(lanterne: Tenant) -> None:
    for name in ("omar", "nadia", "paul"):
        client = signed_in(lanterne.people[name])
        assert client.get("/place/").status_code == 200
        for page in (MEMBERS, path(lanterne.people["omar"]), "/coordination/equipes/"):
            assert client.get(page).status_code == 403
    for name in ("claire", "victor"):
        assert strong(lanterne.people[name]).get(MEMBERS).status_code == 403
    assert Client().get(MEMBERS).status_code == 302
