"""The guides inside the application: each in both languages, by role, with links that lead somewhere."""

import re
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.test import Client

from outreach.help import guides
from tests.factories import Tenant
from tests.outreach.field.conftest import text_of
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database
INDEX = "/aide/"


def in_english() -> Client:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.mark.parametrize("name", guides.GUIDES)
def test_each_guide_opens_for_anybody_in_both_languages(db_clean: None, name: str) -> None:
    french, english = (client.get(f"{INDEX}{name}/") for client in (Client(), in_english()))
    for answer in (french, english):
        page = answer.content.decode()
        assert answer.status_code == 200
        assert page.count("<h1>") == 1
        assert re.search(r'<div class="guide">\s*<p>', page)
        for href in re.findall(r'<div class="guide">.*</div>', page, re.DOTALL)[0].split('href="')[1:]:
            address = href.split('"')[0]
            assert address.startswith(("/aide/", "https://", "#")), address
            if not address.startswith("https"):
                path, _, anchor = unquote(address).partition("#")
                there = answer.client.get(path or f"{INDEX}{name}/")
                assert there.status_code == 200
                assert not anchor or f'id="{anchor}"' in there.content.decode(), address
    assert text_of(french) != text_of(english)


def test_the_files_are_those_of_the_list_in_each_language() -> None:
    for language in guides.LANGUAGES:
        assert {path.stem for path in (settings.GUIDES_DIR / language).glob("*.md")} == set(guides.GUIDES)


def test_the_guides_of_ones_roles_come_first(lanterne: Tenant) -> None:
    omar = text_of(signed_in(lanterne.people["omar"]).get(INDEX))
    assert omar.index("/aide/log-a-round/") < omar.index("Les autres guides") < omar.index("/aide/auditor/")
    victor = text_of(strong(lanterne.people["victor"]).get(INDEX))
    assert (
        victor.index("/aide/auditor/")
        < victor.index("Les autres guides")
        < victor.index("/aide/log-a-round/")
    )
    assert "Pour vous" not in text_of(Client().get(INDEX))


def test_every_page_leads_to_the_help(lanterne: Tenant) -> None:
    for client, path in (
        (Client(), "/compte/login/"),
        (signed_in(lanterne.people["omar"]), "/maraude/cette-nuit/"),
    ):
        assert f'href="{INDEX}"' in client.get(path).content.decode()


def test_a_guide_that_does_not_exist_is_not_found(db_clean: None) -> None:
    assert Client().get(f"{INDEX}no-such-guide/").status_code == 404
