"""What people do in a browser, in their words: sign in, leave, note, close. Every step looks at the page it leads to."""

import re
from uuid import UUID

from playwright.sync_api import Page, expect

from tests.factories import PASSWORD, Person
from tests.outreach.members.people import code


def sign_in(page: Page, address: str, person: Person, secret: str = "") -> None:
    """With the password, and with the code of the moment when `secret` is given; ends on the first page of the person's role."""
    page.goto(f"{address}/compte/login/")
    page.locator("input[name=login]").fill(person.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    if secret:
        expect(page.get_by_role("heading", level=1)).to_contain_text("Connexion en deux étapes")
        page.locator("input[name=code]").fill(code(secret))
        page.get_by_role("button", name="Se connecter").first.click()
    expect(page.locator(".acting")).to_contain_text("Lanterne")


def leave(page: Page, *sectors: str) -> UUID:
    """Plan tonight's round over `sectors` and start it at once; gives its id."""
    for name in sectors:
        page.get_by_text(name, exact=True).click()
    page.get_by_role("button", name="Partir cette nuit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tournée en cours")
    found = re.search(r"/tournee/([0-9a-f-]{36})/", page.url)
    assert found
    return UUID(found[1])


def answer(page: Page, word: str) -> None:
    """The consent question: "Oui", "Non" or "Mineur·e seul·e"."""
    page.locator(f'input[name="zone"][value="{ {"Oui": "yes", "Non": "no"}[word] }"]').check(force=True)


def choose(page: Page, cell: str) -> None:
    """Tap a square, opening its sector first."""
    square = page.locator(f'input[name="place"][value="{cell}"]')
    page.locator("details.picker-sector", has=square).evaluate("one => { one.open = true }")
    square.check(force=True)


def write_note(page: Page, text: str) -> None:
    page.locator("summary", has_text="Note pour l’équipe").click()
    page.locator("textarea[name=note]").fill(text)


def close(page: Page, address: str, round_id: UUID) -> None:
    """Close the round, or send this phone's counts when it is closed already; ends on the receipt."""
    page.goto(f"{address}/maraude/tournee/{round_id}/clore/")
    page.locator("button.primary").click()
    page.wait_for_url("**/recu/")
