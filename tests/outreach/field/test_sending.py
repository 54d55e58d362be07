"""Sending from the open page in a real Chromium: no network, a dead session, a closing lead, a link from elsewhere, two tabs."""

import pytest
from playwright.sync_api import Page, expect

from tests.cast import House
from tests.outreach.field.test_journey import enter, follow, out_on

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]


def test_a_round_opened_from_a_link_elsewhere_shows_what_was_counted(
    home: House, live: str, phone: Page
) -> None:
    round_ = out_on(home)
    address = f"{live}/maraude/tournee/{round_.id}/"
    enter(phone, live, home.people["omar"])
    for key in ("3 personnes", "2 personnes"):
        phone.goto(f"{address}compter/")
        follow(phone.get_by_role("button", name=key))
        expect(phone.get_by_text(f"{key} comptées.")).to_be_visible()
    phone.goto(f"data:text/html,<a href='{address}compter/'>la maraude</a>")  # a page of another site
    follow(phone.get_by_role("link"))
    expect(phone.locator(".running")).to_contain_text("5 personnes")
    follow(phone.get_by_role("button", name="2 personnes"))
    expect(phone.locator(".running")).to_contain_text("7 personnes")
