"""What a sending meets in the street, in a real Chromium: foreign answers, half ones, none, another account."""

from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from outreach.field import drafts
from tests.browser import assert_accessible, expect_complaint, screenshot
from tests.factories import Tenant
from tests.outreach.field.test_journey import enter, follow, out_on
from tests.outreach.field.test_sending import NOTE, assert_filled, count_on, fill, held, save
from tests.outreach.members.test_pages import sign_in

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]

PORTAL = "<!doctype html><title>Hôtel</title><main><form method=post><input name=room></form></main></html>"
AWAY = "Une autre page a répondu à la place de maraudes."
BUSY = "Le service est trop occupé : rien n’est enregistré."
LATE = "Pas de réponse. Gardez cette page ouverte."
FOREIGN: dict[str, tuple[dict[str, Any], str]] = {
    "a Wi-Fi that wants a sign-in": ({"status": 200, "body": PORTAL, "content_type": "text/html"}, AWAY),
    "sent elsewhere": ({"status": 302, "headers": {"Location": "https://portail.invalid/"}}, AWAY),
    "too large for a gateway": ({"status": 413, "body": PORTAL, "content_type": "text/html"}, AWAY),
    "a gateway without its service": ({"status": 502, "body": PORTAL, "content_type": "text/html"}, AWAY),
    "a gateway that waited": ({"status": 504, "body": PORTAL, "content_type": "text/html"}, AWAY),
    "too many": ({"status": 429, "body": PORTAL, "content_type": "text/html"}, BUSY),
    "a full service": ({"status": 503, "body": ""}, BUSY),
}


def on_the_form(page: Page, lanterne: Tenant, live: str) -> None:
    round_ = out_on(lanterne)
    enter(page, live, lanterne.people["omar"])
    page.goto(f"{live}/maraude/tournee/{round_.id}/rencontre/")
    fill(page)


def retry(page: Page) -> None:
    page.get_by_role("button", name="Réessayer").tap()


def saved_once(page: Page) -> None:
    with page.expect_navigation():
        retry(page)
    expect(page.get_by_text("Rencontre enregistrée")).to_be_visible()
    assert held() == 1


def posts(page: Page, answer: Any) -> None:
    """Answer the forms of the page, and let everything else through."""
    page.unroute_all()
    page.route(
        "**/tournee/**",
        lambda route: answer(route) if route.request.method == "POST" else route.continue_(),
    )


def test_answers_of_others_take_nothing(lanterne: Tenant, live: str, phone: Page) -> None:
    """A page of a hotel used to take the place of the form, and a breakdown was called a refusal."""
    on_the_form(phone, lanterne, live)
    expect_complaint(phone, "status of")
    address = phone.url
    for number, (what, (foreign, sentence)) in enumerate(FOREIGN.items()):
        posts(phone, lambda route, foreign=foreign: route.fulfill(**foreign))
        retry(phone) if number else save(phone)  # a second tap on one key so soon is a glove that bounced
        expect(phone.get_by_text(sentence), what).to_be_visible()
        assert_filled(phone)
        assert (phone.url, held()) == (address, 0), what
    assert_accessible(phone)
    screenshot(phone, "sending-busy-phone")
    phone.unroute_all()
    saved_once(phone)


def test_a_failure_of_ours_is_told(
    lanterne: Tenant, live: str, phone: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError

    on_the_form(phone, lanterne, live)
    expect_complaint(phone, "500")
    with monkeypatch.context() as broken:
        broken.setattr(drafts, "seal", fail)
        save(phone)
        expect(phone.get_by_text("Une erreur est arrivée : rien n’est enregistré.")).to_be_visible()
    assert_filled(phone)
    saved_once(phone)


def test_half_a_page_takes_nothing(lanterne: Tenant, live: str, phone: Page) -> None:
    """A page to correct that was cut on its way used to take the place of the form, with half of what was typed."""

    def cut(route: Route) -> None:
        text = route.fetch().text()
        route.fulfill(status=422, headers={"X-Sent-From-Page": "1"}, body=text[: text.index('name="needs"')])

    on_the_form(phone, lanterne, live)
    phone.get_by_label("Note pour l’équipe").fill(f"{NOTE}, Mamadou")
    expect_complaint(phone, "422")
    posts(phone, cut)
    save(phone)
    expect(phone.get_by_text(LATE)).to_be_visible()
    expect(phone.get_by_label("Note pour l’équipe")).to_have_value(f"{NOTE}, Mamadou")
    expect(phone.locator('input[name="needs"][value="meal"]')).to_be_checked()
    phone.unroute_all()
    retry(phone)
    expect(phone.get_by_text("Ce texte contient peut-être")).to_be_visible()
    expect(phone.get_by_text(LATE)).to_be_hidden()


def test_an_answer_that_does_not_come_is_given_up(lanterne: Tenant, live: str, phone: Page) -> None:
    count_on(phone, lanterne, live)
    held_back: list[Route] = []
    posts(phone, held_back.append)
    phone.get_by_role("button", name="3 personnes").tap(no_wait_after=True)
    phone.clock.run_for(900)
    expect(phone.get_by_text("Envoi en cours…")).to_be_visible()
    phone.clock.run_for(30_000)
    expect(phone.get_by_text(LATE)).to_be_visible()
    expect(phone.get_by_text("Pas de réseau")).to_be_hidden()
    phone.unroute_all()
    retry(phone)
    expect(phone.locator(".running")).to_contain_text("3 personnes · 1 groupe")


def test_a_turn_that_does_not_come_is_given_up(lanterne: Tenant, live: str, phone: Page) -> None:
    """A tab that the phone put to sleep while it was sending held up all the others for ever."""
    count_on(phone, lanterne, live)
    phone.evaluate("() => { navigator.locks.request('maraudes-sending', () => new Promise(() => {})); }")
    phone.get_by_role("button", name="3 personnes").tap(no_wait_after=True)
    phone.clock.run_for(61_000)
    expect(phone.get_by_text(LATE)).to_be_visible()


def test_numbers_refused_after_others_were_typed_over_them_are_shown(
    lanterne: Tenant, live: str, phone: Page
) -> None:
    count_on(phone, lanterne, live)
    expect_complaint(phone, "ERR_INTERNET_DISCONNECTED")
    expect_complaint(phone, "422")
    phone.get_by_text("Groupe plus grand").tap()
    phone.context.set_offline(True)
    for numbers in ({"Personnes": "2", "Hommes": "7"}, {"Personnes": "12", "Hommes": ""}):
        for name, number in numbers.items():
            phone.get_by_role("spinbutton", name=name).fill(number)
        phone.get_by_role("button", name="Compter ce groupe").tap()
        expect(phone.locator("[aria-busy=true]")).to_have_count(0)
        phone.clock.run_for(800)
    phone.context.set_offline(False)
    retry(phone)
    expect(phone.locator(".running")).to_contain_text("12 personnes · 1 groupe")
    given = phone.locator("[data-given-back] li")
    expect(given).to_contain_text("Personnes 2, Hommes 7")
    expect(given).to_contain_text("Hommes et femmes font déjà 7 personnes.")
    assert given.inner_text().count("Personnes") == 1, "the error's field is named already"
    phone.clock.resume()  # axe waits by the page's own clock
    assert_accessible(phone)
    screenshot(phone, "sending-given-back-phone")
    phone.get_by_role("button", name="J’ai lu").tap()
    expect(phone.locator("[data-sending]")).to_be_hidden()


def test_a_page_that_cannot_be_shown_keeps_what_was_typed(lanterne: Tenant, live: str, phone: Page) -> None:
    """Counted, and the page after it failed: the browser used to go to the failure, and the other form was empty."""
    count_on(phone, lanterne, live)
    phone.get_by_text("Groupe plus grand").tap()
    phone.get_by_role("spinbutton", name="Hommes").fill("4")
    expect_complaint(phone, "503")
    phone.route(
        "**/compter/",
        lambda route: (
            route.fulfill(status=503, body="") if route.request.method == "GET" else route.continue_()
        ),
    )
    phone.get_by_role("button", name="3 personnes").tap()
    expect(phone.get_by_text("L’envoi est arrivé.")).to_be_visible()
    expect(phone.get_by_role("spinbutton", name="Hommes")).to_have_value("4")
    phone.unroute_all()
    retry(phone)
    expect(phone.locator(".running")).to_contain_text("3 personnes · 1 groupe")
    expect(phone.get_by_role("spinbutton", name="Hommes")).to_have_value("4")
    expect(phone.locator("[data-sending]")).to_be_hidden()


def test_the_page_after_a_count_waits_its_turn(lanterne: Tenant, live: str, phone: Page) -> None:
    """Its answer writes the counts' cookie: another tab that counted meanwhile would be forgotten."""
    count_on(phone, lanterne, live)
    address = phone.url
    tab = phone.context.new_page()
    tab.goto(address)
    asked: list[Route] = []
    slow = True
    phone.route(
        "**/compter/",
        lambda route: asked.append(route) if slow and route.request.method == "GET" else route.continue_(),
    )
    sent: list[str] = []
    tab.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    with phone.expect_request(lambda request: request.method == "GET"):
        phone.get_by_role("button", name="3 personnes").tap(no_wait_after=True)
    tab.get_by_role("button", name="2 personnes").tap(no_wait_after=True)
    expect(tab.locator("[aria-busy=true]")).to_have_count(1)
    tab.clock.run_for(900)
    expect(tab.get_by_text("Envoi en cours…")).to_be_visible()
    assert sent == []
    slow = False
    for route in asked:
        route.continue_()
    expect(tab.locator(".running")).to_contain_text("5 personnes · 2 groupes")


def test_signed_in_again_as_somebody_else(lanterne: Tenant, live: str, phone: Page) -> None:
    """On a phone that is passed on: of another team nothing is taken, what was typed stays, and the first one can send it."""
    on_the_form(phone, lanterne, live)
    for code in ("401", "403", "404"):
        expect_complaint(phone, code)
    for first, said in (
        ("salome", "L’envoi est refusé : rien n’est enregistré."),
        ("omar", "Rencontre enregistrée"),
    ):
        phone.context.clear_cookies(name="sessionid")
        phone.context.clear_cookies(name="__Host-sessionid")
        save(phone) if first == "salome" else retry(phone)
        expect(phone.get_by_text("Votre session est terminée : rien n’est enregistré.")).to_be_visible()
        with phone.context.expect_page() as beside:
            phone.get_by_role("link", name="Se connecter").tap()
        beside.value.wait_for_load_state()
        sign_in(beside.value, live, lanterne.people[first])
        beside.value.wait_for_url("**/maraude/**")
        beside.value.close()
        assert_filled(phone)
        retry(phone)
        expect(phone.get_by_text(said)).to_be_visible()
    assert held() == 1


def test_enter_and_a_tap_send_one_form(lanterne: Tenant, live: str, phone: Page) -> None:
    on_the_form(phone, lanterne, live)
    sent: list[str] = []
    phone.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    with phone.expect_navigation():
        phone.evaluate(
            "() => { const form = document.querySelector('.encounter-form');"
            " form.requestSubmit(form.querySelector('button[hidden]'));"
            " form.querySelector('button.primary').click(); }"
        )
    expect(phone.get_by_text("Rencontre enregistrée.")).to_be_visible()
    assert (len(sent), held()) == (1, 1)


def asked_of(page: Page) -> list[str]:
    """What the browser asks before it leaves the page; the answer is to stay."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    return asked


def test_a_page_with_something_typed_is_not_left_unasked(lanterne: Tenant, live: str, phone: Page) -> None:
    on_the_form(phone, lanterne, live)
    asked = asked_of(phone)
    with phone.expect_event("dialog"):
        phone.evaluate("() => setTimeout(() => location.reload())")
    with phone.expect_event("dialog"):
        phone.get_by_role("link", name="Retour sans noter").tap(no_wait_after=True)
    assert_filled(phone)
    phone.get_by_label("Note pour l’équipe").fill("Mamadou")
    expect_complaint(phone, "422")
    save(phone)
    expect(phone.get_by_text("Ce texte contient peut-être")).to_be_visible()
    with phone.expect_event("dialog"):  # it came back with what was typed, and still is not sent
        phone.evaluate("() => setTimeout(() => location.reload())")
    assert asked == ["beforeunload"] * 3
    phone.get_by_label("Note pour l’équipe").fill(NOTE)
    with phone.expect_navigation():
        save(phone)
    expect(phone.get_by_text("Rencontre enregistrée.")).to_be_visible()
    follow(phone.get_by_role("link", name="Noter une rencontre"))
    follow(phone.get_by_role("link", name="Retour sans noter"))  # nothing was typed
    assert len(asked) == 3


def test_a_page_is_not_left_unasked_while_a_count_is_on_its_way(
    lanterne: Tenant, live: str, phone: Page
) -> None:
    """The answer holds the cookie of the counts: a page left meanwhile forgot the group."""
    count_on(phone, lanterne, live)
    waiting: list[Route] = []
    slow = True
    posts(phone, lambda route: waiting.append(route) if slow else route.continue_())
    asked = asked_of(phone)
    with phone.expect_request(lambda request: request.method == "POST"):
        phone.get_by_role("button", name="3 personnes").tap(no_wait_after=True)
    with phone.expect_event("dialog"):
        phone.get_by_role("link", name="Retour à la tournée").tap(no_wait_after=True)
    slow = False
    for route in waiting:
        route.continue_()
    expect(phone.locator(".running")).to_contain_text("3 personnes · 1 groupe")
    follow(phone.get_by_role("link", name="Retour à la tournée"))
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("typed", [False, True])
def test_back_shows_no_answers_that_were_sent(lanterne: Tenant, live: str, phone: Page, typed: bool) -> None:
    """A browser may keep a page it left, as it was: a fresh one comes, unless something typed would be lost with it."""
    on_the_form(phone, lanterne, live)
    if not typed:
        phone.evaluate(
            "document.querySelector('.encounter-form').dispatchEvent(new Event('form-sent', {bubbles: true}))"
        )
    phone.evaluate("() => { dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true})); }")
    back = "() => setTimeout(() => dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true})))"
    if typed:
        phone.evaluate(back)
        phone.evaluate("() => new Promise((done) => setTimeout(done))")
        assert_filled(phone)
    else:
        with phone.expect_navigation():
            phone.evaluate(back)
        expect(phone.get_by_label("Note pour l’équipe")).to_have_value("")
