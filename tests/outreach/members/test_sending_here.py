"""Forms of the coordination's pages are sent from the open page too: what was typed outlives the network and the session."""

import pytest
from playwright.sync_api import Page, expect

from outreach.members.models import Team
from tests import databases
from tests.browser import expect_complaint
from tests.factories import Tenant
from tests.outreach.members.test_pages import enrol, sign_in

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]


def names() -> list[str]:
    with databases.as_owner():
        return sorted(Team.objects.filter(association__slug="lanterne").values_list("name", flat=True))


@pytest.fixture
def teams(lanterne: Tenant, live: str, laptop: Page) -> Page:
    """An administrator who typed the name of a new team."""
    sign_in(laptop, live, lanterne.people["agnes"])
    laptop.wait_for_url("**/compte/second-facteur/")
    enrol(laptop, live)
    laptop.goto(f"{live}/coordination/equipes/")
    laptop.locator("input[name=name]").fill("Équipe du canal")
    return laptop


def test_without_a_network_the_page_stays(teams: Page) -> None:
    expect_complaint(teams, "ERR_INTERNET_DISCONNECTED")
    teams.context.set_offline(True)
    teams.locator("main form:has(input[name=name]) button").click()
    expect(teams.get_by_text("Pas de réseau. Gardez cette page ouverte.")).to_be_visible()
    expect(teams.locator("input[name=name]")).to_have_value("Équipe du canal")
    teams.context.set_offline(False)
    with teams.expect_navigation():
        teams.get_by_role("button", name="Réessayer").click()
    assert "Équipe du canal" in names()


@pytest.mark.parametrize("status", [403, 503])
def test_an_answer_of_others_takes_nothing(teams: Page, status: int) -> None:
    expect_complaint(teams, str(status))
    teams.route("**/equipes/", lambda route: route.fulfill(status=status, body="<html>away</html>"))
    teams.locator("main form:has(input[name=name]) button").click()
    expect(teams.locator("[data-sending]")).to_be_visible()
    expect(teams.locator("input[name=name]")).to_have_value("Équipe du canal")
    assert "Équipe du canal" not in names()


def test_a_session_that_ended_takes_nothing(teams: Page) -> None:
    expect_complaint(teams, "401")
    for name in ("sessionid", "__Host-sessionid"):
        teams.context.clear_cookies(name=name)
    teams.locator("main form:has(input[name=name]) button").click()
    expect(teams.get_by_text("Votre session est terminée : rien n’est enregistré.")).to_be_visible()
    expect(teams.locator("input[name=name]")).to_have_value("Équipe du canal")


def test_a_link_that_is_shown_once_is_still_shown(teams: Page, live: str) -> None:
    """Its answer is a page of its own: the browser loads it whole, with the button that copies it."""
    teams.evaluate("() => { document.querySelector('input[name=name]').value = ''; }")
    teams.goto(f"{live}/coordination/membres/inviter/")
    teams.get_by_label("Adresse de courriel").fill("lila@invitee.invalid")
    teams.locator("input[name=roles][value=coordinator]").check(force=True)
    with teams.expect_navigation():
        teams.get_by_role("button", name="Créer le lien").click()
    expect(teams.get_by_role("button", name="Copier le lien")).to_be_visible()
