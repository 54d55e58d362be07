"""A night that was planned and that nobody walked: listed until somebody says so, told in one tap, taken back in one."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from outreach.coordination import services
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy.core.retention import night_of
from privacy.db.scope import working
from tests import databases, moment
from tests.cast import NIGHT, NOW, House
from tests.markup import bare
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database

AGENDA = "/coordination/agenda/"
TONIGHT = night_of(moment.MOMENT, ZoneInfo("Europe/Paris"))
"""Before noon it is the night of the day before."""


def planned(home: House, ago: int, team: str = "north") -> Round:
    with working(home.scope(team)):
        return rounds.plan_round(
            association_id=home.association.id,
            team_id=home.teams[team].id,
            night=TONIGHT - timedelta(days=ago),
            sector_ids=[home.sectors["east"].id],
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
def test_a_past_night_is_listed_told_in_one_tap_and_taken_back(home: House, who: str, ago: int) -> None:
    """After three days it stood nowhere, counted in the coverage, and nobody could take it back."""
    round_ = planned(home, ago)
    office = strong(home.people["claire"])
    client = office if who == "claire" else signed_in(home.people[who])
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


def test_the_desk_tells_it_too(home: House) -> None:
    round_ = planned(home, 2)
    client = strong(home.people["claire"])
    tell = f"{AGENDA}{round_.id}/annuler/"
    assert tell in client.get("/coordination/").content.decode()
    client.post(tell)
    assert tell not in client.get("/coordination/").content.decode()
    assert status(round_) == Round.Status.NOT_WALKED


def test_a_night_to_come_is_cancelled_and_comes_back_as_it_was(home: House) -> None:
    """Until its night is over it is cancelled; tonight is not over."""
    client = signed_in(home.people["nadia"])
    for ahead in (0, 3):
        round_ = planned(home, -ahead)
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


def test_what_began_is_not_restored(home: House) -> None:
    round_ = planned(home, 0)
    with working(home.scope("north")):
        rounds.start_round(round_.id, now=moment.MOMENT)
    said = signed_in(home.people["nadia"]).post(f"{AGENDA}{round_.id}/retablir/", follow=True)
    assert "Cette tournée a commencé" in said.content.decode()
    assert status(round_) == Round.Status.OPEN


def test_another_teams_or_houses_round_is_not_restored(home: House, stranger: House) -> None:
    south, quay = planned(home, 2, "south"), planned(stranger, 2, "quay")
    for house, team, round_ in ((home, "south", south), (stranger, "quay", quay)):
        with working(house.scope(team)):
            rounds.cancel_round(round_.id, now=NOW)
    lead, office = signed_in(home.people["nadia"]), strong(home.people["claire"])
    assert str(south.id) not in lead.get(AGENDA).content.decode()
    assert lead.post(f"{AGENDA}{south.id}/retablir/").status_code == 404
    assert office.post(f"{AGENDA}{quay.id}/retablir/").status_code == 404
    assert {status(south), status(quay)} == {"not_walked"}
    assert office.post(f"{AGENDA}{south.id}/retablir/").status_code == 302
    assert status(south) == Round.Status.PLANNED


def test_a_night_not_walked_is_planned_by_nobody(home: House) -> None:
    """Neither a gap's last night, nor what is offered on the pavement, nor in an import's way."""
    from outreach.importing import nights

    round_ = planned(home, 2)
    with working(home.scope("north")):
        rounds.cancel_round(round_.id, now=NOW)
        night = round_.night
        assert nights.taken(home.teams["north"], [night], NIGHT) == {}
        assert nights.rounds_for(home.association.id, home.teams["north"], [night])[night].id == round_.id
    assert status(round_) == Round.Status.PLANNED


def test_the_newest_night_stands_first(home: House) -> None:
    made = [planned(home, ago) for ago in (5, 12, 8)]
    page = strong(home.people["claire"]).get(AGENDA).content.decode()
    found = sorted(made, key=lambda one: page.index(f"{one.id}/annuler/"))
    assert [(TONIGHT - one.night).days for one in found] == [5, 8, 12]
    assert services.GAP_DAYS < 12  # beyond what the desk looks at
