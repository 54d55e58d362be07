"""Notes come back to the team that wrote them, are asked for with a reason, and end on their day."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from pytest import MonkeyPatch

from outreach.closing import services as closing
from outreach.records import sealing
from outreach.records.encounter import Encounter
from outreach.records.tally import Counts
from outreach.rounds.models import RoundSector
from privacy.audit.models import PendingEvent
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.config.test_query_counts import statements
from tests.factories import CELL, CELLS_EAST, CELLS_WEST, NOW, Tenant
from tests.outreach.field.conftest import text_of
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database
NOTES = "/maraude/notes/"


def close(
    lanterne: Tenant,
    *encounters: Encounter,
    days: int = 0,
    sectors: tuple[str, ...] = ("east", "west"),
) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=factories.NIGHT - timedelta(days=days), sectors=sectors)
        drafts = [factories.sealed(round_, one) for one in encounters]
        closing.close_round(
            round_.id, phone=uuid4(), counts=Counts(), now=NOW - timedelta(days=days), drafts=drafts
        )


def test_the_team_reads_its_notes_and_the_reading_is_logged(lanterne: Tenant) -> None:
    close(
        lanterne,
        factories.yes(2, note="passer après 22 h", needs=("meal",)),
        factories.yes(1, recontact=True),
        factories.yes(4, None, note="le chien d’abord"),
        factories.yes(3, needs=("water",)),
    )
    page = text_of(signed_in(lanterne.people["omar"]).get(NOTES))
    assert "Secteur Est · carré A4" in page
    assert CELL not in page
    assert "passer après 22 h" in page
    assert "le chien d’abord" in page
    assert "Sans lieu" in page
    assert "Veut bien être revu·e" in page
    assert "3 personnes" not in page  # no note, no wish: nothing to tell
    with databases.as_owner():
        [event] = PendingEvent.objects.filter(event="record_revealed")
        assert event.outcome == "prepare-round"
        assert "22 h" not in str(event.__dict__)


def test_another_team_reads_none_and_other_roles_are_refused(lanterne: Tenant) -> None:
    close(lanterne, factories.yes(2, note="passer après 22 h"))
    page = text_of(signed_in(lanterne.people["salome"]).get(NOTES))
    assert "passer après 22 h" not in page
    assert "Aucune note" in page
    for first in ("claire", "agnes", "victor", "paul"):
        assert signed_in(lanterne.people[first]).get(NOTES).status_code == 403


def test_a_note_ends_before_its_record(lanterne: Tenant) -> None:
    close(lanterne, factories.yes(2, note="passer après 22 h", recontact=True), days=9)
    omar = signed_in(lanterne.people["omar"])
    assert "passer après 22 h" in text_of(omar.get(NOTES))
    with databases.raw("owner") as connection:
        connection.execute(
            "UPDATE outreach_sealedpart SET expires_on = app_today() WHERE retention_class = 'note'"
        )
    page = text_of(omar.get(NOTES))
    assert "passer après 22 h" not in page
    assert "Veut bien être revu·e" in page


def places(page: str) -> list[str]:
    """The headings of the page, as one reads them from the top."""
    return re.findall(r"<h[23]>([^<]+)</h[23]>", page)


def test_tonights_sectors_come_first_by_square_and_who_waits_before_the_others(lanterne: Tenant) -> None:
    close(lanterne, factories.yes(2, CELLS_WEST[0], note="ailleurs, avant-hier"), days=2, sectors=("west",))
    close(
        lanterne,
        factories.yes(1, CELLS_EAST[0], note="a froid"),
        factories.yes(1, CELLS_EAST[0], note="un chien", recontact=True),
        factories.yes(1, CELLS_EAST[-1], note="attend l’équipe", recontact=True),
        factories.yes(1, CELLS_EAST[1], note="rien de plus"),
        days=3,
        sectors=("east",),
    )
    with tenant_transaction(lanterne.scope("north")):
        factories.open_round(lanterne, sectors=("east",))
    page = text_of(signed_in(lanterne.people["omar"]).get(NOTES))
    assert places(page) == [
        "Secteurs de cette nuit",
        "Secteur Est · carré A4",
        "Secteur Est · carré C1",
        "Secteur Est · carré B4",
        "Autres secteurs",
        "Secteur Ouest · carré A4",
    ]
    assert page.index("un chien") < page.index("a froid")


def test_nights_without_a_plan_are_looked_at_with_tonights(lanterne: Tenant) -> None:
    """An imported night names no sector: what was noted there may lie in tonight's, and is not left to the last leaf."""
    close(lanterne, factories.yes(1, CELLS_EAST[0], note="venu d’un tableur"), days=5)
    with databases.as_owner():
        RoundSector.objects.all().delete()
    close(
        lanterne,
        *(factories.yes(1, CELLS_WEST[0], note=f"note {n}") for n in range(25)),
        days=1,
        sectors=("west",),
    )
    with tenant_transaction(lanterne.scope("north")):
        factories.open_round(lanterne, sectors=("east",))
    page = text_of(signed_in(lanterne.people["omar"]).get(NOTES))
    assert places(page)[:2] == ["Secteurs de cette nuit", "Secteur Est · carré A4"]
    assert "venu d’un tableur" in page


def test_twenty_are_shown_and_no_more_than_that_opened(lanterne: Tenant, monkeypatch: MonkeyPatch) -> None:
    for days in range(1, 6):
        close(lanterne, *(factories.yes(1, note=f"note {days} {n}") for n in range(9)), days=days)
    opened = []
    kept = sealing.parse_record

    def counting(*what: bytes) -> object:
        opened.append(1)
        return kept(*what)

    monkeypatch.setattr(sealing, "parse_record", counting)
    omar = signed_in(lanterne.people["omar"])
    page = text_of(omar.get(NOTES))
    assert page.count('class="told"') == 20
    assert len(opened) == 20
    assert "note 1 8" in page
    assert "note 5 8" not in page
    seen = set(re.findall(r"note \d \d", page))
    for more in (20, 5):
        address = re.search(r'href="([^"]+\?suite=\d+)"', page)
        assert address
        page = text_of(omar.get(address[1]))
        assert page.count('class="told"') == more
        seen |= set(re.findall(r"note \d \d", page))
    assert len(seen) == 45
    assert "?suite=" not in page
    assert len(opened) == 45


def test_an_address_with_another_number_shows_a_page(lanterne: Tenant) -> None:
    close(lanterne, factories.yes(2, note="passer après 22 h"))
    omar = signed_in(lanterne.people["omar"])
    for number in ("-1", "x", "٣", "9" * 30):
        assert "passer après 22 h" in text_of(omar.get(NOTES, {"suite": number}))
    page = text_of(omar.get(NOTES, {"suite": "999999"}))
    assert "passer après 22 h" not in page
    assert "Revenir aux premières notes" in page


def test_the_statements_do_not_grow_with_sectors_squares_or_nights(lanterne: Tenant) -> None:
    close(lanterne, factories.yes(2, CELLS_EAST[0], note="un"), days=1)
    omar = signed_in(lanterne.people["omar"])
    omar.get(NOTES)
    with statements() as few:
        omar.get(NOTES)
    with databases.as_owner():
        for number in range(6):
            squares = [f"CRS3035RES500mN{2880000 + 500 * number}E{3770000 + 500 * n}" for n in range(3)]
            lanterne.sectors[f"s{number}"] = factories.sector(
                lanterne.association, f"s{number}", f"Secteur {number}", squares
            )
    for days in (2, 3, 4):
        squares = [f"CRS3035RES500mN{2880000 + 500 * number}E3770000" for number in range(6)]
        close(
            lanterne,
            *(factories.yes(1, cell, note="là") for cell in squares),
            days=days,
            sectors=tuple(lanterne.sectors),
        )
    with statements() as many:
        page = text_of(omar.get(NOTES))
    assert page.count('class="told"') == 19
    assert len(many) == len(few)
