"""An association that begins: every page says what is missing, who brings it and by which command, and praises nothing.

The scene loses its sectors, its teams and its lead; the pages are asked as each role sees them, and once more when all is there.
"""

import re

import pytest
from django.test import Client

from outreach.associations.first_run import typed
from outreach.members.models import Membership, Team, TeamMembership
from outreach.places.models import Sector, SectorCell
from outreach.roles import Role
from tests import databases, factories
from tests.factories import Tenant
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database

FIELD = ("/maraude/cette-nuit/", "/maraude/notes/", "/cartes/equipe/")
COORDINATION = (
    "/coordination/",
    "/coordination/agenda/",
    "/cartes/coordination/",
    "/coordination/couverture/",
)
ADMIN = ("/coordination/membres/", "/coordination/equipes/", "/coordination/membres/inviter/", "/control/")
CONTROL = ("/control/", "/control/accords/", "/control/registre/")
PAGES = [
    *(("nadia", path) for path in FIELD),
    *(("omar", path) for path in FIELD),
    *(("claire", path) for path in COORDINATION),
    *(("agnes", path) for path in ADMIN),
    *(("victor", path) for path in CONTROL),
    ("paul", "/"),
]
IMPORT = "manage.py import_territory"
TEAMS = 'href="/coordination/equipes/"'
INVITE = 'href="/coordination/membres/inviter/"'


@pytest.fixture
def bare(db_clean: None) -> Tenant:
    """Lanterne on its first day: accounts, and nothing they could work with."""
    with databases.as_owner():
        lanterne = factories.make_lanterne()
        TeamMembership.objects.all().delete()
        Team.objects.all().delete()
        SectorCell.objects.all().delete()
        Sector.objects.all().delete()
    return lanterne


def sit(lanterne: Tenant, who: str) -> Client:
    return (strong if who in ("claire", "agnes", "victor") else signed_in)(lanterne.people[who])


def content(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    page = answer.content.decode()
    return page[page.index("<main") : page.index("</main>")]


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_every_page_says_what_is_missing_and_who_brings_it(bare: Tenant, who: str, path: str) -> None:
    said = content(sit(bare, who), path)
    assert f"<code>{typed()} import_territory FICHIER --association {bare.association.slug} --wet-run" in said
    assert 'data-missing="teams"' in said and 'data-missing="lead"' in said
    assert "Rien ne manque" not in said and "Rien n’est en retard" not in said
    if who == "agnes":  # whoever does it has the link, nobody else a link to a closed door
        assert TEAMS in said and INVITE in said
    else:
        assert TEAMS not in said and INVITE not in said


@pytest.mark.parametrize(
    ("who", "path"),
    [("claire", "/coordination/"), ("agnes", "/coordination/membres/"), ("victor", "/control/")],
)
def test_what_came_is_asked_for_no_more(bare: Tenant, who: str, path: str) -> None:
    client = sit(bare, who)
    with databases.as_owner():
        factories.sector(bare.association, "E", "Secteur Est", factories.CELLS_EAST)
        Team.objects.create(association=bare.association, name="Équipe Nord")
    said = content(client, path)
    assert set(re.findall(r'data-missing="(\w+)"', said)) == {"lead", "round"}
    assert IMPORT not in said


def test_a_lead_without_a_team_leads_nobody(bare: Tenant) -> None:
    """The role alone opens no round; nor does the lead who left, or whose team rests."""
    client = sit(bare, "victor")
    with databases.as_owner():
        team = Team.objects.create(association=bare.association, name="Équipe Nord", active=False)
        member = Membership.objects.get(id=bare.people["nadia"].membership.id)
        assert member.roles == [Role.LEAD.value]
        assert 'data-missing="lead"' in content(client, "/control/")
        TeamMembership.objects.create(association=bare.association, team=team, membership=member)
        assert 'data-missing="teams"' in content(client, "/control/")
        assert 'data-missing="lead"' in content(client, "/control/")
        Team.objects.update(active=True)
    assert 'data-missing="lead"' not in content(client, "/control/")


def test_an_association_that_works_is_told_nothing(lanterne: Tenant) -> None:
    with databases.as_owner(), factories.tenant_transaction(lanterne.scope("north")):
        factories.open_round(lanterne)
    for who, path in (("claire", "/coordination/"), ("agnes", "/coordination/membres/"), ("nadia", FIELD[1])):
        assert "data-missing" not in content(sit(lanterne, who), path)


@pytest.mark.parametrize("who", ["claire", "nadia"])
def test_nobody_is_shown_a_form_that_cannot_be_filled(bare: Tenant, who: str) -> None:
    client = sit(bare, who)
    assert 'name="planned_start"' not in content(client, "/coordination/agenda/")
    with databases.as_owner():
        factories.sector(bare.association, "E", "Secteur Est", factories.CELLS_EAST)
    assert 'name="planned_start"' not in content(client, "/coordination/agenda/")
    with databases.as_owner():
        team = Team.objects.create(association=bare.association, name="Équipe Nord")
    said = content(client, "/coordination/agenda/")
    if who == "claire":
        assert 'name="planned_start"' in said
        return
    # A team that is another's: what is missing is not the association's, it is this lead's.
    assert 'name="planned_start"' not in said and "Vous n’êtes dans aucune équipe" in said
    with databases.as_owner():
        TeamMembership.objects.create(
            association=bare.association, team=team, membership_id=bare.people["nadia"].membership.id
        )
    assert 'name="planned_start"' in content(client, "/coordination/agenda/")


def test_no_list_stands_empty_on_the_first_day(bare: Tenant) -> None:
    client = sit(bare, "claire")
    for path in COORDINATION:
        assert not re.findall(r"<ul[^>]*>\s*</ul>", content(client, path)), path
