"""A night in a real browser, phone in hand: taps counted, pages checked by axe and by keyboard, also without scripts."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from outreach.records.models import Draft, Handover, Record, Tally
from outreach.rounds.models import Round
from privacy.core import coarsening
from privacy.core.values import Cell
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.browser import assert_accessible, expect_complaint, keyboard_walk, open_page, screenshot
from tests.factories import CELL, Person, Tenant
from tests.outreach.members.test_pages import sign_in

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]

SMALL = """() => [...document.querySelectorAll('main a[href], main button, main input, main select, main textarea, main summary')]
  .filter((one) => one.type !== 'hidden' && one.checkVisibility({visibilityProperty: true}))
  .map((one) => one.closest('label') ?? one)
  .filter((one) => one.getBoundingClientRect().height < 47.5)
  .map((one) => one.outerHTML.slice(0, 120))"""


class Thumb:
    """Taps, counted."""

    def __init__(self) -> None:
        self.taps = 0

    def __call__(self, target: Locator) -> None:
        target.tap()
        self.taps += 1

    def leaves(self, target: Locator) -> None:
        follow(target)
        self.taps += 1


def follow(target: Locator) -> None:
    """Tap what leads to another page, and wait for it."""
    with target.page.expect_navigation():
        target.tap()


def looked_at(page: Page, name: str, *, walk: bool = True) -> None:
    assert_accessible(page)
    assert page.evaluate(SMALL) == []
    if walk:
        keyboard_walk(page)
    screenshot(page, name)


def enter(page: Page, live: str, person: Person) -> None:
    sign_in(page, live, person)
    page.goto(f"{live}/maraude/cette-nuit/")


def out_on(lanterne: Tenant, *sectors: str) -> Round:
    with tenant_transaction(lanterne.scope("north")):
        return factories.open_round(lanterne, sectors=sectors or ("east", "west"))


def test_a_night_from_plan_to_receipt(lanterne: Tenant, live: str, phone: Page) -> None:
    enter(phone, live, lanterne.people["nadia"])
    looked_at(phone, "field-tonight-empty-phone")
    phone.locator("label", has_text="Secteur Est").tap()
    follow(phone.get_by_role("button", name="Partir cette nuit"))
    phone.wait_for_url("**/tournee/*/")
    looked_at(phone, "field-round-phone")

    follow(phone.get_by_role("link", name="Compter"))
    phone.get_by_role("button", name="4 personnes").tap()
    expect(phone.get_by_text("4 personnes comptées.")).to_be_visible()
    looked_at(phone, "field-count-phone")
    phone.get_by_text("Groupe plus grand").tap()
    phone.get_by_text("Distributions", exact=True).tap()
    looked_at(phone, "field-count-open-phone")
    phone.get_by_role("button", name="Un de plus : Repas").tap()
    phone.get_by_role("button", name="Ajouter aux distributions").tap()
    expect(phone.get_by_text("Repas 1")).to_be_visible()
    follow(phone.get_by_role("link", name="Retour à la tournée"))

    follow(phone.get_by_role("link", name="Noter une rencontre"))
    looked_at(phone, "field-door-phone")
    phone.get_by_text("Oui", exact=True).first.tap()
    looked_at(phone, "field-yes-phone")
    phone.locator(f'label:has(input[value="{CELL}"])').tap()
    phone.get_by_text("Repas", exact=True).first.tap()
    phone.get_by_text("Note pour l’équipe").first.tap()
    phone.get_by_label("Note pour l’équipe").fill(
        "Il s’appelle Mamadou, sans papiers. Repasser avec un duvet."
    )
    expect_complaint(phone, "422")
    phone.get_by_role("button", name="Enregistrer la rencontre").tap()  # it comes back in the open page
    expect(phone.get_by_text("Ce texte contient peut-être :")).to_be_visible()
    looked_at(phone, "field-note-warning-phone", walk=False)
    expect(phone.locator(f'input[value="{CELL}"]')).to_be_checked()
    phone.get_by_label("Note pour l’équipe").fill("Repasser avec un duvet.")
    follow(phone.get_by_role("button", name="Enregistrer la rencontre"))
    expect(phone.get_by_text("Rencontre enregistrée.")).to_be_visible()
    looked_at(phone, "field-round-noted-phone")

    follow(phone.get_by_role("link", name="Clore la tournée"))
    phone.get_by_label("Transmission").fill("Manque de duvets.")
    looked_at(phone, "field-close-phone")
    follow(phone.get_by_role("button", name="Clore et envoyer"))
    expect(phone.get_by_role("heading", level=1)).to_contain_text("C’est envoyé")
    looked_at(phone, "field-sent-phone")
    follow(phone.get_by_role("link", name="Terminer"))
    looked_at(phone, "field-tonight-after-phone")
    follow(phone.get_by_role("link", name="Notes des nuits passées"))
    expect(phone.get_by_text("Repasser avec un duvet.")).to_be_visible()
    looked_at(phone, "field-notes-phone")
    with databases.as_owner():
        assert (Record.objects.count(), Tally.objects.count(), Handover.objects.count()) == (1, 1, 1)


def test_taps_of_the_common_cases(lanterne: Tenant, live: str, phone: Page) -> None:
    out_on(lanterne)
    enter(phone, live, lanterne.people["omar"])
    phone.wait_for_url("**/tournee/*/")  # an open round is the home screen
    thumb = Thumb()
    thumb.leaves(phone.get_by_role("link", name="Compter"))
    thumb(phone.get_by_role("button", name="3 personnes"))
    expect(phone.get_by_text("3 personnes comptées.")).to_be_visible()
    counting = thumb.taps
    follow(phone.get_by_role("link", name="Retour à la tournée"))

    thumb = Thumb()
    thumb.leaves(phone.get_by_role("link", name="Noter une rencontre"))
    thumb(phone.get_by_text("Oui", exact=True).first)
    thumb(phone.locator("summary", has_text="Secteur Est"))
    thumb(phone.locator(f'label:has(input[value="{CELL}"])'))
    thumb(phone.get_by_text("Repas", exact=True).first)
    thumb.leaves(phone.get_by_role("button", name="Enregistrer la rencontre"))
    expect(phone.get_by_text("Rencontre enregistrée.")).to_be_visible()
    noting = thumb.taps

    thumb = Thumb()
    thumb.leaves(phone.get_by_role("link", name="Noter une rencontre"))
    thumb.leaves(phone.get_by_role("button", name="Compter, ne rien noter"))
    expect(phone.get_by_text("Compté, rien de noté.")).to_be_visible()
    refusing = thumb.taps
    looked_at(phone, "field-refused-phone")

    thumb = Thumb()
    thumb(phone.get_by_role("button", name="Effacer la rencontre 1"))
    expect(phone.get_by_text("Rencontre effacée.")).to_be_visible()
    print(f"taps: a group {counting}, an encounter {noting}, a refusal {refusing}, an undo {thumb.taps}")
    assert (counting <= 4, noting <= 6, refusing <= 2, thumb.taps) == (True, True, True, 1)
    with databases.as_owner():
        assert Draft.objects.count() == 0


def test_without_scripts(lanterne: Tenant, live: str, browser: Browser) -> None:
    round_ = out_on(lanterne, "east")
    with open_page(browser, "phone", java_script_enabled=False) as page:
        enter(page, live, lanterne.people["omar"])
        page.goto(f"{live}/maraude/tournee/{round_.id}/rencontre/")
        expect(page.get_by_text("Besoins", exact=True)).to_be_hidden()
        page.get_by_text("Mineur·e seul·e").tap()
        expect(page.get_by_text("Appelez le 119")).to_be_visible()
        page.get_by_text("Oui", exact=True).first.tap()
        page.locator(f'label:has(input[value="{CELL}"])').tap()
        follow(page.get_by_role("button", name="Enregistrer la rencontre"))
        expect(page.get_by_text("Rencontre enregistrée.")).to_be_visible()
        page.goto(f"{live}/maraude/tournee/{round_.id}/compter/")
        page.get_by_text("Groupe plus grand").tap()
        page.get_by_label("Hommes").fill("9")
        page.get_by_label("Personnes").fill("12")
        follow(page.get_by_role("button", name="Compter ce groupe"))
        expect(page.get_by_text("12 personnes comptées.").first).to_be_visible()


def test_a_minor_and_the_119(lanterne: Tenant, live: str, phone: Page) -> None:
    round_ = out_on(lanterne)
    enter(phone, live, lanterne.people["omar"])
    phone.goto(f"{live}/maraude/tournee/{round_.id}/rencontre/")
    phone.get_by_text("Mineur·e seul·e").tap()
    looked_at(phone, "field-minor-door-phone")
    follow(phone.get_by_role("button", name="Compter et voir le 119"))
    expect(phone.get_by_role("link", name="Appeler le 119")).to_have_attribute("href", "tel:119")
    looked_at(phone, "field-minor-phone")


def test_another_phone_sends_its_counts_after_the_close(
    lanterne: Tenant, live: str, browser: Browser
) -> None:
    round_ = out_on(lanterne)
    with open_page(browser, "phone") as omar, open_page(browser, "phone") as nadia:
        enter(omar, live, lanterne.people["omar"])
        follow(omar.get_by_role("link", name="Compter"))
        omar.get_by_role("button", name="2 personnes").tap()
        expect(omar.get_by_text("2 personnes comptées.")).to_be_visible()
        omar.goto(f"{live}/maraude/tournee/{round_.id}/clore/")
        looked_at(omar, "field-end-worker-phone")
        enter(nadia, live, lanterne.people["nadia"])
        nadia.goto(f"{live}/maraude/tournee/{round_.id}/clore/")
        follow(nadia.get_by_role("button", name="Clore et envoyer"))
        nadia.wait_for_url("**/recu/")
        omar.goto(f"{live}/maraude/cette-nuit/")
        expect(omar.get_by_role("heading", name="Comptages à envoyer")).to_be_visible()
        looked_at(omar, "field-tonight-late-phone")
        follow(omar.get_by_role("link", name="Équipe Nord"))
        looked_at(omar, "field-round-closed-phone")
        follow(omar.get_by_role("button", name="Envoyer maintenant"))
        expect(omar.get_by_role("heading", level=1)).to_contain_text("C’est envoyé")
    with databases.as_owner():
        assert Tally.objects.count() == 1  # Nadia's phone had counted nothing


def test_the_same_pages_on_a_laptop(lanterne: Tenant, live: str, laptop: Page) -> None:
    round_ = out_on(lanterne)
    enter(laptop, live, lanterne.people["nadia"])
    for page in ("", "compter/", "rencontre/", "clore/"):
        laptop.goto(f"{live}/maraude/tournee/{round_.id}/{page}")
        if page == "rencontre/":
            laptop.get_by_text("Oui", exact=True).first.click()
        looked_at(laptop, f"field-{page.strip('/') or 'round'}-laptop")
    laptop.goto(f"{live}/maraude/cette-nuit/?toutes=1")
    looked_at(laptop, "field-tonight-laptop")


def test_the_position_becomes_a_square_on_the_phone_and_stays_there(
    lanterne: Tenant, live: str, browser: Browser
) -> None:
    round_ = out_on(lanterne)
    lon, lat = coarsening.ring(Cell.parse(CELL))[0]
    place = {"longitude": lon + 0.002, "latitude": lat + 0.002, "accuracy": 12}
    with open_page(browser, "phone", geolocation=place, permissions=["geolocation"]) as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
        enter(page, live, lanterne.people["omar"])
        page.goto(f"{live}/maraude/tournee/{round_.id}/rencontre/")
        page.get_by_text("Oui", exact=True).first.tap()
        page.get_by_role("button", name="Utiliser ma position").tap()
        expect(page.locator(f'input[value="{CELL}"]')).to_be_checked()
        follow(page.get_by_role("button", name="Enregistrer la rencontre"))
        expect(page.get_by_text("Rencontre enregistrée.")).to_be_visible()
        assert any(CELL in line for line in sent)
        for number in (place["longitude"], place["latitude"]):
            assert not any(f"{number:.3f}" in line for line in sent)


@pytest.mark.parametrize(("accuracy", "chosen"), [(12, True), (400, False)])
def test_what_the_position_gave_is_seen_and_a_vague_one_chooses_nothing(
    lanterne: Tenant, live: str, browser: Browser, accuracy: int, chosen: bool
) -> None:
    """The sentence used to scroll away with its button, and a position of the next square over chose this one."""
    round_ = out_on(lanterne)
    lon, lat = coarsening.ring(Cell.parse(CELL))[0]
    place = {"longitude": lon + 0.002, "latitude": lat + 0.002, "accuracy": accuracy}
    with open_page(browser, "phone", geolocation=place, permissions=["geolocation"]) as page:
        enter(page, live, lanterne.people["omar"])
        page.goto(f"{live}/maraude/tournee/{round_.id}/rencontre/")
        page.get_by_text("Oui", exact=True).first.tap()
        page.get_by_role("button", name="Utiliser ma position").tap()
        status = page.locator(".picker-status")
        expect(status).to_contain_text("Vérifiez-le" if chosen else "à 400 m près : rien n’est choisi")
        expect(status).to_be_in_viewport()
        if chosen:
            expect(page.locator(f'input[value="{CELL}"]')).to_be_checked()
            expect(page.locator(f'label:has(input[value="{CELL}"])')).to_be_in_viewport()
        else:
            expect(page.locator('input[name="place"]:checked')).to_have_value("")
        screenshot(page, f"field-position-{accuracy}")
