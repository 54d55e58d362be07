"""A page with several forms, in a real browser: the answer to one leaves what was typed in the others."""

import pytest
from playwright.sync_api import Page, expect

from outreach.rounds import services as rounds
from privacy.db.scope import tenant_transaction
from tests import factories
from tests.browser import expect_complaint
from tests.factories import Tenant
from tests.outreach.field.test_journey import enter

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]


def test_a_form_to_correct_empties_no_other_form(lanterne: Tenant, live: str, phone: Page) -> None:
    """On *Cette nuit* a departure stands beside a plan: the answer to one took away what was typed in the other."""
    with tenant_transaction(lanterne.scope("north")):
        rounds.plan_round(
            association_id=lanterne.association.id,
            team_id=lanterne.teams["north"].id,
            night=factories.NIGHT,
            sector_ids=[lanterne.sectors["east"].id],
        )
    enter(phone, live, lanterne.people["nadia"])
    phone.goto(f"{live}/maraude/cette-nuit/?toutes")
    phone.get_by_text("Préciser (facultatif)").tap()
    phone.get_by_role("spinbutton", name="Combien êtes-vous").fill("4")
    phone.get_by_text("Prévoir une tournée", exact=True).tap()
    plan = phone.locator('form[action$="/prevoir/"]')
    for one in plan.locator("input[name=sectors]:checked").all():
        one.uncheck(force=True)
    expect_complaint(phone, "422")
    plan.locator("button").last.tap()
    expect(plan.get_by_text("Choisissez au moins un secteur.").first).to_be_visible()
    expect(phone.get_by_role("spinbutton", name="Combien êtes-vous")).to_have_value("4")
