"""What the team and the coordinator read on their maps, through HTTP as the real web role."""

from datetime import datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from maps import services
from maps.models import WeeklySummary
from outreach.rounds import services as rounds
from outreach.rounds.tally import Counts
from privacy import sealed_sums
from privacy.audit.models import PendingEvent
from privacy.db.scope import working
from tests import cast, databases
from tests.cast import CELL, CELLS_WEST, NIGHT, NOW, House
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database

LAST_MONDAY = NIGHT - timedelta(days=NIGHT.weekday() + 14)
"""Of the newest week that is complete on every day of a week: the one before last."""


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


def test_the_page_says_the_size_the_association_chose(home: House) -> None:
    close(home, cast.yes(2))
    assert (
        "Un carré fait 500 mètres" in signed_in(home.people["omar"]).get("/cartes/equipe/").content.decode()
    )
    with databases.raw("owner") as connection:
        connection.execute("UPDATE outreach_association SET policy_choice = '{\"team_cell\": 1000}'")
    page = signed_in(home.people["omar"]).get("/cartes/equipe/").content.decode()
    assert "Un carré fait 1000 mètres" in page or "Un carré fait 1\u202f000 mètres" in page


def test_the_map_opens_no_note(home: House) -> None:
    close(home, cast.yes(1, note="rapporter un duvet"))
    page = signed_in(home.people["nadia"]).get("/cartes/equipe/").content.decode()
    assert CELL in page
    assert "duvet" not in page


def test_the_coordinator_reads_completed_weeks_with_few_below_five(home: House) -> None:
    close(home, cast.yes(7), cast.yes(3, CELLS_WEST[0], needs=("meal",)), night=LAST_MONDAY)
    close(home, cast.yes(40), night=NIGHT)
    page = strong(home.people["claire"]).get("/cartes/coordination/").content.decode()
    assert '<td class="num">7</td>' in page
    assert '<td class="num">peu</td>' in page
    assert ">40<" not in page  # this week is not over
    assert 'value="3"' not in page
    assert ">3<" not in page


def test_a_week_is_read_when_late_phones_can_add_nothing_any_more(home: House) -> None:
    paris, monday = ZoneInfo("Europe/Paris"), LAST_MONDAY
    noon = datetime.combine(monday + timedelta(days=10), time(12), paris)  # Thursday: a night ends at noon
    assert services.completed(monday, noon, paris)
    assert not services.completed(monday, noon - timedelta(minutes=1), paris)
    sunday = monday + timedelta(days=6)
    with working(home.scope("north")):
        round_ = cast.open_round(home, night=sunday)
        rounds.close_round(
            round_.id, phone=uuid4(), counts=Counts(people_count=1), now=noon - timedelta(days=4)
        )
        late = [cast.sealed(round_, cast.yes(1))]
        with pytest.raises(rounds.RoundRefused) as refused:
            rounds.close_round(round_.id, phone=uuid4(), counts=Counts(people_count=0), now=noon, drafts=late)
    assert refused.value.reason == "too-late"


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


def test_needs_of_few_come_in_no_order_of_how_few(home: House) -> None:
    """« Peu » beside two needs: which of them is one person and which four is not for their order to say."""
    claire, pages = strong(home.people["claire"]), []
    for week, (rare, common) in enumerate((("meal", "water"), ("water", "meal"))):
        night = LAST_MONDAY - timedelta(days=7 * week)
        close(home, cast.yes(1, needs=(rare,)), cast.yes(4, needs=(common,)), night=night)
        page = claire.get(f"/cartes/coordination/?semaine={night.isoformat()}").content.decode()
        pages.append(page[page.index("<main") :])
    assert all("Repas" in page and "Eau" in page for page in pages)
    assert len({page.index("Repas") < page.index("Eau") for page in pages}) == 1


def test_a_policy_that_changed_in_the_week_keeps_no_round_from_closing(home: House) -> None:
    close(home, cast.yes(2))
    with databases.as_owner():
        home.association.policy_choice = {"record_days": 60}
        home.association.save()
    close(home, cast.yes(3), team="south")
    with working(home.scope("north")):
        [(_week, body)] = sealed_sums.read(list(WeeklySummary.objects.all()))
        assert (body["rounds"], sum(body["cells"].values())) == (2, 5)


def test_needs_come_by_fives_so_that_no_difference_with_the_squares_names_anybody(home: House) -> None:
    """Everyone of the week said the same need: its exact total minus the squares would be the number behind "few"."""
    close(home, cast.yes(7, needs=("meal",)), cast.yes(2, CELLS_WEST[0], needs=("meal",)), night=LAST_MONDAY)
    page = " ".join(strong(home.people["claire"]).get("/cartes/coordination/").content.decode().split())
    assert '<td class="num">7</td>' in page
    assert "<dt>Repas</dt><dd>5+</dd>" in page
    assert "<dd>9" not in page
