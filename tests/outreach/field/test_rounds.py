"""The way in: what a lead plans, starts and cancels, what a worker sees, and whose rounds are nobody else's."""

import re
from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from outreach.field import selectors
from outreach.members.models import TeamMembership
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy import clock
from privacy.core.retention import night_of
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import Tenant
from tests.outreach.field.conftest import Phone, text_of
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database
TONIGHT = "/maraude/cette-nuit/"
PLAN = "/maraude/cette-nuit/prevoir/"


def night() -> date:
    return night_of(clock.now(), ZoneInfo("Europe/Paris"))


def all_rounds() -> list[Round]:
    with databases.as_owner():
        return list(Round.objects.order_by("night"))


def plan(client: Client, lanterne: Tenant, **more: object) -> object:
    form = {
        "team": str(lanterne.teams["north"].id),
        "night": f"{night()}",
        "sectors": [str(lanterne.sectors["east"].id)],
        **more,
    }
    return client.post(PLAN, form, follow=True)


def test_a_lead_plans_and_leaves_in_one_form(lanterne: Tenant) -> None:
    nadia = signed_in(lanterne.people["nadia"])
    page = text_of(nadia.get(TONIGHT))
    assert "Aucune tournée cette nuit" in page
    answer = plan(nadia, lanterne, start=1)
    assert "Tournée en cours" in text_of(answer)
    [round_] = all_rounds()
    assert round_.status == Round.Status.OPEN
    assert nadia.get(TONIGHT)["Location"] == f"/maraude/tournee/{round_.id}/"
    page = text_of(nadia.get(TONIGHT + "?toutes=1"))
    assert "Revenir à la tournée" in page
    again = plan(nadia, lanterne)
    assert "déjà une tournée cette nuit-là" in text_of(again)


def test_a_planned_round_is_started_or_cancelled_by_a_lead_only(lanterne: Tenant) -> None:
    nadia, omar = signed_in(lanterne.people["nadia"]), signed_in(lanterne.people["omar"])
    plan(nadia, lanterne)
    [round_] = all_rounds()
    url = f"/maraude/tournee/{round_.id}/"
    assert omar.get(url).status_code == 302
    assert "Actualiser" in text_of(omar.get(TONIGHT))
    assert omar.post(url + "partir/").status_code == 403
    assert omar.post(url + "annuler/").status_code == 403
    assert omar.post(PLAN).status_code == 403
    nadia.post(url + "annuler/")
    assert [one.status for one in all_rounds()] == [Round.Status.CANCELLED]
    plan(nadia, lanterne)
    nadia.post(url + "partir/", {"crew_count": 3, "transport": "vehicle", "cold_level": "cold"})
    [round_] = all_rounds()
    assert (round_.status, round_.crew_count, round_.transport, round_.cold_level) == (
        "open",
        3,
        "vehicle",
        "cold",
    )
    assert omar.get(TONIGHT)["Location"] == url


def test_tomorrow_is_planned_and_not_started(lanterne: Tenant) -> None:
    nadia = signed_in(lanterne.people["nadia"])
    tomorrow = night() + timedelta(days=1)
    answer = plan(nadia, lanterne, night=f"{tomorrow}", start=1)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "Pour partir maintenant" in text_of(answer)
    assert all_rounds() == []
    answer = plan(nadia, lanterne, night=f"{tomorrow}", plan=1)
    assert "Les prochains jours" in text_of(answer)
    [round_] = all_rounds()
    assert round_.status == Round.Status.PLANNED
    nadia.post(f"/maraude/tournee/{round_.id}/partir/")
    assert all_rounds()[0].status == Round.Status.PLANNED


def test_a_night_that_is_used_is_not_offered_again(lanterne: Tenant) -> None:
    nadia = signed_in(lanterne.people["nadia"])
    plan(nadia, lanterne, start=1)
    [round_] = all_rounds()
    nadia.post(f"/maraude/tournee/{round_.id}/clore/", {"handover": ""})
    page = text_of(nadia.get(TONIGHT))
    assert "La tournée de cette nuit est close." in page
    assert "Aucune tournée cette nuit" not in page
    assert "Partir cette nuit" not in page
    assert f'value="{night()}"' not in page
    assert f'value="{night() + timedelta(days=1)}"' in page
    assert "déjà une tournée cette nuit-là" in text_of(plan(nadia, lanterne, start=1))


def test_a_plan_needs_a_sector_an_own_team_and_a_night_of_this_week(
    lanterne: Tenant, passerelle: Tenant
) -> None:
    nadia = signed_in(lanterne.people["nadia"])
    wrong: tuple[dict[str, object], ...] = (
        {"sectors": []},
        {"sectors": [str(passerelle.sectors["east"].id)]},
        {"team": str(lanterne.teams["south"].id)},
        {"team": str(passerelle.teams["quay"].id)},
        {"night": "2020-01-01"},
    )
    for more in wrong:
        assert plan(nadia, lanterne, **more).status_code == 422  # type: ignore[attr-defined]
    assert all_rounds() == []


def test_the_sectors_of_the_last_round_are_chosen_already(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        factories.open_round(lanterne, night=factories.NIGHT - timedelta(days=10), sectors=("west",))
    nadia = signed_in(lanterne.people["nadia"])
    page = text_of(nadia.get(TONIGHT, {"toutes": ""}))
    west, east = (
        page.split(f'value="{lanterne.sectors[name].id}"', 1)[1].split(">", 1)[0] for name in ("west", "east")
    )
    assert "checked" in west
    assert "checked" not in east


def test_a_round_that_could_not_be_closed_for_weeks_is_still_there(lanterne: Tenant) -> None:
    """It left the page after four nights: nobody could open it any more, and what it holds waited for ever."""
    with tenant_transaction(lanterne.scope("north")):
        old = factories.open_round(lanterne, night=factories.NIGHT - timedelta(days=20))
    nadia = signed_in(lanterne.people["nadia"])
    answer = nadia.get(TONIGHT)
    assert answer.status_code == 200 and str(old.id) in answer.content.decode(), "it does not hide tonight's"
    answer = nadia.get(f"/maraude/tournee/{old.id}/")
    assert answer["Location"].endswith("/clore/"), "nothing more is taken for it, and nothing is promised"
    for page in ("compter/", "rencontre/"):
        assert nadia.get(f"/maraude/tournee/{old.id}/{page}").status_code == 302
    assert nadia.post(answer["Location"], {"handover": ""}).status_code == 302
    assert [one.status for one in all_rounds()] == [Round.Status.CLOSED]


def test_other_teams_and_associations_are_not_there(lanterne: Tenant, passerelle: Tenant) -> None:
    plan(signed_in(lanterne.people["nadia"]), lanterne)
    [round_] = all_rounds()
    bruno = signed_in(passerelle.people["bruno"])
    assert "Aucune tournée" in text_of(bruno.get(TONIGHT))
    assert bruno.post(f"/maraude/tournee/{round_.id}/partir/").status_code == 404
    assert bruno.post(f"/maraude/tournee/{round_.id}/annuler/").status_code == 404
    assert all_rounds()[0].status == Round.Status.PLANNED


def test_somebody_without_a_team_is_told_what_to_do(lanterne: Tenant) -> None:
    from outreach.members.models import TeamMembership

    with databases.as_owner():
        TeamMembership.objects.all().delete()
    assert "Vous n’êtes dans aucune équipe" in text_of(signed_in(lanterne.people["omar"]).get(TONIGHT))


def test_what_is_near_enough_to_be_seen(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        kept = {}
        for days in (-8, -2, 1, 13, 20):
            kept[days] = rounds.plan_round(
                association_id=lanterne.association.id,
                team_id=lanterne.teams["north"].id,
                night=night() + timedelta(days=days),
                sector_ids=[],
            )
        rounds.start_round(kept[-2].id, now=clock.now())
        from tests.outreach.closing.test_intake import acting

        found = selectors.rounds_of(acting(lanterne, "omar", "north"), clock.now())
    assert [one.id for one in found.open] == [kept[-2].id]
    assert [one.id for one in found.ahead] == [kept[1].id, kept[13].id]
    assert (found.tonight, found.closed) == ([], [])


def test_every_number_one_may_have_to_call_is_a_tap_away(omar: Phone) -> None:
    page = omar.get()
    assert [number for number in ("115", "15", "112", "119") if f'href="tel:{number}"' not in page] == []
    assert 'href="tel:115"' in omar.get("compter/")
    assert 'href="tel:119"' in omar.get("rencontre/")


def test_a_number_that_cannot_be_when_leaving_is_told_in_its_own_form(lanterne: Tenant) -> None:
    """25 are no crew: nothing starts, what was typed stays, and the form of the other team is as it was."""
    with databases.as_owner():
        TeamMembership.objects.create(
            association=lanterne.association,
            team=lanterne.teams["south"],
            membership=lanterne.people["nadia"].membership,
        )
    nadia = signed_in(lanterne.people["nadia"])
    for team in ("north", "south"):
        plan(nadia, lanterne, team=str(lanterne.teams[team].id))
    page = nadia.get(TONIGHT).content.decode()
    ids = re.findall(r' id="([^"]+)"', page)
    assert page.count('name="crew_count"') == len(lanterne.teams) == 2
    assert [one for one, times in Counter(ids).items() if times > 1] == []
    north = next(one for one in all_rounds() if one.team_id == lanterne.teams["north"].id)
    answer = nadia.post(f"/maraude/tournee/{north.id}/partir/", {"crew_count": 25})
    assert answer.status_code == 422
    assert "Une réponse est à revoir" in text_of(answer)
    numbers = re.findall(r'<input[^>]*name="crew_count"[^>]*>', answer.content.decode())
    assert sorted('value="25"' in one for one in numbers) == [False, True]
    assert {one.status for one in all_rounds()} == {Round.Status.PLANNED}


def test_a_wrong_number_for_a_round_that_was_called_off_is_told_what_became_of_it(lanterne: Tenant) -> None:
    nadia = signed_in(lanterne.people["nadia"])
    plan(nadia, lanterne)
    [round_] = all_rounds()
    url = f"/maraude/tournee/{round_.id}/"
    nadia.post(url + "annuler/")
    page = text_of(nadia.post(url + "partir/", {"crew_count": 25}, follow=True))
    assert "Cette tournée a été annulée entre-temps" in page
    assert [one.status for one in all_rounds()] == [Round.Status.CANCELLED]
