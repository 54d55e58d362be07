"""Sending from the open page in a real Chromium: no network, a dead session, a closing lead, two tabs."""

import pytest
from playwright.sync_api import Browser, Page, Response, Route, expect

from outreach.records import tally
from outreach.records.models import Draft, Record, Tally
from privacy.db.scope import tenant_transaction
from tests import databases
from tests.browser import assert_accessible, expect_complaint, open_page, screenshot
from tests.factories import CELL, Tenant
from tests.outreach.field.test_journey import enter, follow, out_on
from tests.outreach.members.test_pages import sign_in

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]


NOTE = "sac bleu, près du banc"
NO_NETWORK = "Pas de réseau. Gardez cette page ouverte."


def fill(page: Page) -> None:
    """An encounter as far as the button: a yes, a square, a need, two people, a note."""
    page.get_by_text("Oui", exact=True).first.tap()
    page.get_by_role("button", name="Un de plus : Combien de personnes").tap()
    square = page.locator(f'input[value="{CELL}"]')
    if not square.is_visible():
        page.locator("summary", has_text="Secteur Est").tap()
    page.locator(f'label:has(input[value="{CELL}"])').tap()
    page.get_by_text("Repas", exact=True).first.tap()
    page.get_by_text("Note pour l’équipe").first.tap()
    page.get_by_label("Note pour l’équipe").fill(NOTE)


def assert_filled(page: Page) -> None:
    expect(page.get_by_label("Note pour l’équipe")).to_have_value(NOTE)
    expect(page.locator(f'input[value="{CELL}"]')).to_be_checked()
    expect(page.locator('input[name="needs"][value="meal"]')).to_be_checked()
    expect(page.locator('input[name="people"]')).to_have_value("2")


def boxes(page: Page) -> list[object]:
    """Where every control of the page stands."""
    found: list[object] = page.evaluate(
        "() => [...document.querySelectorAll('main button, main input, main summary')]"
        ".map((one) => { const box = one.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]; })"
    )
    return found


def count_on(page: Page, lanterne: Tenant, live: str) -> None:
    """The counting page of a fresh round; its clock stands still between taps, however slow the machine."""
    round_ = out_on(lanterne)
    enter(page, live, lanterne.people["omar"])
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.goto(f"{live}/maraude/tournee/{round_.id}/compter/")


def held() -> int:
    with databases.as_owner():
        return Draft.objects.count()


def save(page: Page) -> None:
    page.get_by_role("button", name="Enregistrer la rencontre").tap()


def test_the_network_cut_between_opening_the_form_and_saving(
    lanterne: Tenant, live: str, phone: Page
) -> None:
    round_ = out_on(lanterne)
    enter(phone, live, lanterne.people["omar"])
    phone.goto(f"{live}/maraude/tournee/{round_.id}/rencontre/")
    fill(phone)
    phone.context.set_offline(True)
    expect_complaint(phone, "ERR_INTERNET_DISCONNECTED")
    before = boxes(phone)
    phone.get_by_role("button", name="Enregistrer la rencontre").dispatch_event("click")  # a tap would scroll
    expect(phone.get_by_text(NO_NETWORK)).to_be_visible()
    assert boxes(phone) == before, "nothing moves under a finger"
    assert_filled(phone)
    screenshot(phone, "sending-offline-phone")
    phone.get_by_role("button", name="Réessayer").tap()
    expect(phone.get_by_text(NO_NETWORK)).to_be_visible()
    assert held() == 0
    assert phone.evaluate("localStorage.length + sessionStorage.length") == 0
    assert (
        phone.evaluate("async () => (await indexedDB.databases()).length + (await caches.keys()).length") == 0
    )
    phone.context.set_offline(False)
    assert_accessible(phone)
    with phone.expect_navigation():
        phone.get_by_role("button", name="Réessayer").tap()
    expect(phone.get_by_text("Rencontre enregistrée.")).to_be_visible()
    assert held() == 1


def test_an_answer_that_is_lost_on_the_way_back(lanterne: Tenant, live: str, phone: Page) -> None:
    round_ = out_on(lanterne)
    enter(phone, live, lanterne.people["omar"])
    phone.goto(f"{live}/maraude/tournee/{round_.id}/rencontre/")
    fill(phone)

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    expect_complaint(phone, "ERR_CONNECTION_RESET")
    phone.route("**/rencontre/", lose)
    save(phone)
    expect(phone.get_by_text(NO_NETWORK)).to_be_visible()
    assert held() == 1
    assert_filled(phone)
    phone.unroute("**/rencontre/")
    with phone.expect_navigation():
        phone.get_by_role("button", name="Réessayer").tap()
    expect(phone.get_by_text("Rencontre enregistrée une seule fois")).to_be_visible()
    expect(phone.locator(".figures.small")).to_contain_text("2")
    assert held() == 1


def test_a_session_that_ended_meanwhile(lanterne: Tenant, live: str, phone: Page) -> None:
    round_ = out_on(lanterne)
    omar = lanterne.people["omar"]
    enter(phone, live, omar)
    phone.goto(f"{live}/maraude/tournee/{round_.id}/rencontre/")
    fill(phone)
    with databases.raw("owner") as owner:
        owner.execute("DELETE FROM django_session")
    expect_complaint(phone, "401")
    expect_complaint(phone, "403")  # the token of the sign-in before; the page asks for a fresh one
    save(phone)
    expect(phone.get_by_text("Votre session est terminée : rien n’est enregistré.")).to_be_visible()
    assert_filled(phone)
    assert_accessible(phone)
    screenshot(phone, "sending-signed-out-phone")
    with phone.context.expect_page() as beside:
        phone.get_by_role("link", name="Se connecter").tap()
    beside.value.wait_for_load_state()
    sign_in(beside.value, live, omar)
    beside.value.wait_for_url("**/tournee/*/")
    beside.value.close()
    assert_filled(phone)
    with phone.expect_navigation():
        phone.get_by_role("button", name="Réessayer").tap()
    expect(phone.get_by_text("Rencontre enregistrée.")).to_be_visible()
    assert held() == 1


def test_the_lead_closes_meanwhile_on_three_phones(lanterne: Tenant, live: str, browser: Browser) -> None:
    round_ = out_on(lanterne)
    address = f"{live}/maraude/tournee/{round_.id}/"
    with (
        open_page(browser, "phone") as nadia,
        open_page(browser, "phone") as omar,
        open_page(browser, "phone") as other,
    ):
        for page, first in ((nadia, "nadia"), (omar, "omar"), (other, "omar")):
            enter(page, live, lanterne.people[first])
        omar.goto(f"{address}rencontre/")
        fill(omar)
        other.goto(f"{address}compter/")
        nadia.goto(f"{address}clore/")
        follow(nadia.get_by_role("button", name="Clore et envoyer"))
        nadia.wait_for_url("**/recu/")
        with omar.expect_navigation():
            save(omar)
        gone = "Gardée. La tournée est close : elle ne peut plus être effacée d’ici."
        expect(omar.get_by_text(gone)).to_be_visible()
        screenshot(omar, "sending-late-yes-phone")
        with other.expect_navigation():
            other.get_by_role("button", name="4 personnes").tap()
        expect(other.get_by_text("4 personnes comptées.")).to_be_visible()
        for page in (omar, other):
            page.goto(f"{address}clore/")
            follow(page.get_by_role("button", name="Envoyer"))
            page.wait_for_url("**/recu/")
    with tenant_transaction(lanterne.scope("north")):
        counts = tally.read(list(Tally.objects.all()))
        assert sorted(one.people_count or 0 for one in counts) == [2, 4]
        assert Record.objects.count() == 1


def test_two_tabs_that_count_at_once_count_both(lanterne: Tenant, live: str, phone: Page) -> None:
    round_ = out_on(lanterne)
    enter(phone, live, lanterne.people["omar"])
    address = f"{live}/maraude/tournee/{round_.id}/compter/"
    phone.goto(address)
    tab = phone.context.new_page()
    tab.goto(address)
    waiting: list[Route] = []
    answered: list[str] = []

    def hold(route: Route) -> None:
        waiting.append(route) if route.request.method == "POST" else route.continue_()

    def answer(response: Response) -> None:
        if response.request.method == "POST":
            answered.append(response.url)

    phone.context.route("**/compter/", hold)
    phone.context.on("response", answer)
    phone.get_by_role("button", name="3 personnes").tap(no_wait_after=True)
    tab.get_by_role("button", name="2 personnes").tap(no_wait_after=True)
    for _ in range(60):
        tab.wait_for_timeout(1000)  # whatever comes in this second goes on together
        while waiting:
            waiting.pop().continue_()
        if len(answered) == 2:
            break
    assert len(answered) == 2
    phone.context.unroute("**/compter/")
    phone.goto(address)
    expect(phone.locator(".running")).to_contain_text("5 personnes")


def test_groups_counted_without_a_network_are_all_counted_when_it_is_back(
    lanterne: Tenant, live: str, phone: Page
) -> None:
    count_on(phone, lanterne, live)
    phone.context.set_offline(True)
    expect_complaint(phone, "ERR_INTERNET_DISCONNECTED")
    for key, waiting in (("3 personnes", 1), ("3 personnes", 2), ("2 personnes", 3)):
        phone.get_by_role("button", name=key).dblclick()  # a glove that bounces
        expect(phone.get_by_text(NO_NETWORK)).to_be_visible()
        if waiting > 1:
            expect(phone.get_by_text(f"Envois en attente : {waiting}")).to_be_visible()
        phone.clock.run_for(800)  # the next group is not met within a second
    phone.context.set_offline(False)
    phone.get_by_role("button", name="Réessayer").tap()
    expect(phone.locator(".running")).to_contain_text("8 personnes · 3 groupes")


def test_a_group_counted_while_another_waits_is_not_taken_for_it(
    lanterne: Tenant, live: str, phone: Page
) -> None:
    """The page shows each answer, keeps saying that a group waits, and every tap is a group of its own."""
    count_on(phone, lanterne, live)
    phone.context.set_offline(True)
    expect_complaint(phone, "ERR_INTERNET_DISCONNECTED")
    phone.get_by_role("button", name="3 personnes").tap()
    expect(phone.get_by_text(NO_NETWORK)).to_be_visible()
    phone.context.set_offline(False)
    for running in ("2 personnes · 1 groupe", "4 personnes · 2 groupes"):
        phone.get_by_role("button", name="2 personnes").tap()
        expect(phone.locator(".running")).to_contain_text(running)
        expect(phone.get_by_text(NO_NETWORK)).to_be_visible()
        phone.clock.run_for(800)
    phone.get_by_role("button", name="Réessayer").tap()
    expect(phone.locator(".running")).to_contain_text("7 personnes · 3 groupes")
    expect(phone.get_by_text(NO_NETWORK)).to_be_hidden()


def test_groups_counted_faster_than_the_line_are_all_counted(
    lanterne: Tenant, live: str, phone: Page
) -> None:
    count_on(phone, lanterne, live)
    waiting: list[Route] = []
    slow = True
    phone.route("**/compter/", lambda route: waiting.append(route) if slow else route.continue_())
    for key in ("2 personnes", "3 personnes", "2 personnes"):
        phone.get_by_role("button", name=key).dblclick(no_wait_after=True)
        phone.clock.run_for(800)
    slow = False
    while waiting:
        waiting.pop().continue_()
    expect(phone.locator(".running")).to_contain_text("7 personnes · 3 groupes")


def test_a_group_typed_over_one_that_waits_is_a_second_group(
    lanterne: Tenant, live: str, phone: Page
) -> None:
    count_on(phone, lanterne, live)
    phone.get_by_text("Groupe plus grand").tap()
    phone.context.set_offline(True)
    expect_complaint(phone, "ERR_INTERNET_DISCONNECTED")
    for number in ("12", "11", "11"):  # the last one is the one before, sent again
        phone.get_by_role("spinbutton", name="Personnes").fill(number)
        phone.get_by_role("button", name="Compter ce groupe").tap()
        expect(phone.locator("[aria-busy=true]")).to_have_count(0)
        phone.clock.run_for(800)
    expect(phone.get_by_text("Envois en attente : 2")).to_be_visible()
    phone.context.set_offline(False)
    phone.get_by_role("button", name="Réessayer").tap()
    expect(phone.locator(".running")).to_contain_text("23 personnes · 2 groupes")
    expect(phone.get_by_role("spinbutton", name="Personnes")).to_have_value("")


def test_the_network_lost_between_the_count_and_the_page(lanterne: Tenant, live: str, phone: Page) -> None:
    """What was counted is shown when the network is back; the page stays."""
    count_on(phone, lanterne, live)
    expect_complaint(phone, "ERR_CONNECTION_RESET")
    phone.route(
        "**/compter/",
        lambda route: route.abort("connectionreset") if route.request.method == "GET" else route.continue_(),
    )
    phone.get_by_role("button", name="3 personnes").tap()
    expect(phone.get_by_text("L’envoi est arrivé.")).to_be_visible()  # "no network" said that it had not
    phone.unroute("**/compter/")
    phone.get_by_role("button", name="Réessayer").tap()
    expect(phone.locator(".running")).to_contain_text("3 personnes · 1 groupe")
    expect(phone.locator("[data-sending]")).to_be_hidden()


@pytest.mark.parametrize("missing", ["AbortSignal.timeout", "SubmitEvent.prototype.submitter"])
def test_an_older_phone_counts_too(lanterne: Tenant, live: str, phone: Page, missing: str) -> None:
    round_ = out_on(lanterne)
    enter(phone, live, lanterne.people["omar"])
    phone.add_init_script(f"delete {missing}")
    phone.goto(f"{live}/maraude/tournee/{round_.id}/compter/")
    owner, _, name = missing.rpartition(".")
    assert phone.evaluate(f"'{name}' in {owner}") is False
    phone.get_by_role("button", name="3 personnes").tap()
    expect(phone.get_by_text("3 personnes comptées.")).to_be_visible()


def test_what_is_to_be_corrected_comes_back_in_the_open_page(
    lanterne: Tenant, live: str, phone: Page
) -> None:
    round_ = out_on(lanterne)
    enter(phone, live, lanterne.people["omar"])
    phone.goto(f"{live}/maraude/tournee/{round_.id}/compter/")
    phone.get_by_text("Groupe plus grand").tap()
    phone.get_by_role("spinbutton", name="Hommes").fill("7")
    phone.get_by_role("spinbutton", name="Personnes").fill("2")
    expect_complaint(phone, "422")
    phone.get_by_role("button", name="Compter ce groupe").tap()
    expect(phone.get_by_text("Hommes et femmes font déjà 7 personnes.").first).to_be_visible()
    phone.get_by_role("button", name="Un de moins : Hommes").tap()
    expect(phone.get_by_role("spinbutton", name="Hommes")).to_have_value("6")
    phone.get_by_role("spinbutton", name="Hommes").fill("2")
    phone.get_by_role("button", name="Compter ce groupe").tap()
    expect(phone.get_by_text("2 personnes comptées.").first).to_be_visible()
