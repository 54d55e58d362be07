"""The pages of a role asked for oneself and of links about to be withdrawn, on a phone and on a laptop."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from outreach.members import notices
from outreach.members.models import Membership, RoleNotice
from outreach.roles import Role
from privacy import clock
from tests import databases
from tests.browser import open_page
from tests.factories import Tenant, invited
from tests.outreach.members.test_pages import enrol, looked_at, sign_in

pytestmark = [pytest.mark.database, pytest.mark.browser, pytest.mark.slow]


def enter(page: Page, live: str, lanterne: Tenant, name: str) -> None:
    sign_in(page, live, lanterne.people[name])
    enrol(page, live)


def ask(page: Page, live: str, lanterne: Tenant) -> None:
    """Agnès asks for a role in the north team, by keyboard where it matters."""
    page.goto(f"{live}/coordination/membres/{lanterne.people['agnes'].membership.id}/")
    page.get_by_text("Membre d’équipe").click()
    page.get_by_text("Équipe Nord").click()
    page.get_by_role("button", name="Enregistrer").press("Enter")
    expect(page.get_by_text("Votre demande est notée")).to_be_visible()


def wait_is_over() -> None:
    with databases.as_owner():
        RoleNotice.objects.filter(own=True).update(asked_on=clock.today() - notices.WAIT)


@pytest.mark.parametrize("screen", ["phone", "laptop"])
def test_a_role_for_oneself(lanterne: Tenant, live: str, browser: Browser, screen: str) -> None:
    invited(lanterne, "a@b.invalid", Role.LEAD, "north", now=clock.now())
    with open_page(browser, screen) as admin, open_page(browser, screen) as auditor:
        enter(admin, live, lanterne, "agnes")
        ask(admin, live, lanterne)
        looked_at(admin, f"own-role-asked-{screen}")
        admin.goto(f"{live}/coordination/membres/")
        looked_at(admin, f"own-role-waiting-{screen}")
        enter(auditor, live, lanterne, "victor")
        auditor.goto(f"{live}/control/")
        expect(auditor.get_by_text("Rôles demandés pour soi")).to_be_visible()
        looked_at(auditor, f"own-role-notice-{screen}")
        wait_is_over()
        admin.reload()
        looked_at(admin, f"own-role-day-seven-{screen}")
        auditor.get_by_role("button", name="Refuser cette demande").press("Enter")
        expect(auditor.get_by_text("La demande est refusée")).to_be_visible()
        looked_at(auditor, f"own-role-refused-{screen}")


@pytest.mark.parametrize("screen", ["phone", "laptop"])
def test_links_about_to_go(lanterne: Tenant, live: str, browser: Browser, screen: str) -> None:
    omar = lanterne.people["omar"]
    with databases.as_owner():
        Membership.objects.filter(id=omar.membership.id).update(roles=["admin"])
    invited(lanterne, omar.email, Role.ADMIN, now=clock.now())
    invited(lanterne, "a@b.invalid", Role.LEAD, "north", now=clock.now() + timedelta(seconds=1))
    with open_page(browser, screen) as page:
        enter(page, live, lanterne, "agnes")
        for path, name in (
            (f"membres/{omar.membership.id}/", "member-links"),
            (f"membres/{omar.membership.id}/fin/", "member-end-links"),
            ("equipes/", "teams-links"),
        ):
            page.goto(f"{live}/coordination/{path}")
            expect(page.get_by_text("1 lien ouvert sera retiré").first).to_be_visible()
            looked_at(page, f"{name}-{screen}")
        ask(page, live, lanterne)
        page.context.clear_cookies()
        enter(page, live, lanterne, "omar")
        page.goto(f"{live}/coordination/membres/")
        expect(page.get_by_role("button", name="Confirmer Agnes")).to_be_visible()
        looked_at(page, f"own-role-to-confirm-{screen}")
