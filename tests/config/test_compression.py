"""Answers are compressed for whoever takes it, and their lengths are blurred against who compares them (BREACH)."""

import gzip

import pytest
from django.conf import settings
from django.test import Client

from tests.factories import Tenant
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database
SHEETS = ("pico.css", "base.css", "parts.css")


def sent(client: Client, path: str, takes: str = "gzip, br") -> tuple[bytes, str]:
    answer = client.get(path, headers={"accept-encoding": takes})
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    assert "Accept-Encoding" in answer["Vary"]
    return body, answer.get("Content-Encoding", "")


def test_pages_and_sheets_are_sent_at_a_fraction_of_their_size(lanterne: Tenant) -> None:
    omar = signed_in(lanterne.people["omar"])
    for path in ("/maraude/cette-nuit/", *(f"{settings.STATIC_URL}outreach/css/{name}" for name in SHEETS)):
        plain, none = sent(omar, path, "identity")
        small, kind = sent(omar, path)
        assert (none, kind) == ("", "gzip")
        assert len(small) < 0.5 * len(plain)
        assert gzip.decompress(small)[:40] == plain[:40]


def test_the_same_bytes_have_another_length_each_time(client: Client) -> None:
    """The chance that thirty paddings of 0 to 99 bytes are all the same is 10 to the power of minus 58."""
    path = f"{settings.STATIC_URL}outreach/css/base.css"
    bodies = [sent(client, path)[0] for _ in range(30)]
    assert len({gzip.decompress(one) for one in bodies}) == 1
    assert len({len(one) for one in bodies}) > 1


def test_the_style_library_is_what_our_pages_use(client: Client) -> None:
    """Presence first: what a page needs of it is there, in its layer."""
    body, _kind = sent(client, f"{settings.STATIC_URL}outreach/css/pico.css")
    sheet = gzip.decompress(body).decode()
    assert "@layer pico" in sheet and "Licensed under MIT" in sheet and "textarea" in sheet
    assert "dialog" not in sheet and "data-tooltip" not in sheet
    assert len(sheet) < 40_000
