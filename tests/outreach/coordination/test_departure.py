"""When a round leaves: a time to the minute, typed as people type it, read by whoever goes, forgotten once they left."""

import re
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy import clock
from privacy.core.retention import night_of
from tests import databases
from tests.factories import Tenant
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database
AGENDA = "/coordination/agenda/"
TONIGHT = "/maraude/cette-nuit/"
TYPED = [
    ("21:30", time(21, 30)),
    ("21h30", time(21, 30)),
    ("21 H 30", time(21, 30)),
    ("21\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30", time(21, 30)),
    ("21 h", time(21)),
    ("21h", time(21)),
    ("21", time(21)),
    ("9:30", time(9, 30)),
    ("9h30", time(9, 30)),
    ("09.30", time(9, 30)),
    ("21:30:00", time(21, 30)),
    ("9:30 pm", time(21, 30)),
    ("12 AM", time(0)),
    ("00:00", time(0)),
    ("", None),
]
REFUSED = [
    "25:00",
    "24:00",
    "21:60",
    "21:5",
    "2130",
    "1:2:3",
    "-1:00",
    "9:30 xm",
    "13 pm",
    "vers 21 h",
    "²1:00",
    "٢١:٠٠",
]


def plan(client: Client, lanterne: Tenant, days: int = 3, **more: object) -> str:
    night = night_of(clock.now(), ZoneInfo("Europe/Paris")) + timedelta(days=days)
    form = {
        "team": str(lanterne.teams["north"].id),
        "night": night.isoformat(),
        "transport": "foot",
        "sectors": [str(lanterne.sectors["east"].id)],
    }
    answer = client.post(AGENDA, form | more, follow=True)
    return " ".join(answer.content.decode().split())


def only() -> Round:
    with databases.as_owner():
        return Round.objects.get()


def test_the_form_asks_for_a_time_and_says_to_which_night_it_belongs(lanterne: Tenant) -> None:
    page = strong(lanterne.people["claire"]).get(AGENDA).content.decode()
    assert re.search(r'<input type="time" name="planned_start"[^>]*>', page)
    assert "appartient à la nuit" in page


@pytest.mark.parametrize(("typed", "kept"), TYPED)
def test_a_time_is_taken_as_people_type_it(lanterne: Tenant, typed: str, kept: time | None) -> None:
    page = plan(strong(lanterne.people["claire"]), lanterne, planned_start=typed)
    assert "La tournée est dans l’agenda" in page
    assert only().planned_start == kept


@pytest.mark.parametrize("typed", REFUSED)
def test_what_is_no_time_is_asked_again_and_stays_typed(lanterne: Tenant, typed: str) -> None:
    page = plan(strong(lanterne.people["claire"]), lanterne, planned_start=typed)
    assert "comme 21:30" in page
    # A time field shows nothing where it holds no time: what cannot be read is given back in a field of text.
    assert f'<input type="text" name="planned_start" value="{typed}"' in page
    with databases.as_owner():
        assert not Round.objects.exists()


def test_a_time_that_was_read_stays_beside_another_fault(lanterne: Tenant) -> None:
    page = plan(strong(lanterne.people["claire"]), lanterne, planned_start="9h30", sectors=[])
    assert '<input type="time" name="planned_start" value="09:30"' in page


def test_after_midnight_is_the_same_night_and_the_next_day(lanterne: Tenant) -> None:
    claire = strong(lanterne.people["claire"])
    page = plan(claire, lanterne, planned_start="01:30")
    night = only().night
    assert night == night_of(clock.now(), ZoneInfo("Europe/Paris")) + timedelta(days=3)
    assert "1 h 30, le " in page
    plan(claire, lanterne, planned_start="21:30", team=str(lanterne.teams["south"].id))
    page = claire.get(AGENDA).content.decode()
    listed = page[page.index('id="nights"') :]
    assert listed.index("Équipe Sud") < listed.index("Équipe Nord"), "who leaves first stands first"


def test_the_team_reads_when_it_leaves(lanterne: Tenant) -> None:
    plan(signed_in(lanterne.people["nadia"]), lanterne, days=0, planned_start="23:45")
    said = "Départ prévu à 23\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}45"
    assert said in signed_in(lanterne.people["omar"]).get(TONIGHT).content.decode()
    assert said not in signed_in(lanterne.people["salome"]).get(TONIGHT).content.decode()
    assert (
        "23\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}45"
        in strong(lanterne.people["claire"]).get("/coordination/").content.decode()
    )


def test_the_minute_is_forgotten_once_the_team_left(lanterne: Tenant) -> None:
    """A plan's minute is for who waits at the door; afterwards an hour is all that is kept of a departure."""
    plan(signed_in(lanterne.people["nadia"]), lanterne, days=0, planned_start="23:45")
    round_ = only()
    assert round_.planned_start == time(23, 45)
    with databases.as_owner():
        rounds.start_round(round_.id, now=clock.now())
    assert only().planned_start is None
