"""What the team and the coordinator read on their maps, through HTTP as the real web role."""

import re
from datetime import date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from psycopg.errors import CheckViolation

from maps import services
from maps.models import MonthlyAccumulator, WeeklySummary
from maps.tasks import rebuild_stale
from outreach.closing import services as closing
from outreach.closing.withdrawal import withdraw
from outreach.records.models import Record
from outreach.records.tally import Counts
from outreach.rounds import services as rounds
from privacy import sealed_sums
from privacy.audit.models import PendingEvent
from privacy.db.scope import tenant_transaction
from tests import databases, factories, sums
from tests.factories import CELL, CELLS_EAST, CELLS_WEST, NIGHT, NOW, Tenant
from tests.markup import bare
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database

LAST_MONDAY = NIGHT - timedelta(days=NIGHT.weekday() + 14)
"""Of the newest week that is complete on every day of a week: the one before last."""


def close(lanterne: Tenant, *encounters: object, team: str = "north", night: object = NIGHT) -> None:
    with tenant_transaction(lanterne.scope(team)):
        round_ = factories.open_round(lanterne, team, night=night)  # type: ignore[arg-type]
        drafts = [factories.sealed(round_, one) for one in encounters]  # type: ignore[arg-type]
        now = datetime.combine(night, NOW.timetz())  # type: ignore[arg-type]
        closing.close_round(
            round_.id, phone=uuid4(), counts=Counts(people_count=12, refused=1), now=now, drafts=drafts
        )


def test_the_team_sees_its_own_squares_and_another_team_does_not(lanterne: Tenant) -> None:
    close(lanterne, factories.yes(3, needs=("meal",)), factories.yes(2, needs=("meal", "water")))
    page = bare(signed_in(lanterne.people["omar"]).get("/cartes/equipe/").content.decode())
    assert CELL in page
    assert "Repas 2, Eau 1" in page
    assert '<td class="num">5</td>' in page
    assert page.index("<table") < page.index("data-map="), "the map says nothing that the table has not said"
    assert "<td>A4</td>" in page, "the square bears the name under which it was chosen"
    assert "A4\\u2069" in page, "on the map too"
    other = signed_in(lanterne.people["salome"]).get("/cartes/equipe/").content.decode()
    assert CELL not in other
    assert "Aucun carré pour l’instant" in other


def test_the_page_says_the_size_the_association_chose(lanterne: Tenant) -> None:
    close(lanterne, factories.yes(2))
    assert (
        "Un carré fait 500 mètres"
        in signed_in(lanterne.people["omar"]).get("/cartes/equipe/").content.decode()
    )
    with databases.raw("owner") as connection:
        connection.execute("UPDATE outreach_association SET policy_choice = '{\"team_cell\": 1000}'")
    page = signed_in(lanterne.people["omar"]).get("/cartes/equipe/").content.decode()
    assert "Un carré fait 1000 mètres" in page or "Un carré fait 1\u202f000 mètres" in page


def test_the_map_opens_no_note(lanterne: Tenant) -> None:
    close(lanterne, factories.yes(1, note="rapporter un duvet"))
    page = signed_in(lanterne.people["nadia"]).get("/cartes/equipe/").content.decode()
    assert CELL in page
    assert "duvet" not in page


@pytest.fixture
def claire(lanterne: Tenant) -> Client:
    return strong(lanterne.people["claire"])


def main_of(claire: Client, week: date = LAST_MONDAY) -> str:
    """What the coordinator's page says of a week, without what changes with the session."""
    page = claire.get(f"/cartes/coordination/?semaine={week.isoformat()}")
    text = bare(" ".join(page.content.decode().split()))
    return text[text.index("<main") : text.index("</main>")]


def test_the_coordinator_reads_completed_weeks_rounded_down(lanterne: Tenant, claire: Client) -> None:
    close(lanterne, factories.yes(7), factories.yes(3, CELLS_WEST[0], needs=("meal",)), night=LAST_MONDAY)
    close(lanterne, factories.yes(9), team="south", night=LAST_MONDAY)
    close(lanterne, factories.yes(40), night=NIGHT)
    page = main_of(claire)
    assert "Arrondi au multiple de 5 inférieur, pour ne désigner personne." in page
    assert '<td class="num">10</td>' in page
    assert "N2889 E3761" in page
    assert "N2889 E3759" not in page  # three people: not told from nobody
    assert ">40<" not in page  # this week is not over
    assert not re.search(r">(3|7|9|16)<", page)


def test_the_week_before_is_rounded_as_the_week_is(lanterne: Tenant, claire: Client) -> None:
    before = LAST_MONDAY - timedelta(days=7)
    for night in (before, LAST_MONDAY):
        close(lanterne, factories.yes(7), factories.yes(3, CELLS_WEST[0]), night=night)
        close(lanterne, factories.yes(9), factories.yes(2, CELLS_WEST[0]), team="south", night=night)
    page = main_of(claire)
    assert page.count('<td class="num">10</td>') == 2  # seven and nine, this week and the week before
    assert "N2889 E3759" not in page
    assert not re.search(r">(2|3|5|7|9|16)<", page)


@pytest.mark.parametrize(
    ("north", "said", "needs"),
    [
        (7, "Au moins 10 personnes ont été notées sans carré", ("meal",)),
        (7, "Au moins 10 personnes ont été notées sans carré", ()),
        (3, "", ("meal",)),
    ],
)
def test_people_without_a_square_are_rounded_too(
    lanterne: Tenant, claire: Client, north: int, said: str, needs: tuple[str, ...]
) -> None:
    south = 9 if said else 2
    close(lanterne, factories.yes(north, None), factories.yes(20, needs=needs), night=LAST_MONDAY)
    close(
        lanterne, factories.yes(south, None), factories.yes(20, needs=needs), team="south", night=LAST_MONDAY
    )
    page = main_of(claire)
    assert '<td class="num">40</td>' in page
    assert (said in page) if said else ("sans carré" not in page)


def test_one_team_s_number_stays_its_own(lanterne: Tenant, claire: Client) -> None:
    close(lanterne, factories.yes(20), factories.yes(24), night=LAST_MONDAY)
    page = main_of(claire)
    assert '<td class="num">peu</td>' in page
    assert not re.search(r">4\d<", page)


@pytest.mark.parametrize("small", [1, 2, 3, 4])
def test_planted_people_say_nothing_of_those_met_by_another_team(
    lanterne: Tenant, claire: Client, small: int
) -> None:
    """Four planted people, twenty, five one by one: the page is the same with `small` others and with none."""
    for week, planted in enumerate(((4,), (20,), (1, 1, 1, 1, 1))):
        night = LAST_MONDAY - timedelta(days=14 * week)
        close(lanterne, *[factories.yes(people) for people in planted], night=night)
    without = [main_of(claire, LAST_MONDAY - timedelta(days=14 * week)) for week in range(3)]
    assert "peu" in without[1]
    for week in range(3):
        close(lanterne, factories.yes(small), team="south", night=LAST_MONDAY - timedelta(days=14 * week))
    planted_and_met = [main_of(claire, LAST_MONDAY - timedelta(days=14 * week)) for week in range(3)]
    assert planted_and_met == [page.replace("1 tournée close", "2 tournées closes") for page in without]


def test_a_withdrawal_says_nothing_of_the_others(lanterne: Tenant, claire: Client) -> None:
    """The planted people are taken back one encounter after another: no step of it moves by what the other team met."""
    seen = []
    for small in (0, 3):
        night = LAST_MONDAY - timedelta(days=7 * small)
        close(lanterne, *[factories.yes(2) for _ in range(4)], night=night)
        close(
            lanterne,
            *([factories.yes(small)] if small else [factories.yes(1, None)]),
            team="south",
            night=night,
        )
        steps = [main_of(claire, night)]
        with tenant_transaction(lanterne.scope("north")):
            planted = list(Record.objects.filter(round__night=night).values_list("id", flat=True))
        for record in planted:
            with tenant_transaction(lanterne.scope("north")):
                assert withdraw(record, actor=factories.ACTOR, now=NOW)
            steps.append(main_of(claire, night))
        seen.append([re.findall(r"<td class=\"num\">(\S+)</td><td", step) for step in steps])
    assert seen[0] == seen[1] == [["peu"], ["peu"], [], [], []]


@pytest.mark.parametrize("few", [1, 4])
def test_a_small_number_is_nowhere_in_the_page(lanterne: Tenant, claire: Client, few: int) -> None:
    close(lanterne, factories.yes(6, CELLS_WEST[0]), night=LAST_MONDAY)
    before = main_of(claire)
    assert "N2889 E3759" in before
    close(lanterne, factories.yes(few, needs=("meal",)), team="south", night=LAST_MONDAY)
    assert main_of(claire) == before.replace("1 tournée close", "2 tournées closes")


def test_a_sum_of_the_former_format_is_not_shown_until_it_is_made_again(
    lanterne: Tenant, claire: Client
) -> None:
    close(lanterne, factories.yes(20), night=LAST_MONDAY)
    close(lanterne, factories.yes(9), team="south", night=LAST_MONDAY)
    with databases.as_owner():
        assert WeeklySummary.objects.update(version=1) == 1
    assert "Aucune semaine complète" in main_of(claire)
    with databases.as_worker():
        assert rebuild_stale() == 1
    assert '<td class="num">25</td>' in main_of(claire)


def test_a_threshold_raised_later_masks_older_weeks_and_one_lowered_does_not_bare_them(
    lanterne: Tenant, claire: Client
) -> None:
    """Two readings under 5 and 7 would tell 14 from 12; what was rounded by 5 is rounded once more instead."""
    close(lanterne, factories.yes(14), night=LAST_MONDAY)
    close(lanterne, factories.yes(12), team="south", night=LAST_MONDAY)
    for few, said in ((5, "20"), (7, "14"), (20, None), (5, "20")):
        with databases.as_owner():
            lanterne.association.policy_choice = {"few": few}
            lanterne.association.save()
        page = main_of(claire)
        assert (f'<td class="num">{said}</td>' in page) if said else ('class="num">' not in page)


@pytest.mark.parametrize("few", [5, 7])
def test_a_week_keeps_the_threshold_under_which_it_began(lanterne: Tenant, claire: Client, few: int) -> None:
    for now in (10, few):
        with databases.as_owner():
            lanterne.association.policy_choice = {"few": now}
            lanterne.association.save()
        if now == 10:
            close(lanterne, factories.yes(14), night=LAST_MONDAY)
            close(lanterne, factories.yes(12), team="south", night=LAST_MONDAY)
    page = main_of(claire)
    assert '<td class="num">20</td>' in page
    assert "Arrondi au multiple de 10 inférieur" in page


def test_a_week_is_read_when_late_phones_can_add_nothing_any_more(lanterne: Tenant) -> None:
    paris, monday = ZoneInfo("Europe/Paris"), LAST_MONDAY
    noon = datetime.combine(monday + timedelta(days=10), time(12), paris)  # Thursday: a night ends at noon
    assert services.completed(monday, noon, paris)
    assert not services.completed(monday, noon - timedelta(minutes=1), paris)
    sunday = monday + timedelta(days=6)
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=sunday)
        closing.close_round(
            round_.id, phone=uuid4(), counts=Counts(people_count=1), now=noon - timedelta(days=4)
        )
        late = [factories.sealed(round_, factories.yes(1))]
        with pytest.raises(rounds.RoundRefused) as refused:
            closing.close_round(
                round_.id, phone=uuid4(), counts=Counts(people_count=0), now=noon, drafts=late
            )
    assert refused.value.reason == "too-late"


def test_a_week_waits_for_a_round_of_it_that_would_not_close(lanterne: Tenant, claire: Client) -> None:
    """It was shown on Thursday and again with that round's encounters, for whoever compares."""
    close(lanterne, factories.yes(7), night=LAST_MONDAY)
    assert _weeks(claire) == [LAST_MONDAY]
    with tenant_transaction(lanterne.scope("south")):
        left = factories.open_round(lanterne, "south", night=LAST_MONDAY + timedelta(days=2))
    assert _weeks(claire) == []
    with tenant_transaction(lanterne.scope("south")):
        closing.close_round(left.id, phone=uuid4(), counts=Counts(), now=NOW)
    assert _weeks(claire) == [LAST_MONDAY]


def _weeks(claire: Client) -> list[date]:
    """The weeks that the coordinator's page offers."""
    week = claire.get("/cartes/coordination/").context["week"]
    return week.available if week else []


@pytest.mark.parametrize(("first", "path"), [("omar", "/cartes/coordination/"), ("paul", "/cartes/equipe/")])
def test_a_map_of_another_role_stays_shut_and_the_denial_is_logged(
    lanterne: Tenant, first: str, path: str
) -> None:
    assert signed_in(lanterne.people[first]).get(path).status_code == 403
    with databases.as_owner():
        assert PendingEvent.objects.filter(event="denied").count() == 1


def test_a_coordinator_opens_no_record(lanterne: Tenant, claire: Client) -> None:
    close(lanterne, factories.yes(7), night=LAST_MONDAY)
    assert claire.get("/cartes/equipe/").status_code == 403
    claire.get("/cartes/coordination/")
    with databases.as_owner():
        assert PendingEvent.objects.filter(event="map_read").count() == 1
        assert not PendingEvent.objects.filter(event="record_revealed").exists()


def test_an_empty_installation_says_what_comes_next(claire: Client) -> None:
    page = claire.get("/cartes/coordination/").content.decode()
    assert "Aucune semaine complète" in page


def test_needs_without_a_number_come_in_no_order_of_how_many(lanterne: Tenant, claire: Client) -> None:
    """« Peu » beside two needs: which of them is six people and which forty is not for their order to say."""
    pages = []
    for week, (rare, common) in enumerate((("meal", "water"), ("water", "meal"))):
        night = LAST_MONDAY - timedelta(days=7 * week)
        close(lanterne, factories.yes(6, needs=(rare,)), factories.yes(40, needs=(common,)), night=night)
        pages.append(main_of(claire, night))
    assert all("<dt>Repas</dt><dd>peu</dd>" in page and "<dt>Eau</dt><dd>peu</dd>" in page for page in pages)
    assert len({page.index("Repas") < page.index("Eau") for page in pages}) == 1


def test_a_policy_that_changed_in_the_week_keeps_no_round_from_closing(lanterne: Tenant) -> None:
    close(lanterne, factories.yes(2))
    with databases.as_owner():
        lanterne.association.policy_choice = {"record_days": 60}
        lanterne.association.save()
    close(lanterne, factories.yes(3), team="south")
    with tenant_transaction(lanterne.scope("north")):
        [(_week, body)] = sealed_sums.read(list(WeeklySummary.objects.all()))
        assert (body["rounds"], sums.cells(body).total()) == (2, 5)


def test_a_need_is_masked_as_a_square_so_that_no_difference_names_anybody(
    lanterne: Tenant, claire: Client
) -> None:
    """Everyone of the week said the same need: its total minus the squares would be the number that the map leaves out."""
    close(
        lanterne,
        factories.yes(7, needs=("meal",)),
        factories.yes(2, CELLS_WEST[0], needs=("meal",)),
        night=LAST_MONDAY,
    )
    close(lanterne, factories.yes(6, needs=("meal",)), team="south", night=LAST_MONDAY)
    page = main_of(claire)
    assert '<td class="num">10</td>' in page
    assert "<dt>Repas</dt><dd>10+</dd>" in page
    assert "au moins 10 personnes notées" in page


def test_a_sum_has_one_size_whatever_it_holds(lanterne: Tenant) -> None:
    close(lanterne, night=LAST_MONDAY)
    many = [factories.yes(1, cell, needs=("meal", "water")) for cell in (*CELLS_EAST, *CELLS_WEST)]
    close(lanterne, *many, night=LAST_MONDAY + timedelta(days=7))
    with databases.raw("owner") as connection:
        for table, size in (("weeklysummary", 65_673), ("monthlyaccumulator", 32_873)):
            sizes = connection.execute(f"SELECT octet_length(blob) FROM maps_{table}").fetchall()
            assert set(sizes) == {(size,)}
            with pytest.raises(CheckViolation):
                connection.execute(f"UPDATE maps_{table} SET blob = substr(blob, 2)")


def test_months_of_the_former_size_are_sealed_again_and_keep_what_they_hold(lanterne: Tenant) -> None:
    close(lanterne, factories.yes(3))
    with databases.as_owner():
        [(month, before)] = sealed_sums.read(list(MonthlyAccumulator.objects.all()))
        MonthlyAccumulator.objects.update(version=1)
    with databases.as_worker():
        assert rebuild_stale() == 1
        assert rebuild_stale() == 0
        assert sealed_sums.read(list(MonthlyAccumulator.objects.all())) == [(month, before)]
