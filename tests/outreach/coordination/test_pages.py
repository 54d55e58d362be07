"""The coordination room through HTTP: the agenda plans and cancels, the desk says what is missing, coverage shows the plan."""

import re
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest

from outreach.access import Seat
from outreach.closing import freezing
from outreach.closing import services as closing
from outreach.coordination import services
from outreach.places.models import Sector
from outreach.records.models import TallyMonth
from outreach.records.tally import Counts
from outreach.roles import Role
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy.db.scope import Scope, working
from tests import cast, databases
from tests.cast import NIGHT, NOW, House
from tests.markup import bare
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database


def plan(home: House, **changed: object) -> dict[str, object]:
    sectors = [str(home.sectors["east"].id)]
    night = (NIGHT + timedelta(days=3)).isoformat()
    return {
        "team": str(home.teams["north"].id),
        "night": night,
        "transport": "foot",
        "sectors": sectors,
    } | changed


def seat_of_claire(home: House) -> Seat:
    claire = home.people["claire"]
    roles = frozenset({Role.COORDINATOR})
    return Seat(claire.id, claire.membership.id, home.association.id, "", "Europe/Paris", roles, frozenset())


def test_a_coordinator_plans_and_cancels_a_round(home: House) -> None:
    client = strong(home.people["claire"])
    answer = client.post("/coordination/agenda/", plan(home), follow=True)
    assert "La tournée est dans l’agenda" in answer.content.decode()
    with databases.as_owner():
        round_ = Round.objects.get()
        assert [line.sector.name for line in round_.plan.all()] == ["Secteur Est"]
    again = client.post("/coordination/agenda/", plan(home))
    assert again.status_code == 422
    assert "déjà une tournée" in again.content.decode()
    client.post(f"/coordination/agenda/{round_.id}/annuler/")
    with databases.as_owner():
        assert Round.objects.get().status == Round.Status.CANCELLED
    client.post("/coordination/agenda/", plan(home))
    with databases.as_owner():
        assert Round.objects.get().status == Round.Status.PLANNED


def test_a_lead_finds_the_form_first_in_the_dark_with_the_team_chosen(home: House) -> None:
    page = signed_in(home.people["nadia"]).get("/coordination/agenda/").content.decode()
    assert 'data-theme="dark"' in page
    assert page.index('id="plan"') < page.index('id="nights"')
    assert f'<option value="{home.teams["north"].id}" selected>' in page
    office = strong(home.people["claire"]).get("/coordination/agenda/").content.decode()
    assert 'data-theme="dark"' not in office


def test_what_is_planned_beyond_two_weeks_is_listed(home: House) -> None:
    """It was taken for any night of the year, and shown for two weeks: planned, and nowhere to be seen."""
    client = strong(home.people["claire"])
    answer = client.post(
        "/coordination/agenda/", plan(home, night=(NIGHT + timedelta(days=40)).isoformat()), follow=True
    )
    with databases.as_owner():
        round_ = Round.objects.get()
    assert f"/coordination/agenda/{round_.id}/annuler/" in answer.content.decode()


def test_a_night_of_the_past_is_refused_with_a_sentence(home: House) -> None:
    client = strong(home.people["claire"])
    answer = client.post("/coordination/agenda/", plan(home, night="2020-01-01"))
    assert answer.status_code == 422
    assert "nuit à venir" in answer.content.decode()


def test_a_lead_plans_for_the_own_team_only(home: House) -> None:
    client = signed_in(home.people["nadia"])
    assert client.post("/coordination/agenda/", plan(home)).status_code == 302
    answer = client.post("/coordination/agenda/", plan(home, team=str(home.teams["south"].id)))
    assert answer.status_code == 422
    with databases.as_owner():
        assert Round.objects.count() == 1


def test_a_round_of_another_association_cannot_be_cancelled(home: House, stranger: House) -> None:
    with working(stranger.scope("quay")):
        foreign = rounds.plan_round(
            association_id=stranger.association.id,
            team_id=stranger.teams["quay"].id,
            night=NIGHT,
            sector_ids=[],
        )
    answer = strong(home.people["claire"]).post(f"/coordination/agenda/{foreign.id}/annuler/")
    assert answer.status_code == 404
    with databases.as_owner():
        assert Round.objects.get(id=foreign.id).status == Round.Status.PLANNED


def test_the_desk_names_gaps_and_forgotten_rounds(home: House) -> None:
    client = strong(home.people["claire"])
    assert "Secteur Est : jamais prévu" in " ".join(
        bare(client.get("/coordination/").content.decode()).split()
    )
    with working(home.scope("north")):
        cast.open_round(home, night=NIGHT - timedelta(days=2), sectors=("east",))
    page = " ".join(bare(client.get("/coordination/").content.decode()).split())
    assert "Secteur Est" not in page
    assert "Secteur Ouest : jamais prévu" in page
    assert "restée ouverte" in page


def test_without_sectors_nobody_is_told_that_none_is_missing(home: House) -> None:
    with databases.as_owner():
        Sector.objects.filter(association=home.association).update(active=False)
    client = strong(home.people["claire"])
    page = client.get("/coordination/").content.decode()
    assert 'data-missing="sectors"' in page and "Tous les secteurs" not in page
    assert 'data-missing="sectors"' in client.get("/coordination/couverture/").content.decode()
    lead = signed_in(home.people["nadia"]).get("/maraude/cette-nuit/?toutes=1").content.decode()
    assert "Aucun secteur encore" in lead


def test_coverage_counts_plans_and_not_encounters(home: House) -> None:
    with working(home.scope("north")):
        round_ = cast.open_round(home, sectors=("east",))
        drafts = [cast.sealed(round_, cast.yes(9)) for _ in range(4)]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
    page = bare(strong(home.people["claire"]).get("/coordination/couverture/").content.decode())
    assert '<th scope="row">Secteur Est</th><td class="num">1</td>' in page
    assert '<th scope="row">Secteur Ouest</th><td class="num">0</td>' in page


def test_a_month_is_shown_once_no_phone_can_add_to_it(home: House) -> None:
    """A late phone brings counts for 72 h; two readings of a month must not differ by one phone."""
    first = NIGHT.replace(day=1)
    night = first - timedelta(days=1)
    with working(home.scope("north")):
        round_ = cast.open_round(home, night=night)
        now = datetime.combine(night, NOW.timetz())
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(people_count=30), now=now)
    seat = seat_of_claire(home)
    for day, shown in ((1, 0), (4, 0), (5, 1)):
        evening = datetime.combine(first.replace(day=day), NOW.timetz())
        with databases.as_worker(), working(Scope()):
            freezing.freeze(evening, quiet=timedelta(0))
        with working(home.scope()):
            assert len(services.months(seat)) == shown, day


def test_where_sectors_are_few_a_month_is_shown_in_tens(home: House) -> None:
    """Two sectors and 35 people say more of each place than ten sectors do."""
    with databases.as_owner():
        TallyMonth.objects.create(
            association=home.association,
            month=NIGHT.replace(day=1) - timedelta(days=1),
            totals={"people_count": 35, "distributions.meal": 15},
            frozen=True,
        )
    claire = strong(home.people["claire"])

    def shown() -> list[str]:
        page = bare(claire.get("/coordination/").content.decode())
        return re.findall(r'<td class="num">(\d+)</td>', page.split("Comptages de toutes les équipes", 1)[1])

    assert {"30", "10"} <= set(shown())
    assert not {"35", "15"} & set(shown())
    with databases.as_owner():
        for name in ("Nord", "Sud", "Centre"):
            outline = home.sectors["east"].outline
            Sector.objects.create(association=home.association, code=name[0], name=name, outline=outline)
    assert {"35", "15"} <= set(shown())


def test_what_disappears_does_not_say_whether_anybody_was_met(home: House, stranger: House) -> None:
    """A line of the book is there when somebody was: with nothing on the map that week, it would say "1 to 4"."""
    night, told = NIGHT - timedelta(days=25), []
    for house, team, met in ((home, "north", []), (stranger, "quay", [cast.yes(3)])):
        with working(house.scope(team)):
            round_ = cast.open_round(house, team, night)
            drafts = [cast.sealed(round_, one) for one in met]
            now = datetime.combine(night, NOW.timetz())
            closing.close_round(
                round_.id, phone=uuid4(), counts=Counts(people_count=3 if met else 0), now=now, drafts=drafts
            )
        person = house.people["claire" if house is home else "irene"]
        page = strong(person).get("/coordination/").content.decode()
        told.append(page[page.index('id="gone"') : page.index("</section>", page.index('id="gone"'))])
    assert "note" in told[0]
    assert told[0] == told[1]


def test_what_disappears_begins_today(home: House) -> None:
    """In the morning the night is still yesterday's: what went away yesterday is not "this week" any more."""
    morning = datetime.combine(NIGHT + timedelta(days=1), time(9), NOW.tzinfo)
    with working(home.scope("north")):
        for days in range(27, 34):
            night = NIGHT - timedelta(days=days)
            round_ = cast.open_round(home, "north", night)
            closing.close_round(
                round_.id, phone=uuid4(), counts=Counts(), now=datetime.combine(night, NOW.timetz())
            )
    seat = seat_of_claire(home)
    with working(home.scope()):
        listed = services.desk(seat, now=morning).disappears
        after_noon = services.desk(seat, now=morning + timedelta(hours=4)).disappears
    assert listed
    assert min(day for day, _kind in listed) == morning.date()
    assert listed == after_noon
