"""Icons for a phone's home screen: PNG for those that draw no SVG, one on a full ground for Apple, one that may be cut."""

import json
import re
import struct

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.database


def fetch(client: Client, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_every_icon_that_is_named_is_there_in_its_size(client: Client) -> None:
    page = client.get("/compte/login/").content.decode()
    apple = re.findall(r'rel="apple-touch-icon" href="([^"]+)"', page)
    assert [size_of(fetch(client, path)) for path in apple] == [(180, 180)]
    small = re.findall(r'rel="icon" href="([^"]+)" type="image/png"', page)
    assert [size_of(fetch(client, path)) for path in small] == [(192, 192)]
    manifest = json.loads(fetch(client, f"{settings.STATIC_URL}outreach/maraudes.webmanifest"))
    drawn = [one for one in manifest["icons"] if one["type"] == "image/png"]
    assert {one["purpose"] for one in drawn} == {"any", "maskable"}
    for one in drawn:
        width, height = size_of(fetch(client, f"{settings.STATIC_URL}outreach/{one['src']}"))
        assert f"{width}x{height}" == one["sizes"]
