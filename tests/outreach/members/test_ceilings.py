"""What an administrator can pile up has an end: open links, teams. The ceilings are told in a sentence, and nothing is lost."""

import pytest

from outreach.members import invitations, services
from outreach.members.models import Invitation, Team
from tests import databases
from tests.factories import Tenant
from tests.outreach.members.people import strong
from tests.outreach.members.test_people import path

pytestmark = pytest.mark.database
INVITE, TEAMS = "/coordination/membres/inviter/", "/coordination/equipes/"


def open_links() -> int:
    with databases.as_owner():
        return Invitation.objects.filter(accepted_on=None).count()


def test_open_links_have_a_ceiling(lanterne: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = strong(lanterne.people["agnes"])
    before = open_links()
    monkeypatch.setattr(invitations, "MOST_OPEN", before + 2, raising=False)
    pages = [
        admin.post(INVITE, {"email": f"new{number}@example.org", "roles": ["partner"]}) for number in range(4)
    ]
    assert ["link" in (page.context or {}) for page in pages] == [True, True, False, False]
    assert f"{before + 2} liens sont ouverts" in pages[-1].content.decode()
    assert open_links() == before + 2

    again = admin.post(INVITE, {"email": "new0@example.org", "roles": ["partner"]})
    assert "link" in again.context, "a new link in place of an older one takes no room"
    member = admin.post(path(lanterne.people["omar"], "lien/"))
    assert "link" in member.context, "a member's lost password is no newcomer"


def test_teams_have_a_ceiling(lanterne: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = strong(lanterne.people["agnes"])

    def teams() -> int:
        with databases.as_owner():
            return Team.objects.filter(association=lanterne.association).count()

    before = teams()
    monkeypatch.setattr(services, "MOST_TEAMS", before + 1, raising=False)
    assert admin.post(TEAMS, {"name": "Une de plus"}).status_code == 302
    full = admin.post(TEAMS, {"name": "Une de trop"})
    assert f"Il y a déjà {before + 1} équipes" in full.content.decode()
    assert teams() == before + 1
