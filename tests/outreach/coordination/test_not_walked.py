"""A night that was planned and that nobody walked: listed until somebody says so, told in one tap, taken back in one."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from outreach.coordination import services
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy.core.retention import night_of
from privacy.db.scope import tenant_transaction
from tests import databases, moment
from tests.factories import NIGHT, NOW, Tenant
from tests.markup import bare
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database

AGENDA = "/coordination/agenda/"
TONIGHT = night_of(moment.MOMENT, ZoneInfo("Europe/Paris"))
"""Before noon it is the night of the day before."""


def planned(lanterne: Tenant, ago: int, team: str = "north") -> Round:
    with tenant_transaction(lanterne.scope(team)):
        return rounds.plan_round(
            association_id=lanterne.association.id,
            team_id=lanterne.teams[team].id,
            night=TONIGHT - timedelta(days=ago),
            sector_ids=[lanterne.sectors["east"].id],
        )


def status(round_: Round) -> str:
    with databases.as_owner():
        return str(Round.objects.values_list("status", flat=True).get(id=round_.id))


def counted(office: Client) -> int:
    """How many rounds the coverage counts for the eastern sector."""
    page = bare(office.get("/coordination/couverture/").content.decode())
    return int(page.split('<th scope="row">Secteur Est</th><td class="num">', 1)[1].split("<", 1)[0])


@pytest.mark.parametrize("ago", [1, 9])
@pytest.mark.parametrize("who", ["claire", "nadia"])
def test_a_past_night_is_listed_told_in_one_tap_and_taken_back(lanterne: Tenant, who: str, ago: int) -> None:
    """After three days it stood nowhere, counted in the coverage, and nobody could take it back."""
    round_ = planned(lanterne, ago)
    office = strong(lanterne.people["claire"])
    client = office if who == "claire" else signed_in(lanterne.people[who])
    tell, undo = f"{AGENDA}{round_.id}/annuler/", f"{AGENDA}{round_.id}/retablir/"
    page = client.get(AGENDA).content.decode()
    assert tell in page and undo not in page
    assert counted(office) == 1
    said = client.post(tell, follow=True).content.decode()
    assert status(round_) == "not_walked"
    assert undo in said and tell not in said
    assert "pas faite" in said and "planifiez-la de nouveau" not in said
    assert counted(office) == 0
    again = client.post(undo, follow=True).content.decode()
    assert status(round_) == Round.Status.PLANNED
    assert tell in again and undo not in again
    assert counted(office) == 1


def test_the_desk_tells_it_too(lanterne: Tenant) -> None:
    round_ = planned(lanterne, 2)
    client = strong(lanterne.people["claire"])
    tell = f"{AGENDA}{round_.id}/annuler/"
    assert tell in client.get("/coordination/").content.decode()
    client.post(tell)
    assert tell not in client.get("/coordination/").content.decode()
    assert status(round_) == Round.Status.NOT_WALKED


def test_a_night_to_come_is_cancelled_and_comes_back_as_it_was(lanterne: Tenant) -> None:
    """Until its night is over it is cancelled; tonight is not over."""
    client = signed_in(lanterne.people["nadia"])
    for ahead in (0, 3):
        round_ = planned(lanterne, -ahead)
        said = client.post(f"{AGENDA}{round_.id}/annuler/", follow=True).content.decode()
        assert status(round_) == Round.Status.CANCELLED
        undo = f"{AGENDA}{round_.id}/retablir/"
        assert undo in said
        client.post(undo)
        assert status(round_) == Round.Status.PLANNED
        with databases.as_owner():
            assert [line.sector.name for line in Round.objects.get(id=round_.id).plan.all()] == [
                "Secteur Est"
            ]


def test_what_began_is_not_restored(lanterne: Tenant) -> None:
    round_ = planned(lanterne, 0)
    with tenant_transaction(lanterne.scope("north")):
        rounds.start_round(round_.id, now=moment.MOMENT)
    said = signed_in(lanterne.people["nadia"]).post(f"{AGENDA}{round_.id}/retablir/", follow=True)
    assert "Cette tournée a commencé" in said.content.decode()
    assert status(round_) == Round.Status.OPEN


def test_another_teams_or_associations_round_is_not_restored(lanterne: Tenant, passerelle: Tenant) -> None:
    south, quay = planned(lanterne, 2, "south"), planned(passerelle, 2, "quay")
    for tenant, team, round_ in ((lanterne, "south", south), (passerelle, "quay", quay)):
        with tenant_transaction(tenant.scope(team)):
            rounds.cancel_round(round_.id, now=NOW)
    lead, office = signed_in(lanterne.people["nadia"]), strong(lanterne.people["claire"])
    assert str(south.id) not in lead.get(AGENDA).content.decode()
    assert lead.post(f"{AGENDA}{south.id}/retablir/").status_code == 404
    assert office.post(f"{AGENDA}{quay.id}/retablir/").status_code == 404
    assert {status(south), status(quay)} == {"not_walked"}
    assert office.post(f"{AGENDA}{south.id}/retablir/").status_code == 302
    assert status(south) == Round.Status.PLANNED


def test_a_night_not_walked_is_planned_by_nobody(lanterne: Tenant) -> None:
    """Neither a gap's last night, nor what is offered on the pavement, nor in an import's way."""
    from outreach.importing import nights

    round_ = planned(lanterne, 2)
    with tenant_transaction(lanterne.scope("north")):
        rounds.cancel_round(round_.id, now=NOW)
        night = round_.night
        assert nights.taken(lanterne.teams["north"], [night], NIGHT) == {}
        assert (
            nights.rounds_for(lanterne.association.id, lanterne.teams["north"], [night])[night].id
            == round_.id
        )
    assert status(round_) == Round.Status.PLANNED


def test_the_newest_night_stands_first(lanterne: Tenant) -> None:
    made = [planned(lanterne, ago) for ago in (5, 12, 8)]
    page = strong(lanterne.people["claire"]).get(AGENDA).content.decode()
    found = sorted(made, key=lambda one: page.index(f"{one.id}/annuler/"))
    assert [(TONIGHT - one.night).days for one in found] == [5, 8, 12]
    assert services.GAP_DAYS < 12  # beyond what the desk looks at
