"""A name shows all it holds, wherever it is given; text of people is drawn in its own direction."""

import re
import unicodedata
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from outreach.associations.models import Association
from outreach.members import services
from outreach.members.models import Account, Team
from outreach.names import natural, visible
from outreach.places.fields import as_text
from outreach.places.models import Sector
from privacy.db.scope import tenant_transaction
from tests import databases
from tests.factories import ACTOR, NOW, Tenant, open_round
from tests.factories import invited as invite
from tests.outreach.members.people import signed_in, strong

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
    ],
)
def test_what_people_see_stays(name: str) -> None:
    assert visible(name) == name


def test_accents_are_composed() -> None:
    """A Mac writes them apart; a name searched with a keyboard's é must be found."""
    assert visible("  E\u0301quipe\u00a0 Nord\t") == as_text("E\u0301quipe Nord") == "Équipe Nord"


def test_no_character_of_direction_passes() -> None:
    """All of Unicode: nothing that turns its neighbours round, and nothing of no width."""
    left = {chr(code) for code in range(0x110000) if visible(f"a{chr(code)}b") not in ("ab", "a b")}
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert "é" in left
    assert {one for one in left if unicodedata.bidirectional(one) in turning} == set()
    assert {one for one in left if unicodedata.category(one) in ("Cf", "Cc", "Cs")} == set()


@pytest.mark.database
def test_names_given_in_pages_and_by_command_are_cleaned(lanterne: Tenant) -> None:
    admin = strong(lanterne.people["agnes"])
    admin.post("/coordination/equipes/", {"name": "Sud\u202egnp"})
    phone = Client()
    phone.post("/invitation/", {"token": invite(lanterne, "lila@invitee.invalid")})
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
def test_a_team_is_stored_by_the_name_that_people_see(lanterne: Tenant) -> None:
    with databases.as_owner():
        team = services.create_team(
            lanterne.association.id, "\u200b E\u0301quipe  Est\u00a0", actor=ACTOR, now=NOW
        )
    assert team.name == "Équipe Est"


@pytest.mark.database
def test_fields_for_text_take_the_direction_of_what_is_typed(lanterne: Tenant) -> None:
    page = strong(lanterne.people["agnes"]).get("/coordination/equipes/").content.decode()
    [field] = re.findall(r'<input[^>]*name="name"[^>]*>', page)
    assert 'dir="auto"' in field


def test_numbers_in_names_sort_by_their_value() -> None:
    names = ["Paris 20e", "Paris 2e", "Évry", "Paris 1er", "paris 10e", "Étang", "10", "9 bis", "Zone"]
    assert sorted(names, key=natural) == [
        "9 bis", "10", "Étang", "Évry", "Paris 1er", "Paris 2e", "paris 10e", "Paris 20e", "Zone"
    ]  # fmt: skip


def test_digits_that_are_no_numbers_sort_as_letters() -> None:
    assert sorted(["Rue ፩", "፩", "1፩2", "Rue 2"], key=natural) == ["1፩2", "Rue 2", "Rue ፩", "፩"]


@pytest.mark.database
@pytest.mark.parametrize(
    ("who", "page"),
    [
        ("nadia", "/maraude/cette-nuit/?toutes=1"),
        ("nadia", "/maraude/tournee/{round}/"),
        ("nadia", "/maraude/tournee/{round}/rencontre/"),
        ("claire", "/coordination/agenda/"),
        ("claire", "/coordination/couverture/"),
        ("claire", "/coordination/"),
    ],
)
def test_sectors_are_listed_as_people_count(lanterne: Tenant, who: str, page: str) -> None:
    """Codes and files give 1er, 10e, 20e, 2e; people look for the second after the first."""
    with databases.as_owner():
        names = {"a": "Paris 10e", "b": "Paris 1er", "c": "Paris 2e", "d": "Paris 20e"}
        outline = lanterne.sectors["east"].outline
        made = {
            code: Sector.objects.create(
                association=lanterne.association, code=code, name=name, outline=outline
            )
            for code, name in names.items()
        }
    out = Tenant(lanterne.association, lanterne.teams, {**lanterne.sectors, **made}, lanterne.people)
    with tenant_transaction(lanterne.scope("north")):
        round_ = open_round(
            out, sectors=tuple(made) if "{round}" in page or "agenda" in page else ("east", "west")
        )
    browser = strong(lanterne.people[who]) if who == "claire" else signed_in(lanterne.people[who])
    text = browser.get(page.format(round=round_.id)).content.decode()
    found = [(text.index(name), name) for name in names.values()]
    assert [name for _place, name in sorted(found)] == ["Paris 1er", "Paris 2e", "Paris 10e", "Paris 20e"]
