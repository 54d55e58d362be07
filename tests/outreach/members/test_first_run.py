"""From nothing to a first administrator: two commands of the operator, and the link they print."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from manage import role_for
from outreach.associations.models import Association
from outreach.members.models import Account, Invitation, Membership
from tests import databases
from tests.factories import Tenant
from tests.outreach.members.people import enrol

pytestmark = pytest.mark.database
NEW = {"display_name": "Ada", "password": "quatre-mots-sans-rapport", "again": "quatre-mots-sans-rapport"}


def command(*words: str) -> str:
    """What the operator reads; run as the role that manage.py gives the command."""
    assert role_for(words[0]) == "worker"
    out = StringIO()
    with databases.as_worker():
        call_command(*words, stdout=out)
    return out.getvalue()


def test_the_first_administrator_comes_in(db_clean: None) -> None:
    said = command(
        "create_association",
        "Les Veilleurs",
        "--admin",
        "Ada@veilleurs.invalid",
        "--url",
        "https://m.example/",
    )
    link = said.strip().splitlines()[-1]
    assert link.startswith("https://m.example/invitation/#")
    client = Client()
    assert client.post("/invitation/", {"token": link}).status_code == 302
    assert client.post("/invitation/accepter/", NEW).status_code == 302
    assert client.get("/")["Location"] == "/compte/second-facteur/"
    assert client.get("/coordination/membres/").status_code == 403
    enrol(client)
    assert client.get("/")["Location"] == "/coordination/membres/"
    page = client.get("/coordination/membres/").content.decode()
    assert "Ada" in page and "Les Veilleurs" in page
    with databases.as_owner():
        association = Association.objects.get()
        assert (association.name, association.slug) == ("Les Veilleurs", "les-veilleurs")
        assert Account.objects.get().email == "ada@veilleurs.invalid"
        assert Membership.objects.get().roles == ["admin"]


@pytest.mark.parametrize(
    ("zone", "covered"),
    [
        ("Europe/Paris", True),
        ("Atlantic/Azores", True),
        ("Asia/Nicosia", True),
        ("Asia/Tel_Aviv", True),
        *(
            (name, True)
            for name in ("UTC", "UCT", "Zulu", "Universal", "Greenwich", "GMT0", "GMT+0", "GB-Eire", "W-SU")
        ),
        ("America/Montreal", False),
        ("Indian/Reunion", False),
        ("Africa/Dakar", False),
        ("Japan", False),
        ("EST", False),
    ],
)
def test_a_city_outside_the_grid_is_told(db_clean: None, zone: str, covered: bool) -> None:
    said = command("create_association", "Loin", "--admin", "ada@loin.invalid", "--timezone", zone)
    assert "European grid (EPSG:3035)" in said
    assert ("no sectors, no squares and no maps" in said) is not covered


def test_an_empty_installation_says_what_comes_next(db_clean: None) -> None:
    """On the terminal and on the first page, and no more once there is an association."""
    said = command("next_step")
    assert [line.split()[1:3] for line in said.splitlines() if line.startswith("  ")] == [
        ["manage.py", "create_association"],
        ["manage.py", "import_territory"],
    ]
    assert all(Path(line.split()[0]).exists() for line in said.splitlines() if line.startswith("  "))
    assert "create_association" in Client().get("/").content.decode()
    command("create_association", "Les Veilleurs", "--admin", "ada@veilleurs.invalid")
    page = Client().get("/").content.decode()
    assert "create_association" not in command("next_step") and "create_association" not in page
    assert "Se connecter" in page


def test_the_set_up_does_not_ask_for_the_password_just_typed(db_clean: None) -> None:
    link = (
        command("create_association", "Les Veilleurs", "--admin", "ada@veilleurs.invalid")
        .strip()
        .splitlines()[-1]
    )
    client = Client()
    client.post("/invitation/", {"token": link})
    client.post("/invitation/accepter/", NEW)
    assert client.get("/compte/second-facteur/totp/activate/").status_code == 200


@pytest.mark.parametrize(
    "words",
    [
        ("create_association", "Deux", "--admin", "no-address"),
        ("create_association", "Deux", "--admin", "a@b.invalid", "--timezone", "Mars/Olympus"),
        ("create_association", "…", "--admin", "a@b.invalid"),
        ("create_association", "Lanterne", "--admin", "a@b.invalid"),
        ("invite", "nowhere", "a@b.invalid", "--role", "admin"),
        ("invite", "lanterne", "a@b.invalid", "--role", "admin", "--team", "Équipe des quais"),
        ("invite", "lanterne", "no-address", "--role", "admin"),
    ],
)
def test_a_mistake_is_answered_and_changes_nothing(
    lanterne: Tenant, passerelle: Tenant, words: tuple[str, ...]
) -> None:
    with pytest.raises(CommandError) as refused:
        command(*words)
    assert str(refused.value)
    assert "a@b.invalid" not in str(refused.value)
    with databases.as_owner():
        assert Association.objects.count() == 2
        assert Invitation.objects.count() == 0


def test_the_operator_invites_when_no_administrator_can(lanterne: Tenant) -> None:
    said = command(
        "invite",
        "lanterne",
        "eva@lanterne.invalid",
        "--role",
        "worker",
        "--role",
        "lead",
        "--team",
        "Équipe Nord",
    )
    assert "/invitation/#" in said
    with databases.as_owner():
        row = Invitation.objects.get()
    assert row.roles == ["lead", "worker"]
    assert row.team_ids == [lanterne.teams["north"].id]
