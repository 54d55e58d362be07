"""Pages of one's account lead back to the room that one works in."""

import re

import pytest

from tests.factories import Tenant
from tests.outreach.members.people import enrol, signed_in

pytestmark = pytest.mark.database

MEMBERS = "/coordination/membres/"
CODES = "/compte/second-facteur/recovery-codes/"
SECOND = "/compte/second-facteur/"
DEVICES = "/compte/appareils/"
HOME = re.compile(r'<a class="button[^"]*" href="/">(?:<svg.*?</svg>)?([^<]+)</a>', re.DOTALL)


def test_recovery_codes_once_written_down_lead_to_work(lanterne: Tenant) -> None:
    """They led to the page of the second step again, from which a new administrator found no way on."""
    admin = signed_in(lanterne.people["agnes"])
    enrol(admin)
    assert HOME.findall(admin.get(CODES).content.decode()) == ["C’est noté"]
    assert admin.get("/")["Location"] == MEMBERS


@pytest.mark.parametrize("page", [SECOND, DEVICES])
def test_pages_of_the_account_lead_back(lanterne: Tenant, page: str) -> None:
    admin = signed_in(lanterne.people["agnes"])
    enrol(admin)
    for client in (admin, signed_in(lanterne.people["omar"])):
        assert HOME.findall(client.get(page).content.decode()) == ["Revenir à l’accueil"]


def test_nobody_is_led_round_in_a_circle(lanterne: Tenant) -> None:
    """Without the second step an administrator's home is this very page."""
    admin = signed_in(lanterne.people["agnes"])
    page = admin.get(SECOND)
    assert "Activer les codes" in page.content.decode()
    assert HOME.findall(page.content.decode()) == []
    assert admin.get("/")["Location"] == SECOND
