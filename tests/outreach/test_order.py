"""Names stand in the order people count them, wherever one chooses or reads them: 2 before 10, é beside e."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from outreach.members.models import Account, Membership, Team, TeamMembership
from tests import databases
from tests.factories import Tenant
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database

TEAMS = ["Équipe 2", "Équipe 10", "Étoile", "Zone 1"]
"""In order; by their letters 10 would stand before 2, and É after Z."""
PEOPLE = ["Élise 2", "Élise 10", "Zoé"]


@pytest.fixture
def many(lanterne: Tenant) -> Tenant:
    """Nadia leads four teams more; three people more are members."""
    with databases.as_owner():
        for name in reversed(TEAMS):
            team = Team.objects.create(association=lanterne.association, name=name)
            TeamMembership.objects.create(
                association=lanterne.association,
                team=team,
                membership_id=lanterne.people["nadia"].membership.id,
            )
        for n, name in enumerate(reversed(PEOPLE)):
            account = Account.objects.create(email=f"ordre{n}@lanterne.invalid", display_name=name)
            Membership.objects.create(association=lanterne.association, account=account, roles=["partner"])
    return lanterne


def order(text: str, names: list[str]) -> list[str]:
    """The names as they stand in a text that has them all."""
    assert all(name in text for name in names), text[:200]
    return sorted(names, key=text.index)


@pytest.mark.parametrize("path", ["/maraude/cette-nuit/", "/coordination/agenda/"])
def test_a_lead_chooses_among_teams_in_order(many: Tenant, path: str) -> None:
    page = signed_in(many.people["nadia"]).get(path).content.decode()
    assert order(page[page.index("<form") :], TEAMS) == TEAMS


def test_an_administrator_reads_teams_and_people_in_order(many: Tenant) -> None:
    agnes = strong(many.people["agnes"])
    for path in ("equipes/", "membres/inviter/", f"membres/{many.people['omar'].membership.id}/"):
        page = agnes.get(f"/coordination/{path}").content.decode()
        assert order(page[page.index("<main") :], TEAMS) == TEAMS, path
    page = agnes.get("/coordination/membres/").content.decode()
    assert order(page, TEAMS) == TEAMS
    assert order(page, PEOPLE) == PEOPLE


def test_commands_list_teams_in_order(many: Tenant, tmp_path: Path) -> None:
    told: list[str] = []
    (tmp_path / "f.csv").write_text("x\n")
    (tmp_path / "m.json").write_text("{}")
    slug = many.association.slug
    for words in (
        ("invite", slug, "x@lanterne.invalid", "--role", "worker", "--team", "Personne"),
        (
            *("import_records", str(tmp_path / "f.csv"), "--mapping", str(tmp_path / "m.json")),
            *("--association", slug, "--team", "Personne"),
        ),
    ):
        with databases.as_owner(), pytest.raises(CommandError) as refused:
            call_command(*words, stdout=io.StringIO())
        told.append(str(refused.value))
    assert [order(one, TEAMS) for one in told] == [TEAMS, TEAMS]
