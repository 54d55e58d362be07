"""A page whose round was closed or opened meanwhile says so when it is touched, in a real browser."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from outreach.closing.services import close_round
from outreach.records.tally import Counts
from privacy.db.scope import tenant_transaction
from tests import factories
from tests.browser import assert_accessible, screenshot
from tests.factories import Tenant
from tests.outreach.field.test_journey import enter, follow, out_on

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]


def test_reopening_on_the_closed_page_opens_the_page(lanterne: Tenant, live: str, phone: Page) -> None:
    """Only the sentence came in place: "rouverte" stood below "La tournée est close", without *Compter*."""
    round_ = out_on(lanterne)
    enter(phone, live, lanterne.people["nadia"])
    phone.goto(f"{live}/maraude/tournee/{round_.id}/clore/")
    follow(phone.get_by_role("button", name="Clore et envoyer"))
    phone.goto(f"{live}/maraude/tournee/{round_.id}/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("La tournée est close")
    phone.get_by_role("button", name="Rouvrir la tournée").tap()
    expect(phone.get_by_text("La tournée est rouverte.")).to_be_visible()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Tournée en cours")
    expect(phone.get_by_role("link", name="Compter")).to_be_visible()
    expect(phone.get_by_role("button", name="Rouvrir la tournée")).to_have_count(0)
    assert_accessible(phone)
    screenshot(phone, "field-reopened-phone")


def test_a_round_closed_meanwhile_is_not_shown_as_open(lanterne: Tenant, live: str, phone: Page) -> None:
    """A colleague's phone still offered to count and to note below "Comptage annulé"."""
    round_ = out_on(lanterne)
    enter(phone, live, lanterne.people["omar"])
    for number in (3, 2):
        phone.goto(f"{live}/maraude/tournee/{round_.id}/compter/")
        phone.get_by_role("button", name=f"{number} personnes").tap()
        expect(phone.get_by_text(f"{number} personnes comptées.")).to_be_visible()
    phone.goto(f"{live}/maraude/tournee/{round_.id}/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Tournée en cours")
    with tenant_transaction(lanterne.scope("north")):
        close_round(round_.id, phone=uuid4(), counts=Counts(), now=factories.NOW)
    phone.get_by_role("button", name="Annuler le dernier comptage").tap()
    expect(phone.get_by_text("Comptage annulé : 2 personnes de moins.")).to_be_visible()
    expect(phone.get_by_role("heading", level=1)).to_have_text("La tournée est close")
    expect(phone.get_by_role("button", name="Envoyer maintenant")).to_be_visible()
    expect(phone.get_by_role("link", name="Compter")).to_have_count(0)


def test_a_round_opened_from_a_link_elsewhere_shows_what_was_counted(
    lanterne: Tenant, live: str, phone: Page
) -> None:
    round_ = out_on(lanterne)
    address = f"{live}/maraude/tournee/{round_.id}/"
    enter(phone, live, lanterne.people["omar"])
    for key in ("3 personnes", "2 personnes"):
        phone.goto(f"{address}compter/")
        phone.get_by_role("button", name=key).tap()
        expect(phone.get_by_text(f"{key} comptées.")).to_be_visible()
    phone.goto(f"data:text/html,<a href='{address}compter/'>la maraude</a>")  # a page of another site
    follow(phone.get_by_role("link"))
    expect(phone.locator(".running")).to_contain_text("5 personnes")
    phone.get_by_role("button", name="2 personnes").tap()
    expect(phone.locator(".running")).to_contain_text("7 personnes")
