"""Nobody widens what they see alone: an administrator's own role waits for another person, or seven days for an auditor's no."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from outreach.members import approvals, invitations, notices, services
from outreach.members.models import Membership, RoleNotice, TeamMembership
from outreach.roles import Role
from privacy.db.scope import Scope, tenant_transaction
from tests import databases
from tests.factories import ACTOR, NIGHT, NOW, Person, Tenant, invited
from tests.outreach.members.people import strong
from tests.outreach.members.test_forgetting import run
from tests.outreach.members.test_people import MEMBERS, path, stored
from tests.reading import typed

pytestmark = pytest.mark.database
WANTED = {"roles": ["admin", "worker"]}


def ask(lanterne: Tenant, admin: Client, **more: object) -> str:
    """The administrator asks for a role in the north team; the page they land on."""
    wanted = {**WANTED, "teams": [str(lanterne.teams["north"].id)], **more}
    return admin.post(path(lanterne.people["agnes"]), wanted, follow=True).content.decode()


def second_admin(lanterne: Tenant) -> Person:
    claire = lanterne.people["claire"]
    with databases.as_owner():
        Membership.objects.filter(id=claire.membership.id).update(roles=["admin"])
    return claire


def without_auditor(lanterne: Tenant) -> None:
    with databases.as_owner():
        Membership.objects.filter(id=lanterne.people["victor"].membership.id).update(roles=["partner"])


def asked(days: int = 0) -> RoleNotice:
    """The request; with `days`, as if it had been made that long ago."""
    with databases.as_owner():
        notice = RoleNotice.objects.get(own=True)
        notice.asked_on -= timedelta(days=days)
        notice.save()
        return notice


def entries() -> list[tuple[str, str, str]]:
    """(event, roles of the actor, which role) of the log's entries about roles, sorted."""
    with databases.raw("owner") as owner:
        rows = owner.execute(
            "SELECT event, split_part(actor, ':', 1), outcome FROM audit_pendingevent WHERE event LIKE '%role%'"
        ).fetchall()
    return sorted(rows)


def reads(client: Client) -> bool:
    return client.get(reverse("field:notes")).status_code == 200


def test_an_administrator_does_not_take_a_role_that_reads(lanterne: Tenant) -> None:
    agnes, admin = lanterne.people["agnes"], strong(lanterne.people["agnes"])
    for wanted in (
        {"roles": ["admin", "worker"], "teams": [str(lanterne.teams["north"].id)]},
        {"roles": ["admin", "lead"], "teams": [str(lanterne.teams["south"].id)]},
        {"roles": ["admin", "coordinator"]},
        {"roles": ["admin", "auditor"]},
        {"roles": ["admin"], "teams": [str(lanterne.teams["north"].id)]},
    ):
        page = admin.post(path(agnes), wanted, follow=True).content.decode()
        assert "Votre demande est notée" in page, wanted
        assert stored(agnes).roles == ["admin"]
        assert not reads(admin)
        assert admin.get(reverse("auditing:consent")).status_code == 403
        assert admin.get(reverse("coordination:home")).status_code == 403
    with databases.as_owner():
        assert not TeamMembership.objects.filter(membership=agnes.membership).exists()
        assert RoleNotice.objects.filter(own=True).count() == 1  # the newest takes the place of the older


def test_a_team_more_of_ones_own_waits_too(lanterne: Tenant) -> None:
    """Who holds a role of the field by right does not add every other team to it."""
    agnes = lanterne.people["agnes"]
    with databases.as_owner():
        Membership.objects.filter(id=agnes.membership.id).update(roles=["admin", "worker"])
        TeamMembership.objects.create(
            association=lanterne.association, team=lanterne.teams["north"], membership=agnes.membership
        )
    admin = strong(agnes)
    both = [str(team.id) for team in lanterne.teams.values()]
    assert "Votre demande est notée" in ask(lanterne, admin, teams=both)
    with databases.as_owner():
        teams = [row.team_id for row in TeamMembership.objects.filter(membership=agnes.membership)]
    assert teams == [lanterne.teams["north"].id]


def test_ones_own_page_says_before_that_another_person_confirms(lanterne: Tenant) -> None:
    agnes, admin = lanterne.people["agnes"], strong(lanterne.people["agnes"])
    said = "Un rôle ou une équipe de plus attend qu’une autre personne confirme"
    assert said in admin.get(path(agnes)).content.decode()
    assert said not in admin.get(path(lanterne.people["omar"])).content.decode()


def test_another_administrator_confirms(lanterne: Tenant) -> None:
    agnes, other = lanterne.people["agnes"], strong(second_admin(lanterne))
    admin = strong(agnes)
    ask(lanterne, admin)
    mine, theirs = (typed(who.get(MEMBERS).content.decode()) for who in (admin, other))
    assert "doit confirmer" in mine and "Annuler ma demande" in mine
    assert "Confirmer" in theirs and "</strong> : Membre d’équipe (<" in theirs and "Équipe Nord" in theirs
    confirm = reverse("coordination:role_confirm", args=[asked().id])
    assert "Rien n’a changé" in admin.post(confirm, follow=True).content.decode()
    assert stored(agnes).roles == ["admin"]
    assert "Les rôles demandés sont donnés" in other.post(confirm, follow=True).content.decode()
    assert stored(agnes).roles == ["admin", "worker"]
    assert reads(admin)
    assert other.post(confirm).status_code == 404
    assert entries() == [
        ("own_role_asked", "admin", "worker"),
        ("own_role_granted", "admin", "worker"),
    ]


def test_giving_back_needs_nobody_and_is_told(lanterne: Tenant) -> None:
    agnes = lanterne.people["agnes"]
    with databases.as_owner():
        Membership.objects.filter(id=agnes.membership.id).update(roles=["admin", "auditor"])
    strong(agnes).post(path(agnes), {"roles": ["admin"]})
    assert stored(agnes).roles == ["admin"]
    assert entries() == [("own_role_removed", "admin+auditor", "auditor")]


def test_the_only_administrator_waits_seven_days_under_the_auditors_eyes(lanterne: Tenant) -> None:
    agnes, admin = lanterne.people["agnes"], strong(lanterne.people["agnes"])
    auditor = strong(lanterne.people["victor"])
    ledger = reverse("auditing:ledger")
    assert "Rôles demandés pour soi" not in auditor.get(ledger).content.decode()
    ask(lanterne, admin)
    for page in ("auditing:ledger", "auditing:consent", "auditing:log"):
        shown = auditor.get(reverse(page)).content.decode()
        assert "Rôles demandés pour soi" in shown and "Membre d’équipe" in shown
        assert "agnes@" not in shown and "Agnes" not in shown
    assert "Rôles demandés" not in admin.get(ledger).content.decode()
    confirm = reverse("coordination:role_confirm", args=[asked().id])
    asked(days=6)
    assert "dans 7 jours" not in admin.get(MEMBERS).content.decode()
    assert "Prendre ce rôle" not in admin.get(MEMBERS).content.decode()
    admin.post(confirm)
    assert stored(agnes).roles == ["admin"]
    asked(days=1)
    assert "Prendre ce rôle" in admin.get(MEMBERS).content.decode()
    admin.post(confirm)
    assert stored(agnes).roles == ["admin", "worker"]
    assert reads(admin)


def test_an_auditor_refuses(lanterne: Tenant) -> None:
    agnes, admin = lanterne.people["agnes"], strong(lanterne.people["agnes"])
    auditor = strong(lanterne.people["victor"])
    ask(lanterne, admin)
    notice = asked(days=7)
    refuse = reverse("auditing:role_refuse", args=[notice.id])
    assert "La demande est refusée" in auditor.post(refuse, follow=True).content.decode()
    assert admin.post(reverse("coordination:role_confirm", args=[notice.id])).status_code == 404
    assert stored(agnes).roles == ["admin"]
    assert [entry for entry in entries() if entry[0] == "own_role_refused"] == [
        ("own_role_refused", "auditor", "worker")
    ]


def test_a_request_is_taken_back_or_refused_and_ends_by_itself(lanterne: Tenant) -> None:
    agnes, admin = lanterne.people["agnes"], strong(lanterne.people["agnes"])
    other = strong(second_admin(lanterne))
    for client in (admin, other):
        ask(lanterne, admin)
        client.post(reverse("coordination:role_cancel", args=[asked().id]))
        assert stored(agnes).roles == ["admin"]
        with databases.as_owner():
            assert not RoleNotice.objects.filter(own=True).exists()
    ask(lanterne, admin)
    notice = asked()
    with databases.as_owner():
        RoleNotice.objects.filter(id=notice.id).update(expires_on=NIGHT)
    assert "Rôles demandés" not in other.get(MEMBERS).content.decode()
    assert other.post(reverse("coordination:role_confirm", args=[notice.id])).status_code == 404


def test_where_nobody_would_see_it_nothing_is_asked(lanterne: Tenant) -> None:
    without_auditor(lanterne)
    page = ask(lanterne, strong(lanterne.people["agnes"]))
    assert "personne d’autre ne verrait" in page
    with databases.as_owner():
        assert not RoleNotice.objects.filter(own=True).exists()


def test_the_seventh_day_is_worth_nothing_once_somebody_could_confirm(lanterne: Tenant) -> None:
    """A second administrator, or no auditor any more: the wait alone gives nothing, and the database says so."""
    agnes, admin = lanterne.people["agnes"], strong(lanterne.people["agnes"])
    ask(lanterne, admin)
    confirm = reverse("coordination:role_confirm", args=[asked(days=8).id])
    without_auditor(lanterne)
    admin.post(confirm)
    assert stored(agnes).roles == ["admin"]
    second_admin(lanterne)
    admin.post(confirm)
    assert stored(agnes).roles == ["admin"]


def test_the_database_refuses_what_the_pages_would(lanterne: Tenant) -> None:
    """Under the web's own role, past every service: roles and teams of the one who acts, and a request dated back."""
    agnes, north = lanterne.people["agnes"], lanterne.teams["north"]
    mine = Scope(lanterne.association.id, account_id=agnes.id)
    for role in ("worker", "lead", "coordinator", "auditor"):
        with pytest.raises(DatabaseError, match="own roles need somebody else"), tenant_transaction(mine):
            Membership.objects.filter(id=agnes.membership.id).update(roles=["admin", role])
    with pytest.raises(DatabaseError, match="own teams need somebody else"), tenant_transaction(mine):
        TeamMembership.objects.create(
            association=lanterne.association, team=north, membership=agnes.membership
        )
    with pytest.raises(DatabaseError, match="row-level security"), tenant_transaction(mine):
        RoleNotice.objects.create(
            association=lanterne.association,
            membership=agnes.membership,
            own=True,
            roles=["admin", "worker"],
            asked_on=NIGHT - timedelta(days=8),
            expires_on=NIGHT + timedelta(days=7),
        )
    with tenant_transaction(mine):
        approvals.ask(agnes.membership, [Role.ADMIN, Role.WORKER], [north], actor=ACTOR, now=NOW)
    with pytest.raises(DatabaseError, match="permission denied"), tenant_transaction(mine):
        RoleNotice.objects.update(asked_on=NIGHT - timedelta(days=8))
    with tenant_transaction(mine):  # others are an administrator's to change, and one's own may shrink
        Membership.objects.filter(id=lanterne.people["omar"].membership.id).update(roles=["lead"])
        with pytest.raises(services.NeedsAnother):
            services.change_access(
                agnes.membership, [Role.AUDITOR], [], by=agnes.membership.id, actor=ACTOR, now=NOW
            )


def test_a_link_of_ones_own_making_gives_oneself_nothing(lanterne: Tenant) -> None:
    """An invitation to one's own address, made past the form: the link opens, the membership stays as it was."""
    agnes = lanterne.people["agnes"]
    token = invited(lanterne, agnes.email, Role.AUDITOR)
    token_hash = invitations.hash_of(token)
    assert token_hash is not None
    found = invitations.find(token_hash)
    assert found is not None
    with pytest.raises(DatabaseError, match="own roles need somebody else"):
        invitations.join(found, agnes.account, now=NOW)
    assert stored(agnes).roles == ["admin"]


def test_what_one_administrator_gives_alone_is_shown_to_the_auditor(lanterne: Tenant) -> None:
    """A second address of one's own cannot be told from a colleague's: so it is read, and the log names the roles."""
    admin, auditor = strong(lanterne.people["agnes"]), strong(lanterne.people["victor"])
    north = str(lanterne.teams["north"].id)
    admin.post(
        "/coordination/membres/inviter/", {"email": "a@b.invalid", "roles": ["lead"], "teams": [north]}
    )
    admin.post(path(lanterne.people["omar"]), {"roles": ["lead", "worker"], "teams": [north]})
    admin.post(path(lanterne.people["salome"], "lien/"))
    page = auditor.get(reverse("auditing:ledger"))
    assert "administration seule" in page.content.decode()
    assert {row["role"]: row["times"] for row in page.context["given"]} == {
        "Responsable d’équipe": 2,
        "Membre d’équipe": 1,
    }
    assert entries() == [("role_granted", "admin", "lead")]
    with databases.raw("owner") as owner:
        assert owner.execute(
            "SELECT count(*) FROM audit_pendingevent WHERE event = 'account_link_made'"
        ).fetchone() == (1,)


def test_with_a_second_administrator_nothing_is_given_alone(lanterne: Tenant) -> None:
    second_admin(lanterne)
    admin, auditor = strong(lanterne.people["agnes"]), strong(lanterne.people["victor"])
    admin.post(path(lanterne.people["omar"]), {"roles": ["partner"]})
    admin.post("/coordination/membres/inviter/", {"email": "a@b.invalid", "roles": ["auditor"]})
    assert auditor.get(reverse("auditing:ledger")).context["given"] == []
    assert entries() == [("role_granted", "admin", "partner"), ("role_removed", "admin", "worker")]


def test_a_notice_says_no_person_to_the_auditors_role(lanterne: Tenant) -> None:
    ask(lanterne, strong(lanterne.people["agnes"]))
    with databases.raw("audit") as audit:
        audit.execute("SELECT set_config('app.association_id', %s, false)", [str(lanterne.association.id)])
        assert audit.execute("SELECT count(id) FROM outreach_rolenotice").fetchone() == (1,)
        for column in ("membership_id", "team_ids", "*"):
            with pytest.raises(Exception, match="permission denied"):
                audit.execute(f"SELECT {column} FROM outreach_rolenotice")
        audit.execute("SELECT set_config('app.association_id', %s, false)", [str(lanterne.teams["north"].id)])
        assert audit.execute("SELECT count(id) FROM outreach_rolenotice").fetchone() == (0,)


def test_notices_are_forgotten_on_their_day(lanterne: Tenant) -> None:
    admin = strong(lanterne.people["agnes"])
    ask(lanterne, admin)
    admin.post(path(lanterne.people["omar"], "lien/"))
    assert run("role notices", NIGHT + notices.TERM - timedelta(days=1)) == 0
    assert run("role notices", NIGHT + notices.TERM) == 1
    assert run("role notices", NIGHT + timedelta(days=90)) == 1


def test_an_end_takes_the_request_along(lanterne: Tenant) -> None:
    other = strong(second_admin(lanterne))
    ask(lanterne, strong(lanterne.people["agnes"]))
    assert asked().own
    other.post(path(lanterne.people["agnes"], "fin/"))
    with databases.as_owner():
        assert not RoleNotice.objects.filter(own=True).exists()


def test_a_request_that_somebody_answers_meanwhile_is_told_so(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two administrators, or one and an auditor, at the same moment: the later one reads a sentence."""
    agnes, other = lanterne.people["agnes"], strong(second_admin(lanterne))
    ask(lanterne, strong(agnes))
    confirm = reverse("coordination:role_confirm", args=[asked().id])

    def answered_first(_association_id: object, *_roles: object) -> None:
        with databases.raw("owner") as owner:
            owner.execute("DELETE FROM outreach_rolenotice")

    monkeypatch.setattr(approvals, "lock_to_decide", answered_first)
    answer = other.post(confirm, follow=True)
    assert answer.status_code == 200 and "a déjà une réponse" in answer.content.decode()
    assert stored(agnes).roles == ["admin"]


def test_a_role_of_a_team_at_rest_is_not_given(lanterne: Tenant) -> None:
    """The request was made for a team; a role of the field without one is refused everywhere else as well."""
    agnes, other = lanterne.people["agnes"], strong(second_admin(lanterne))
    ask(lanterne, strong(agnes))
    with databases.as_owner():
        lanterne.teams["north"].active = False
        lanterne.teams["north"].save()
    page = other.post(reverse("coordination:role_confirm", args=[asked().id]), follow=True).content.decode()
    assert "au repos" in page
    assert stored(agnes).roles == ["admin"]
