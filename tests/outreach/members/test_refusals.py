"""A refusal keeps the look of the area and its ways on, and says which role opens the page."""

import re

import pytest
from django.test import Client

from tests.factories import Tenant
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database


def page(client: Client, path: str, status: int) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    assert "text/html" in answer["Content-Type"]
    return " ".join(answer.content.decode().split())


def area(text: str) -> str:
    return str(re.findall(r'data-area="(\w+)"', text)[0])


def test_a_shut_page_says_which_role_opens_it_in_the_room_one_is_in(lanterne: Tenant) -> None:
    omar = signed_in(lanterne.people["omar"])
    text = page(omar, "/cartes/coordination/", 403)
    assert area(text) == "field"
    assert 'class="bar words"' in text
    assert "Elle s’ouvre avec ce rôle : <strong>Coordination</strong>." in text
    assert "l’un de ces rôles : <strong>Administration, Contrôle</strong>" in page(omar, "/control/", 403)
    assert area(page(strong(lanterne.people["claire"]), "/maraude/cette-nuit/", 403)) == "coordination"


@pytest.mark.parametrize(
    ("first", "path", "look"),
    [
        ("omar", "/maraude/tournee/00000000-0000-0000-0000-000000000000/", "field"),
        ("omar", "/nulle-part/", "field"),
        ("claire", "/nulle-part/", "coordination"),
        ("victor", "/control/registre/" + "0" * 64 + "/", "auditing"),
    ],
)
def test_an_address_that_is_none_keeps_the_look(lanterne: Tenant, first: str, path: str, look: str) -> None:
    client = signed_in(lanterne.people[first]) if first == "omar" else strong(lanterne.people[first])
    text = page(client, path, 404)
    assert area(text) == look
    assert 'aria-label="Navigation"' in text


def test_the_address_of_a_form_has_a_page_when_a_link_asks_for_it(lanterne: Tenant) -> None:
    nadia = signed_in(lanterne.people["nadia"])
    answer = nadia.get("/maraude/cette-nuit/prevoir/")
    text = page(nadia, "/maraude/cette-nuit/prevoir/", 405)
    assert answer["Allow"] == "POST"
    assert area(text) == "field"
    assert "Rien n’a été modifié" in text


def test_a_stranger_gets_the_plain_page(client: Client, lanterne: Tenant) -> None:
    assert area(page(client, "/nulle-part/", 404)) == "plain"
    answer = client.post("/compte/login/", {"login": "a\x00b"}, headers={"host": "elsewhere.invalid"})
    assert answer.status_code == 400
    assert "n’a pas pu être lu" in answer.content.decode()
