"""The frame on real routes: the chosen language stays, an unknown address answers in words, sign-in is drawn by the service."""

from __future__ import annotations

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.database


def fields(html: str, action: str) -> dict[str, str]:
    """Names and values a form with this action would send."""
    form = re.search(rf'<form[^>]*action="{action}".*?</form>', html, re.S)
    assert form, f"no form for {action}"
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    found.update(re.findall(r'<button name="([^"]+)" value="([^"]*)"', form[0]))
    return found


def test_the_language_one_chooses_stays(db_clean: None) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/compte/login/")
    html = page.content.decode()
    assert '<html lang="fr"' in html
    assert "Se connecter" in html
    switch = re.search(r'action="([^"]*langue[^"]*)"', html)
    assert switch
    sent = fields(html, switch[1])
    assert sent["language"] == "en"
    answer = client.post(switch[1], sent)
    assert (answer.status_code, answer["Location"]) == (302, "/compte/login/")
    html = client.get("/compte/login/").content.decode()
    assert '<html lang="en"' in html
    assert ">Sign in<" in html
    assert "Se connecter" not in html


def test_a_form_without_its_token_is_answered_in_words(db_clean: None) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/compte/login/", {"login": "nobody@example.org", "password": "x"})
    assert answer.status_code == 403
    assert "restée ouverte trop longtemps" in answer.content.decode()


def test_an_unknown_address_says_that_links_may_end(db_clean: None) -> None:
    answer = Client().get("/nowhere/at/all/")
    assert answer.status_code == 404
    assert "Cette page n’existe pas, ou plus" in answer.content.decode()


def test_sign_in_pages_carry_the_policy_and_nothing_from_elsewhere(db_clean: None) -> None:
    answer = Client().get("/compte/login/")
    html = answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', html) == []
    assert 'autocomplete="current-password"' in html
    assert "outreach/css/plain.css" in html


def test_a_refused_sign_in_keeps_the_address_and_shows_one_summary(db_clean: None) -> None:
    answer = Client().post("/compte/login/", {"login": "nobody@example.org", "password": "wrong password"})
    html = answer.content.decode()
    assert html.count('class="error-summary"') == 1
    assert 'value="nobody@example.org"' in html
    assert "wrong password" not in html
