"""Nobody coordinates and works in a team by one membership: refused on the page, by command and by the tables."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.urls import reverse

from demo.accounts import DEMO_ACCOUNTS
from outreach.members import services
from outreach.members.models import Invitation, Membership, TeamMembership
from outreach.roles import FIELD, Role, clash
from privacy.db.scope import Scope, tenant_transaction
from tests import databases
from tests.factories import ACTOR, NOW, Tenant, invited
from tests.outreach.members.people import strong
from tests.outreach.members.test_people import path, stored

pytestmark = pytest.mark.database
INVITE = "/coordination/membres/inviter/"


@pytest.mark.parametrize("role", sorted(FIELD))
def test_the_pages_refuse_both(lanterne: Tenant, role: Role) -> None:
    admin, omar, north = (
        strong(lanterne.people["agnes"]),
        lanterne.people["omar"],
        str(lanterne.teams["north"].id),
    )
    both = {"roles": ["coordinator", role.value], "teams": [north]}
    for page, more in ((INVITE, {"email": "lila@invitee.invalid"}), (path(omar), {})):
        answer = admin.post(page, {**both, **more})
        assert answer.status_code == 200
        assert "ne vont pas ensemble" in answer.content.decode()
    assert stored(omar).roles == ["worker"]
    assert admin.post(path(omar), {"roles": ["coordinator"]}).status_code == 302
    assert stored(omar).roles == ["coordinator"]


def test_commands_and_services_refuse_both(lanterne: Tenant) -> None:
    with databases.as_worker(), pytest.raises(CommandError, match="ne vont pas ensemble"):
        call_command(
            "invite",
            "lanterne",
            "a@b.invalid",
            *("--role", "coordinator", "--role", "lead", "--team", "Équipe Nord"),
        )
    with tenant_transaction(Scope(lanterne.association.id, account_id=lanterne.people["agnes"].id)):
        omar = Membership.objects.get(id=lanterne.people["omar"].membership.id)
        with pytest.raises(ValueError, match="roles"):
            services.change_access(
                omar,
                [Role.COORDINATOR, Role.LEAD],
                lanterne.teams.values(),
                by=lanterne.people["agnes"].membership.id,
                actor=ACTOR,
                now=NOW,
            )


def test_the_tables_refuse_both(lanterne: Tenant) -> None:
    invited(lanterne, "lila@invitee.invalid", Role.COORDINATOR)
    for table in (
        Membership.objects.filter(account=lanterne.people["omar"].account),
        Invitation.objects.all(),
    ):
        with databases.as_owner():
            assert table.update(roles=["admin", "lead"]) == 1
            with pytest.raises(IntegrityError):
                table.update(roles=["coordinator", "lead"])


def test_a_coordinator_who_is_in_a_team_opens_nothing_of_it(lanterne: Tenant) -> None:
    claire = lanterne.people["claire"]
    with databases.as_owner():
        TeamMembership.objects.create(
            association=lanterne.association, team=lanterne.teams["north"], membership=claire.membership
        )
    client = strong(claire)
    assert client.get(reverse("coordination:home")).status_code == 200
    for page in ("field:tonight", "field:notes", "maps:team"):
        assert client.get(reverse(page)).status_code == 403, page


def test_who_held_both_keeps_the_team(lanterne: Tenant) -> None:
    omar, claire = lanterne.people["omar"], lanterne.people["claire"]
    with databases.before("outreach", "0019_links_end_with_access") as today:
        with databases.raw("owner") as owner:
            owner.execute(
                "UPDATE outreach_membership SET roles = '{admin,coordinator,worker}' WHERE id = %s",
                [omar.membership.id],
            )
        today()
    assert stored(omar).roles == ["admin", "worker"]
    assert stored(claire).roles == ["coordinator"]


def test_no_account_of_the_demonstration_holds_both() -> None:
    assert DEMO_ACCOUNTS
    assert not [acting.login for acting in DEMO_ACCOUNTS if clash(acting.roles)]


def test_roles_that_change_under_a_form_are_told_so(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing more was asked for when the form was read; under the lock it was more, because another took a role away."""
    agnes, answers = lanterne.people["agnes"], iter((False, True))
    monkeypatch.setattr(services, "widens", lambda *_access: next(answers))
    answer = strong(agnes).post(path(agnes), {"roles": ["admin", "partner"]}, follow=True)
    assert answer.status_code == 200 and "changé entre-temps" in answer.content.decode()
    assert stored(agnes).roles == ["admin"]
