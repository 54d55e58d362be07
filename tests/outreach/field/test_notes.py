"""Notes come back to the team that wrote them, are asked for with a reason, and end on their day."""

from datetime import timedelta
from uuid import uuid4

import pytest

from outreach.rounds import services as rounds
from outreach.rounds.tally import Counts
from privacy.audit.models import PendingEvent
from privacy.db.scope import working
from tests import cast, databases
from tests.cast import CELL, NOW, House
from tests.outreach.field.conftest import text_of
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database
NOTES = "/maraude/notes/"


def close(home: House, *encounters: object, days: int = 0) -> None:
    with working(home.scope("north")):
        round_ = cast.open_round(home, night=cast.NIGHT - timedelta(days=days))
        drafts = [cast.sealed(round_, one) for one in encounters]  # type: ignore[arg-type]
        rounds.close_round(
            round_.id, phone=uuid4(), counts=Counts(), now=NOW - timedelta(days=days), drafts=drafts
        )


def test_the_team_reads_its_notes_and_the_reading_is_logged(home: House) -> None:
    close(
        home,
        cast.yes(2, note="passer après 22 h", needs=("meal",)),
        cast.yes(1, recontact=True),
        cast.yes(4, None, note="le chien d’abord"),
        cast.yes(3, needs=("water",)),
    )
    page = text_of(signed_in(home.people["omar"]).get(NOTES))
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


def test_another_team_reads_none_and_other_roles_are_refused(home: House) -> None:
    close(home, cast.yes(2, note="passer après 22 h"))
    page = text_of(signed_in(home.people["salome"]).get(NOTES))
    assert "passer après 22 h" not in page
    assert "Aucune note" in page
    for first in ("claire", "agnes", "victor", "paul"):
        assert signed_in(home.people[first]).get(NOTES).status_code == 403


def test_a_note_ends_before_its_record(home: House) -> None:
    close(home, cast.yes(2, note="passer après 22 h", recontact=True), days=9)
    omar = signed_in(home.people["omar"])
    assert "passer après 22 h" in text_of(omar.get(NOTES))
    with databases.raw("owner") as connection:
        connection.execute(
            "UPDATE outreach_sealedpart SET expires_on = current_date WHERE retention_class = 'note'"
        )
    page = text_of(omar.get(NOTES))
    assert "passer après 22 h" not in page
    assert "Veut bien être revu·e" in page
