"""What every answer says to a browser: nobody else is let in, nothing is kept, nothing is asked of the device."""

import re

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.database
SECRETIVE = (
    "Permissions-Policy",
    "Cross-Origin-Resource-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
)


@pytest.mark.parametrize("path", ["/compte/login/", "/healthz", "/no-such-page"])
def test_every_answer_carries_the_headers(client: Client, path: str) -> None:
    answer = client.get(path)
    for name in SECRETIVE:
        assert answer.headers.get(name), name
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert (
        "geolocation=(self)" in answer["Permissions-Policy"] and "camera=()" in answer["Permissions-Policy"]
    )


def test_the_content_policy_names_nobody_but_ourselves(client: Client) -> None:
    policy = client.get("/compte/login/")["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'" and directives["frame-ancestors"] == "'none'"
    assert directives["connect-src"] == "'self'" and directives["form-action"] == "'self'"
    allowed = re.compile(r"'(none|self|nonce-[^']+)'|data:")
    assert all(allowed.fullmatch(source) for sources in directives.values() for source in sources.split())
    assert [name for name, sources in directives.items() if "data:" in sources] == ["img-src"]


def test_the_sign_in_page_asks_nobody_else_for_anything(client: Client) -> None:
    page = client.get("/compte/login/").content.decode()
    assert '<link rel="stylesheet"' in page
    assert not re.search(r"(?:src|href|action)=[\"']?(?:https?:)?//", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=", page), "the content policy would block it"


def test_static_files_are_ours_alone(client: Client) -> None:
    answer = client.get(settings.STATIC_URL + "outreach/css/pico.css")
    assert answer.status_code == 200 and "Access-Control-Allow-Origin" not in answer.headers


def test_nobody_can_sign_up(client: Client) -> None:
    assert client.get("/compte/signup/").status_code in (403, 404)
    assert client.post("/compte/signup/", {"email": "new@lanterne.example"}).status_code in (403, 404)


def test_no_cookie_is_read_by_a_script_or_sent_from_elsewhere(client: Client) -> None:
    client.get("/compte/login/")
    client.post("/langue/setlang/", {"language": "en", "next": "/"})
    assert set(client.cookies) == {settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME}
    assert all(cookie["httponly"] and cookie["samesite"] == "Lax" for cookie in client.cookies.values())
