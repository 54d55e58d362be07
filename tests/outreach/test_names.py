"""A name shows all it holds, wherever it is given; text of people is drawn in its own direction."""

import re
import unicodedata
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from outreach.associations.models import Association
from outreach.members.models import Account, Team
from outreach.names import visible
from outreach.places.fields import as_text
from tests import databases
from tests.cast import House
from tests.cast import invited as invite
from tests.outreach.members.people import strong

HIDDEN = ["\u202e", "\u202a", "\u2066", "\u2069", "\u200e", "\u200f", "\u061c"]
HIDDEN += [
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u034f",
    "\u3164",
    "\u2800",
    "\ufe0f",
    "\U000e0041",
]


@pytest.mark.parametrize("hidden", HIDDEN, ids=lambda one: f"U+{ord(one):04X}")
def test_what_nobody_sees_is_left_out(hidden: str) -> None:
    assert visible(f"{hidden}Lan{hidden}terne{hidden}") == "Lanterne"
    assert as_text(f"Secteur{hidden} Nord") == "Secteur Nord"
    assert visible(hidden) == ""


@pytest.mark.parametrize(
    "name",
    [
        "Équipe Nord",
        "O’Brien",
        "Zoé-Maëlle",
        "سارة",
        "می‌خواهم",
        "क्‍ष",
        "小明",
        "Ева",
        "Ada 2 🏮",
        "e\u0301toile",
    ],
)
def test_what_people_see_stays(name: str) -> None:
    assert visible(name) == name


def test_no_character_of_direction_passes() -> None:
    """All of Unicode: nothing that turns its neighbours round, and nothing of no width."""
    left = {chr(code) for code in range(0x110000) if visible(f"a{chr(code)}b") not in ("ab", "a b")}
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert "é" in left
    assert {one for one in left if unicodedata.bidirectional(one) in turning} == set()
    assert {one for one in left if unicodedata.category(one) in ("Cf", "Cc", "Cs")} == set()


@pytest.mark.database
def test_names_given_in_pages_and_by_command_are_cleaned(home: House) -> None:
    admin = strong(home.people["agnes"])
    admin.post("/coordination/equipes/", {"name": "Sud\u202egnp"})
    phone = Client()
    phone.post("/invitation/", {"token": invite(home, "lila@invitee.invalid")})
    words = "quatre lanternes vertes dorment"
    hidden = {"display_name": "\u200b\u2066", "password": words, "again": words}
    assert phone.post("/invitation/accepter/", hidden).status_code == 200  # asks for a name
    phone.post("/invitation/accepter/", {**hidden, "display_name": "Li\u200bla\u202e"})
    with databases.as_owner():
        assert Team.objects.filter(name="Sudgnp").exists()
        assert Account.objects.get(email="lila@invitee.invalid").display_name == "Lila"
        call_command("create_association", "Les\u202e Veilleurs", admin="ada@v.invalid", stdout=StringIO())
        assert Association.objects.filter(name="Les Veilleurs").exists()


@pytest.mark.database
def test_fields_for_text_take_the_direction_of_what_is_typed(home: House) -> None:
    page = strong(home.people["agnes"]).get("/coordination/equipes/").content.decode()
    [field] = re.findall(r'<input[^>]*name="name"[^>]*>', page)
    assert 'dir="auto"' in field
