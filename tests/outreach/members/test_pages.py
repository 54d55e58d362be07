"""The pages of people in a real browser, phone and laptop: links, scripts, a security key, axe and the keyboard."""

import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, Page, expect

from outreach.members import invitations
from outreach.members.models import Account
from outreach.roles import Role
from privacy import clock
from tests import databases
from tests.browser import assert_accessible, expect_complaint, keyboard_walk, open_page, screenshot
from tests.factories import PASSWORD, Person, Tenant, invited
from tests.outreach.members.people import code

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]
NEW_PASSWORD = "quatre-mots-sans-rapport"


def sign_in(page: Page, live: str, person: Person) -> None:
    page.goto(f"{live}/compte/login/")
    page.locator("input[name=login]").fill(person.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def enrol(page: Page, live: str) -> None:
    """From a fresh sign-in to a session with both proofs, through the pages."""
    page.goto(f"{live}/compte/second-facteur/totp/activate/")
    if "reauthenticate" in page.url:
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main form button").first.click()
    page.locator("input[name=code]").wait_for()
    page.wait_for_load_state()
    secret = re.search(r"secret=([A-Z2-7]+)", page.content()) or re.search(
        r"\b([A-Z2-7]{32})\b", page.content()
    )
    assert secret is not None, page.content()[:3000]
    page.locator("input[name=code]").fill(code(secret.group(1)))
    page.locator("main form button").first.click()
    page.wait_for_url("**/recovery-codes/**")


def link(lanterne: Tenant, live: str, email: str = "lila@invitee.invalid") -> str:
    token = invited(lanterne, email, Role.WORKER, "north", now=clock.now())
    return f"{live}/invitation/#{token}"


def looked_at(page: Page, name: str) -> None:
    assert_accessible(page)
    keyboard_walk(page)
    screenshot(page, name)


def test_an_invitation_on_a_phone(lanterne: Tenant, live: str, phone: Page) -> None:
    requested: list[str] = []
    phone.on("request", lambda request: requested.append(request.url + str(request.headers)))
    address = link(lanterne, live)
    token = address.rpartition("#")[2]
    phone.goto(address)
    phone.wait_for_url("**/invitation/accepter/")
    assert requested
    assert not any(token in line for line in requested)
    phone.go_back()
    assert token not in phone.url
    phone.goto(f"{live}/invitation/accepter/")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Lanterne vous invite")
    looked_at(phone, "invitation-phone")
    phone.get_by_label("prénom").fill("Lila")
    phone.get_by_label("Mot de passe").fill(NEW_PASSWORD)
    phone.get_by_label("encore une fois").fill(NEW_PASSWORD)
    phone.get_by_role("button", name="Rejoindre").click()
    phone.wait_for_load_state()
    with databases.as_owner():
        assert Account.objects.filter(email="lila@invitee.invalid", display_name="Lila").exists()


def test_an_invitation_without_scripts(lanterne: Tenant, live: str, browser: Browser) -> None:
    with open_page(browser, "phone", java_script_enabled=False) as page:
        address = link(lanterne, live)
        page.goto(address)
        page.get_by_label("Lien d’invitation").fill(address)
        page.get_by_role("button", name="Ouvrir").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Lanterne vous invite")


def test_a_dead_link(lanterne: Tenant, live: str, phone: Page) -> None:
    expect_complaint(phone, "410")
    phone.goto(f"{live}/invitation/#{'A' * 43}")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("n’ouvre plus rien")
    looked_at(phone, "invitation-dead-phone")


def test_public_pages(lanterne: Tenant, live: str, browser: Browser) -> None:
    for screen in ("phone", "laptop"):
        with open_page(browser, screen) as page:
            for path, name in (
                ("/", "front"),
                ("/invitation/", "invitation-paste"),
                ("/compte/login/", "login"),
            ):
                page.goto(live + path)
                looked_at(page, f"{name}-{screen}")


def test_an_administrator_at_work(lanterne: Tenant, live: str, laptop: Page) -> None:
    sign_in(laptop, live, lanterne.people["agnes"])
    laptop.wait_for_url("**/compte/second-facteur/")
    enrol(laptop, live)
    laptop.goto(live)
    laptop.wait_for_url("**/coordination/membres/")
    looked_at(laptop, "members-laptop")
    laptop.get_by_role("link", name="Inviter une personne").click()
    looked_at(laptop, "invite-laptop")
    laptop.get_by_label("Adresse de courriel").fill("lila@invitee.invalid")
    laptop.get_by_text("Membre d’équipe").click()
    laptop.get_by_text("Équipe Nord").click()
    laptop.get_by_role("button", name="Créer le lien").click()
    shown = laptop.get_by_label("Lien d’invitation").input_value()
    assert invitations.hash_of(shown) is not None
    looked_at(laptop, "invited-laptop")
    laptop.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live)
    laptop.get_by_role("button", name="Copier le lien").click()
    expect(laptop.get_by_text("Le lien est copié.")).to_be_visible()
    assert laptop.evaluate("navigator.clipboard.readText()") == shown
    laptop.get_by_role("link", name="Revenir aux membres").click()
    laptop.get_by_role("link", name="Omar").click()
    looked_at(laptop, "member-laptop")
    laptop.get_by_role("link", name="Mettre fin à son accès").click()
    looked_at(laptop, "member-end-laptop")
    laptop.get_by_role("button", name="Mettre fin à son accès").click()
    expect(laptop.get_by_text("Vous pouvez encore annuler")).to_be_visible()
    looked_at(laptop, "member-ended-laptop")
    with laptop.expect_navigation():
        laptop.get_by_role("button", name="Annuler le départ").click()
    laptop.goto(f"{live}/coordination/equipes/")
    looked_at(laptop, "teams-laptop")


def test_administration_on_a_phone(lanterne: Tenant, live: str, phone: Page) -> None:
    sign_in(phone, live, lanterne.people["agnes"])
    enrol(phone, live)
    omar = lanterne.people["omar"].membership.id
    for path, name in (
        ("membres/", "members"),
        ("membres/inviter/", "invite"),
        (f"membres/{omar}/", "member"),
        (f"membres/{omar}/fin/", "member-end"),
        ("equipes/", "teams"),
    ):
        phone.goto(f"{live}/coordination/{path}")
        looked_at(phone, f"{name}-phone")


def test_the_choice_of_association(lanterne: Tenant, passerelle: Tenant, live: str, phone: Page) -> None:
    from outreach.members.models import Membership

    bruno = passerelle.people["bruno"]
    with databases.as_owner():
        Membership.objects.create(association=lanterne.association, account=bruno.account, roles=["worker"])
    sign_in(phone, live, bruno)
    phone.goto(f"{live}/place/")
    looked_at(phone, "choose-phone")
    phone.get_by_role("button", name="Choisir Passerelle").click()
    phone.goto(f"{live}/place/")
    expect(phone.get_by_role("button", name="Choisir Lanterne")).to_be_visible()


def test_a_security_key_is_a_second_factor(lanterne: Tenant, live: str, laptop: Page) -> None:
    """A virtual key of the browser: registered, then asked for at the next sign-in, then enough for the members page."""
    protocol = laptop.context.new_cdp_session(laptop)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    agnes = lanterne.people["agnes"]
    sign_in(laptop, live, agnes)
    laptop.goto(f"{live}/compte/second-facteur/webauthn/add/")
    laptop.locator("input[name=password]").fill(PASSWORD)
    laptop.locator("main form button").first.click()
    looked_at(laptop, "key-add-laptop")
    laptop.locator("input[name=name]").fill("clé de bureau")
    laptop.locator("main form button").first.click()
    laptop.wait_for_url("**/recovery-codes/**")
    with databases.as_owner():
        assert Authenticator.objects.filter(user=agnes.account, type="webauthn").count() == 1
    laptop.goto(f"{live}/coordination/membres/")
    expect(laptop.get_by_role("heading", level=1)).to_contain_text("Membres")
    laptop.context.clear_cookies()
    sign_in(laptop, live, agnes)
    laptop.wait_for_url("**/compte/second-facteur/authenticate/")
    screenshot(laptop, "second-step-laptop")
    laptop.get_by_role("button", name=re.compile("clé", re.IGNORECASE)).click()
    laptop.wait_for_url("**/coordination/membres/")
