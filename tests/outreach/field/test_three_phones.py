"""One round on three phones at once, in a real Chromium: no network on one, no session on another, and the lead closes."""

import pytest
from playwright.sync_api import Browser, Page, expect

from outreach.members.models import TeamMembership
from outreach.records import selectors, tally
from outreach.records.models import Record, Tally
from outreach.rounds.models import Round
from privacy.db.scope import tenant_transaction
from tests import databases
from tests.browser import expect_complaint, open_page, screenshot
from tests.factories import CELL, Person, Tenant
from tests.outreach.field.test_journey import enter, follow, out_on
from tests.outreach.field.test_sending import NO_NETWORK, NOTE, assert_filled, fill, held, save
from tests.outreach.members.test_pages import sign_in

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]

OTHER_NOTE = "duvet vert, sous le porche"
SIGNED_OUT = "Votre session est terminée : rien n’est enregistré."
KEPT_LATE = "Gardée. La tournée est close : elle ne peut plus être effacée d’ici."
OTHERS = "autres téléphones ont ouvert la tournée"


def second_worker(lanterne: Tenant) -> Person:
    """Salomé, in the north team too."""
    salome = lanterne.people["salome"]
    with databases.as_owner():
        TeamMembership.objects.create(
            association=lanterne.association, team=lanterne.teams["north"], membership=salome.membership
        )
    return salome


def count(page: Page, address: str, key: str) -> None:
    page.goto(f"{address}compter/")
    page.get_by_role("button", name=key).tap()
    expect(page.get_by_text(f"{key} comptées.")).to_be_visible()


def type_another(page: Page) -> None:
    fill(page)
    page.get_by_role("button", name="Un de plus : Combien de personnes").tap()
    page.get_by_label("Note pour l’équipe").fill(OTHER_NOTE)


def assert_another(page: Page) -> None:
    expect(page.get_by_label("Note pour l’équipe")).to_have_value(OTHER_NOTE)
    expect(page.locator(f'input[value="{CELL}"]')).to_be_checked()
    expect(page.locator('input[name="people"]')).to_have_value("3")


def end_session(page: Page) -> None:
    """Of this phone alone; the others stay signed in."""
    keys = [one["value"] for one in page.context.cookies() if one["name"].endswith("sessionid")]
    with databases.raw("owner") as owner:
        gone = owner.execute("DELETE FROM django_session WHERE session_key = ANY(%s)", [keys])
        assert gone.rowcount == 1


def close(page: Page, address: str) -> None:
    """Close as the lead; the receipt says what came so far, and that two phones have not sent."""
    page.goto(f"{address}clore/")
    follow(page.get_by_role("button", name="Clore et envoyer"))
    page.wait_for_url("**/recu/")
    expect(page.locator(".figures")).to_contain_text("0")
    expect(page.get_by_text(f"2 {OTHERS}")).to_be_visible()
    screenshot(page, "three-phones-receipt-phone")


def sign_in_beside(page: Page, live: str, person: Person) -> None:
    with page.context.expect_page() as beside:
        page.get_by_role("link", name="Se connecter").tap()
    beside.value.wait_for_load_state()
    sign_in(beside.value, live, person)
    beside.value.wait_for_url("**/maraude/cette-nuit/")  # no round is open any more
    beside.value.close()


def retry_late(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Réessayer").tap()
    expect(page.get_by_text(KEPT_LATE)).to_be_visible()
    expect(page.locator(".figures dt", has_text="Rencontres notées").locator("+ dd")).to_have_text("1")


def send_counts(page: Page, address: str, people: int) -> None:
    page.goto(f"{address}clore/")
    follow(page.get_by_role("button", name="Envoyer"))
    page.wait_for_url("**/recu/")
    expect(page.get_by_role("row", name="Personnes", exact=False).first).to_contain_text(str(people))


def assert_stored_once(lanterne: Tenant, round_: Round) -> None:
    """What the two typed, each once; and what the three counted."""
    with tenant_transaction(lanterne.scope("north")):
        rows = list(Record.objects.filter(round=round_).select_related("round"))
        opened = selectors.open_rows(rows, notes=True)
        counts = tally.read(list(Tally.objects.filter(round=round_)))
    stored = sorted((one.encounter.people, one.note) for one in opened)
    assert (len(rows), stored) == (2, [(2, NOTE), (3, OTHER_NOTE)])
    for one in opened:
        assert one.encounter.cell is not None
        assert (one.encounter.cell.id, one.encounter.needs, one.encounter.zone) == (CELL, ("meal",), True)
    assert sorted(one.people_count or 0 for one in counts) == [2, 5, 4 + 3]
    assert sum(one.encounters or 0 for one in counts) == 4
    assert held() == 0


def test_no_network_on_one_no_session_on_another_and_the_lead_closes(
    lanterne: Tenant, live: str, browser: Browser
) -> None:
    round_ = out_on(lanterne)
    address = f"{live}/maraude/tournee/{round_.id}/"
    salome = second_worker(lanterne)
    with (
        open_page(browser, "phone") as lead,
        open_page(browser, "phone") as cut_off,
        open_page(browser, "phone") as signed_out,
    ):
        for page, person in (
            (lead, lanterne.people["nadia"]),
            (cut_off, lanterne.people["omar"]),
            (signed_out, salome),
        ):
            enter(page, live, person)
            page.goto(address)
        expect_complaint(cut_off, "ERR_INTERNET_DISCONNECTED")
        for code in ("401", "403"):
            expect_complaint(signed_out, code)
        count(lead, address, "5 personnes")
        count(signed_out, address, "4 personnes")

        cut_off.goto(f"{address}rencontre/")
        fill(cut_off)
        cut_off.context.set_offline(True)
        signed_out.goto(f"{address}rencontre/")
        type_another(signed_out)
        end_session(signed_out)
        save(cut_off)
        expect(cut_off.get_by_text(NO_NETWORK)).to_be_visible()
        close(lead, address)

        save(signed_out)
        expect(signed_out.get_by_text(SIGNED_OUT)).to_be_visible()
        assert_another(signed_out)
        sign_in_beside(signed_out, live, salome)
        assert_another(signed_out)
        retry_late(signed_out)
        screenshot(signed_out, "three-phones-signed-out-phone")

        cut_off.get_by_role("button", name="Réessayer").tap()
        expect(cut_off.get_by_text(NO_NETWORK)).to_be_visible()
        assert_filled(cut_off)
        cut_off.context.set_offline(False)
        retry_late(cut_off)
        screenshot(cut_off, "three-phones-cut-off-phone")

        for page, people in ((signed_out, 7), (cut_off, 2)):
            send_counts(page, address, people)
        lead.goto(f"{address}recu/")
        expect(lead.get_by_role("heading", level=1)).to_contain_text("C’est envoyé")
        expect(lead.get_by_text(OTHERS)).to_have_count(0)
        expect(lead.locator(".figures")).to_contain_text("cet envoi")  # two more are kept since
        screenshot(lead, "three-phones-receipt-after-phone")
    assert_stored_once(lanterne, round_)
