"""Nobody coordinates and works in a team by one membership: refused on the page, by command and by the tables."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.urls import reverse

from outreach.members import services
from outreach.members.models import Invitation, Membership, TeamMembership
from outreach.roles import FIELD, Role, clash
from privacy.db.scope import Scope, working
from tension.demo.accounts import SEATS
from tests import databases
from tests.cast import ACTOR, NOW, House, invited
from tests.outreach.members.people import strong
from tests.outreach.members.test_people import path, stored

pytestmark = pytest.mark.database
INVITE = "/coordination/membres/inviter/"


@pytest.mark.parametrize("role", sorted(FIELD))
def test_the_pages_refuse_both(home: House, role: Role) -> None:
    admin, omar, north = strong(home.people["agnes"]), home.people["omar"], str(home.teams["north"].id)
    both = {"roles": ["coordinator", role.value], "teams": [north]}
    for page, more in ((INVITE, {"email": "lila@invitee.invalid"}), (path(omar), {})):
        answer = admin.post(page, {**both, **more})
        assert answer.status_code == 200
        assert "ne vont pas ensemble" in answer.content.decode()
    assert stored(omar).roles == ["worker"]
    assert admin.post(path(omar), {"roles": ["coordinator"]}).status_code == 302
    assert stored(omar).roles == ["coordinator"]


def test_commands_and_services_refuse_both(home: House) -> None:
    with databases.as_worker(), pytest.raises(CommandError, match="ne vont pas ensemble"):
        call_command(
            "invite",
            "lanterne",
            "a@b.invalid",
            *("--role", "coordinator", "--role", "lead", "--team", "Équipe Nord"),
        )
    with working(Scope(home.association.id, account_id=home.people["agnes"].id)):
        omar = Membership.objects.get(id=home.people["omar"].membership.id)
        with pytest.raises(ValueError, match="roles"):
            services.change_access(
                omar,
                [Role.COORDINATOR, Role.LEAD],
                home.teams.values(),
                by=home.people["agnes"].membership.id,
                actor=ACTOR,
                now=NOW,
            )


def test_the_tables_refuse_both(home: House) -> None:
    invited(home, "lila@invitee.invalid", Role.COORDINATOR)
    for table in (Membership.objects.filter(account=home.people["omar"].account), Invitation.objects.all()):
        with databases.as_owner():
            assert table.update(roles=["admin", "lead"]) == 1
            with pytest.raises(IntegrityError):
                table.update(roles=["coordinator", "lead"])


def test_a_coordinator_who_is_in_a_team_opens_nothing_of_it(home: House) -> None:
    claire = home.people["claire"]
    with databases.as_owner():
        TeamMembership.objects.create(
            association=home.association, team=home.teams["north"], membership=claire.membership
        )
    client = strong(claire)
    assert client.get(reverse("coordination:home")).status_code == 200
    for page in ("field:tonight", "field:notes", "maps:team"):
        assert client.get(reverse(page)).status_code == 403, page


def test_who_held_both_keeps_the_team(home: House) -> None:
    omar, claire = home.people["omar"], home.people["claire"]
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
    assert SEATS
    assert not [seat.login for seat in SEATS if clash(seat.roles)]
