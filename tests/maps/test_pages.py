"""What the team and the coordinator read on their maps, through HTTP as the real web role."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from outreach.rounds import services as rounds
from outreach.rounds.tally import Counts
from privacy.audit.models import PendingEvent
from privacy.db.scope import working
from tests import cast, databases
from tests.cast import CELL, CELLS_WEST, NIGHT, NOW, House
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database

LAST_MONDAY = NIGHT - timedelta(days=NIGHT.weekday() + 7)


def close(home: House, *encounters: object, team: str = "north", night: object = NIGHT) -> None:
    with working(home.scope(team)):
        round_ = cast.open_round(home, team, night=night)  # type: ignore[arg-type]
        drafts = [cast.sealed(round_, one) for one in encounters]  # type: ignore[arg-type]
        now = datetime.combine(night, NOW.timetz())  # type: ignore[arg-type]
        rounds.close_round(
            round_.id, phone=uuid4(), counts=Counts(people_count=12, refused=1), now=now, drafts=drafts
        )


def test_the_team_sees_its_own_squares_and_another_team_does_not(home: House) -> None:
    close(home, cast.yes(3, needs=("meal",)), cast.yes(2, needs=("meal", "water")))
    page = signed_in(home.people["omar"]).get("/cartes/equipe/").content.decode()
    assert CELL in page
    assert "Repas 2, Eau 1" in page
    assert '<td class="num">5</td>' in page
    other = signed_in(home.people["salome"]).get("/cartes/equipe/").content.decode()
    assert CELL not in other
    assert "Aucun carré pour l’instant" in other


def test_a_note_reaches_the_next_round_of_the_same_team_and_nobody_else(home: House) -> None:
    close(home, cast.yes(1, note="rapporter un duvet"), cast.yes(1, None, note="appeler avant de passer"))
    page = signed_in(home.people["nadia"]).get("/cartes/equipe/").content.decode()
    assert "rapporter un duvet" in page
    assert "appeler avant de passer" in page
    other = signed_in(home.people["salome"]).get("/cartes/equipe/").content.decode()
    assert "duvet" not in other
    assert "appeler" not in other


def test_the_coordinator_reads_completed_weeks_with_few_below_five(home: House) -> None:
    close(home, cast.yes(7), cast.yes(3, CELLS_WEST[0], needs=("meal",)), night=LAST_MONDAY)
    close(home, cast.yes(40), night=NIGHT)
    page = strong(home.people["claire"]).get("/cartes/coordination/").content.decode()
    assert '<td class="num">7</td>' in page
    assert '<td class="num">peu</td>' in page
    assert ">40<" not in page  # this week is not over
    assert 'value="3"' not in page
    assert ">3<" not in page


@pytest.mark.parametrize("few", [1, 4])
def test_the_number_behind_few_is_nowhere_in_the_page(home: House, few: int) -> None:
    close(home, cast.yes(few), night=LAST_MONDAY)
    page = strong(home.people["claire"]).get("/cartes/coordination/").content.decode()
    assert '<td class="num">peu</td>' in page
    assert f'<td class="num">{few}</td>' not in page


@pytest.mark.parametrize(("first", "path"), [("omar", "/cartes/coordination/"), ("paul", "/cartes/equipe/")])
def test_a_map_of_another_role_stays_shut_and_the_denial_is_logged(
    home: House, first: str, path: str
) -> None:
    assert signed_in(home.people[first]).get(path).status_code == 403
    with databases.as_owner():
        assert PendingEvent.objects.filter(event="denied").count() == 1


def test_a_coordinator_opens_no_record(home: House) -> None:
    close(home, cast.yes(7), night=LAST_MONDAY)
    client = strong(home.people["claire"])
    assert client.get("/cartes/equipe/").status_code == 403
    client.get("/cartes/coordination/")
    with databases.as_owner():
        assert PendingEvent.objects.filter(event="map_read").count() == 1
        assert not PendingEvent.objects.filter(event="record_revealed").exists()


def test_an_empty_house_says_what_comes_next(home: House) -> None:
    page = strong(home.people["claire"]).get("/cartes/coordination/").content.decode()
    assert "Aucune semaine complète" in page
