"""No coordinator's page proves a count from 1 to few - 1.

Whoever plants people, reads a team, or takes people back: the search of `tests.resilience.differencing` over whole weeks of the
invented city, the former rule and the rule by the letter as controls; then two cities sent through the real services, whose
coordinators' pages must be the same word for word. Long: ten weeks, more sizes of planted encounters, four weeks of pages.
"""

import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.models import WeeklySummary
from outreach.closing import services as closing
from outreach.closing.withdrawal import withdraw
from outreach.management.commands.import_territory import BUNDLED
from outreach.records import selectors
from outreach.records.models import Record
from outreach.records.tally import Counts
from outreach.roles import Role
from privacy import sealed_sums
from privacy.core.values import Cell
from privacy.db.scope import tenant_transaction
from tension import city
from tests import databases, factories, sums
from tests.factories import NIGHT, NOW, Tenant
from tests.outreach.members.people import strong
from tests.resilience import differencing as search
from tests.resilience.conftest import Drill
from tests.resilience.differencing import FEW, Attack, Rule, Score, Week

FIRST = date(2026, 9, 14)
SIZES = ((4,), (1, 1, 1, 1), (5,))
MORE = ((1,), (2,), (3,), (9,), (2, 2), (4, 1), (6, 5, 4, 3, 2, 1))
PLANTED = 4
SPIES = (4, 5)
"""People of the two encounters planted in every square, where the pages themselves are read."""


@pytest.fixture(scope="module")
def paris() -> dict[str, list[Week]]:
    territory = city.Territory.from_geojson(json.loads(BUNDLED.read_text(encoding="utf-8")))
    return search.weeks(city.build(7, city.DEFAULT, territory), FIRST, 10)


def squares(weeks: list[Week]) -> set[str]:
    """Where anybody was met in all those weeks: the territory, as far as the search goes."""
    return set().union(*(week.squares() for week in weeks))


def sizes(drill: Drill) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    return (SIZES + MORE, (4, 5, 9)) if drill.long else (SIZES, (4, 5))


def test_the_former_rule_is_undone_by_one_request(paris: dict[str, list[Week]], drill: Drill) -> None:
    """The finding, again: four people planted in every square; and without planting, who reads one team."""
    for slug, weeks in paris.items():
        one_request, member, alone = Score(), Score(), Score()
        for week in weeks:
            search.score(search.former, Attack(plants=((week.teams[0], (PLANTED,)),)), week, one_request)
            search.score(search.former, Attack(), week, alone)
            for team in week.teams:
                search.score(search.former, Attack(frozenset({team})), week, member)
        drill.say(
            f"differencing: control, former rule, {slug}: {PLANTED} planted in each square ({len(squares(weeks))}) make"
            f" {one_request.exact} of {one_request.asked} small counts exact, {one_request.single_exact} of"
            f" {one_request.single} single people; unplanted, all {alone.proved} are proved to be 1 to {FEW - 1};"
            f" who reads a team isolates {member.exact} foreign counts"
        )
        assert one_request.exact == one_request.asked > 0
        assert one_request.single_exact == one_request.single > 0
        assert alone.proved == alone.asked
        assert member.exact > 0 or len(weeks[0].teams) == 1


@pytest.mark.parametrize("rule", [search.former, search.letter, search.ours])
def test_nothing_is_proved_by_planting_reading_and_taking_back(
    paris: dict[str, list[Week]], drill: Drill, rule: Rule
) -> None:
    """Every choice of teams read, of one and two teams that plant, of sizes; what can be taken back is, step by step."""
    score, many = Score(), 0
    for weeks in paris.values():
        for attack in search.attacks(weeks[0].teams, *sizes(drill)):
            many += 1
            for week in weeks if drill.long else weeks[:3]:
                search.score(rule, attack, week, score)
    drill.say(
        f"differencing: {rule.__name__}: {many} attacks, {score.asked} small counts asked: {score.proved} proved,"
        f" {score.exact} exactly, {score.single_exact} of {score.single} single people"
    )
    assert score.asked > 5000
    assert (score.proved == 0) is (rule is search.ours)


def test_every_small_count_has_another_city_with_the_same_pages(
    paris: dict[str, list[Week]], drill: Drill
) -> None:
    """Squares, needs, people without a square and the whole week together: no difference of any of them proves it either."""
    asked, missing = 0, 0
    planted = (*SIZES, (9,), (2, 2)) if drill.long else SIZES[:2]
    for weeks in paris.values():
        where = squares(weeks)
        for attack in search.attacks(weeks[0].teams, planted, (5,)):
            for week in weeks[: drill.times(1, 2)]:
                for cell, _people in search.targets(week, attack.reads):
                    asked += 1
                    missing += search.other_city(week, attack, cell, where) is None
    drill.say(
        f"differencing: ours: another city with the same pages for {asked - missing} of {asked} small counts"
    )
    assert asked > 1000
    assert missing == 0


def test_the_search_finds_who_takes_back_unseen(paris: dict[str, list[Week]], drill: Drill) -> None:
    """What would be, if who only sends could withdraw too (a slip for a planted encounter): the stated limit, and a control."""
    score = Score()
    for week in paris["lanternes"]:
        for team in week.teams:
            others = frozenset(week.teams) - {team}
            steps = Attack(others, ((team, (1,) * 9), (min(others), (5,))), blind=True)
            search.score(search.ours, steps, week, score)
    drill.say(
        f"differencing: limit: withdrawing unseen would prove {score.proved} of {score.asked} small counts"
    )
    assert score.proved > 0


PEOPLE = st.integers(0, search.MOST)


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries({"a": PEOPLE, "b": PEOPLE, "c": PEOPLE}),
    st.sets(st.sampled_from("abc"), max_size=2),
    st.lists(
        st.tuples(st.sampled_from("abc"), st.lists(st.integers(1, 30), min_size=1, max_size=4)), max_size=2
    ),
)
def test_no_square_of_any_city_is_undone(
    shares: dict[str, int], reads: set[str], plants: list[tuple[str, list[int]]]
) -> None:
    attack = Attack(frozenset(reads), tuple((team, tuple(many)) for team, many in dict(plants).items()))
    left = search.proved(search.ours, attack, shares)
    assert min(left) == 0 or max(left) >= FEW


# Two cities, one page.


def other_weeks(weeks: list[Week]) -> list[Week]:
    """Another city with the same pages, in which as many small counts as possible are nobody."""
    where, made = squares(weeks), []
    for week in weeks:
        emptied: frozenset[str] = frozenset()
        for cell, _people in search.targets(week, frozenset()):
            other = search.other_city(week, Attack(), cell, where, emptied)
            if other is not None:
                week, emptied = other, emptied | {cell}
        made.append(week)
    return made


def send(lanterne: Tenant, weeks: list[Week]) -> None:
    """One round a team and week, an encounter a person: the same people with the same needs, elsewhere in the other city."""
    for back, week in enumerate(weeks):
        for team in week.teams:
            places = [cell for cell, many in sorted(week.cells[team].items()) for _one in range(many)]
            needs = [
                tuple(n for n, many in week.needs[team].items() if at < many) for at in range(len(places))
            ]
            close(
                lanterne,
                team,
                monday(back),
                [
                    factories.yes(1, inside(cell), needs=need)
                    for cell, need in zip(places, needs, strict=True)
                ],
            )


def close(lanterne: Tenant, team: str, night: date, encounters: list[object]) -> None:
    with tenant_transaction(lanterne.scope(team)):
        round_ = factories.open_round(lanterne, team, night)
        drafts = [factories.sealed(round_, one) for one in encounters]  # type: ignore[arg-type]
        now = datetime.combine(night, NOW.timetz())
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(people_count=90), now=now, drafts=drafts)


def monday(back: int) -> date:
    """Of the newest week that is complete on every day of a week, or so many before."""
    return NIGHT - timedelta(days=NIGHT.weekday() + 14 + 7 * back)


def inside(cell: str) -> str:
    return replace(Cell.parse(cell), size=500).id


def town(slug: str, teams: tuple[str, ...]) -> Tenant:
    with databases.as_owner():
        return factories.make_association(
            slug, {team: team for team in teams}, {"claire": ((Role.COORDINATOR,), ())}
        )


def pages(lanterne: Tenant, client: Client, many: int) -> list[str]:
    """Every page of a coordinator, without what tells one session or one association from another."""
    paths = ["/coordination/", "/coordination/agenda/", "/coordination/couverture/"]
    paths += [f"/cartes/coordination/?semaine={monday(back).isoformat()}" for back in range(many)]
    texts = []
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]+"', "", answer.content.decode())
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", text)
        texts.append(re.sub(lanterne.association.slug, "ville", text, flags=re.IGNORECASE))
    return texts


def plant(lanterne: Tenant, team: str, where: set[str], many: int) -> None:
    """One request: encounters of these sizes in every square, in the name of one team."""
    for back in range(many):
        night = monday(back) + timedelta(days=1)
        close(lanterne, team, night, [factories.yes(size, inside(cell)) for cell in where for size in SPIES])


def take_back(lanterne: Tenant, team: str, share: float) -> None:
    """A share of what was planted, square by square."""
    with tenant_transaction(lanterne.scope(team)):
        opened = selectors.open_rows(list(Record.objects.select_related("round")))
    opened.sort(key=lambda one: (one.night, str(one.encounter.cell), one.encounter.people))
    for one in opened[: int(len(opened) * share)]:
        with tenant_transaction(lanterne.scope(team)):
            assert withdraw(one.id, actor=factories.ACTOR, now=NOW)


def exact(lanterne: Tenant) -> dict[date, dict[str, int]]:
    """What the former rule showed from: the exact sums."""
    with databases.as_owner():
        rows = list(WeeklySummary.objects.filter(association=lanterne.association))
        return {week: dict(sums.cells(body)) for week, body in sealed_sums.read(rows)}


@pytest.mark.database
@pytest.mark.slow
def test_two_cities_have_one_page(paris: dict[str, list[Week]], db_clean: None, drill: Drill) -> None:
    """As met; with nine planted in every square by a team of the attacker's; half of it taken back; all of it."""
    many = drill.times(2, 4)
    weeks = paris["lanternes"][:many]
    others = other_weeks(weeks)
    spies = "Les nouveaux"
    small = [(week, cell) for week in range(many) for cell, _n in search.targets(weeks[week], frozenset())]
    gone = sum(1 for week, cell in small if not sum(others[week].shares(cell).values()))
    assert gone > len(small) / 2
    where = squares(weeks) if drill.long else {cell for _week, cell in small}
    associations = [town(slug, (*weeks[0].teams, spies)) for slug in ("lumen", "nivel")]
    clients = [strong(lanterne.people["claire"]) for lanterne in associations]
    for lanterne, sent in zip(associations, (weeks, others), strict=True):
        send(lanterne, sent)
    told = []
    for step in ("as met", "planted", "half taken back", "all taken back"):
        for lanterne in associations:
            if step == "planted":
                plant(lanterne, spies, where, many)
            elif step != "as met":
                take_back(lanterne, spies, 0.5 if step.startswith("half") else 1)
        one, two = (
            pages(lanterne, client, many) for lanterne, client in zip(associations, clients, strict=True)
        )
        told.append(sum(a != b for a, b in zip(one, two, strict=True)))
        assert "peu" in "".join(one), "something is shown"
        former = [exact(lanterne) for lanterne in associations]
        differ = sum(
            former[0].get(monday(week), {}).get(cell) != former[1].get(monday(week), {}).get(cell)
            for week, cell in small
        )
        assert differ >= gone, "the sums behind the pages tell the cities apart"
        assert one == two, step
    drill.say(
        f"differencing: two cities through the services, {many} weeks, {gone} of {len(small)} small counts nobody in the other:"
        f" {len(one)} pages at 4 moments, different pages {told}; the exact sums differ in {differ} squares"
    )
