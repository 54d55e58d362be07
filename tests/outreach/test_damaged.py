"""A sealed row that lives and does not open: its page opens, says how many there were, and shows all the others."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from config import health
from outreach.closing import services as closing
from outreach.records import tally
from outreach.records.models import Tally
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy.db.router import KEYSTORE
from privacy.keystore.models import BucketKey, RecordSecret
from tests import databases, factories
from tests.factories import Tenant
from tests.outreach.field.conftest import Phone, phone_of, text_of
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database
NOTES, TEAM, TONIGHT = "/maraude/notes/", "/cartes/equipe/", "/maraude/cette-nuit/"


@pytest.fixture
def closed(lanterne: Tenant) -> Round:
    """Two encounters of the night before, each with a note; a handover, and one phone's counts."""
    with factories.tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=factories.NIGHT - timedelta(days=1))
        drafts = [
            factories.sealed(round_, factories.yes(2, note=note)) for note in ("duvet bleu", "chien gris")
        ]
        closing.close_round(
            round_.id,
            phone=uuid4(),
            counts=Counts(people_count=9),
            now=factories.NOW - timedelta(days=1),
            drafts=drafts,
            handover="revenir avec des gants",
        )
    return round_


def damage(table: str, where: str = "true", column: str = "blob", using: str = "default") -> None:
    """Turn one bit of one row."""
    with databases.as_owner(), connections[using].cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = set_byte({column}, 40, get_byte({column}, 40) # 1)"
            f" WHERE ctid = (SELECT ctid FROM {table} WHERE {where} ORDER BY ctid LIMIT 1)"
        )
        assert cursor.rowcount == 1, table


def sealed_part() -> str:
    found: str = health.check(factories.NOW)["sealed"]
    return found


def close(phone: Phone) -> str:
    """Send all and close; the receipt."""
    answer = phone.client.post(phone.url("clore/"), {"handover": ""}, follow=True)
    assert answer.status_code == 200
    return text_of(answer)


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return text_of(answer)


def test_nothing_is_said_where_everything_opens(lanterne: Tenant, closed: Round) -> None:
    omar = signed_in(lanterne.people["omar"])
    for path in (NOTES, TEAM, TONIGHT):
        assert "illisible" not in page(omar, path)
    assert sealed_part() == "ok"


def test_a_damaged_record_takes_neither_map_nor_notes_down(lanterne: Tenant, closed: Round) -> None:
    damage("outreach_record")
    omar = signed_in(lanterne.people["omar"])
    for path in (NOTES, TEAM):
        assert "1 rencontre illisible. Le reste est là." in page(omar, path)
    told = page(omar, NOTES)
    assert ("duvet bleu" in told) + ("chien gris" in told) == 1
    assert "outreach_record" in sealed_part()
    assert "illisible" not in page(omar, "/compte/appareils/"), "the next page met none"


def test_a_record_of_another_format_is_one_that_cannot_be_read(
    lanterne: Tenant, closed: Round, monkeypatch: Any
) -> None:
    from outreach.records import encounter

    monkeypatch.setattr(encounter, "FORMAT", 99)
    assert "2 rencontres illisibles" in page(signed_in(lanterne.people["omar"]), TEAM)


def test_a_damaged_note_leaves_the_rest_of_its_record(lanterne: Tenant, closed: Round) -> None:
    damage("outreach_sealedpart", "retention_class = 'note'")
    omar = signed_in(lanterne.people["omar"])
    told = page(omar, NOTES)
    assert "1 note illisible" in told
    assert ("duvet bleu" in told) + ("chien gris" in told) == 1
    assert "illisible" not in page(omar, TEAM)


def test_a_damaged_transmission_is_told_on_the_page_of_tonight(lanterne: Tenant, closed: Round) -> None:
    omar = signed_in(lanterne.people["omar"])
    assert "revenir avec des gants" in page(omar, TONIGHT)
    damage("outreach_handover")
    told = page(omar, TONIGHT)
    assert "1 transmission illisible" in told
    assert "revenir avec des gants" not in told


def test_a_damaged_count_is_told_and_its_phone_begins_again(lanterne: Tenant) -> None:
    """What it said is gone for good; what the phone counts from now on counts."""
    with factories.tenant_transaction(lanterne.scope("north")):
        phone = phone_of(lanterne.people["nadia"], factories.open_round(lanterne))
    phone.count(people=4)
    close(phone)
    damage("outreach_tally")
    assert "1 comptage illisible" in phone.get("comptages/")
    phone.client.post(phone.url("rouvrir/"))
    phone.count(people=3)
    close(phone)
    with factories.tenant_transaction(lanterne.scope("north")):
        assert [counts.people_count for counts in tally.read(list(Tally.objects.all()))] == [3]


def test_a_damaged_draft_is_set_aside_and_the_others_are_kept(lanterne: Tenant) -> None:
    with factories.tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        factories.held(
            round_, factories.sealed(round_, factories.yes(2)), factories.sealed(round_, factories.yes(3))
        )
    damage("outreach_draft")
    receipt = close(phone_of(lanterne.people["nadia"], round_))
    assert "Mises de côté :" in receipt
    assert "1 · illisible" in receipt
    assert "Rencontres de l’équipe gardées au moment de cet envoi</dt><dd>1</dd>" in receipt


def test_a_damaged_sum_is_told_on_the_coordinators_map(lanterne: Tenant) -> None:
    with factories.tenant_transaction(lanterne.scope("north")):
        before = factories.NOW - timedelta(days=10)
        round_ = factories.open_round(lanterne, night=factories.NIGHT - timedelta(days=10))
        drafts = [factories.sealed(round_, factories.yes(2))]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=before, drafts=drafts)
    claire = strong(lanterne.people["claire"])
    assert "illisible" not in page(claire, "/cartes/coordination/")
    damage("maps_weeklysummary")
    assert "1 somme illisible" in page(claire, "/cartes/coordination/")


@pytest.mark.parametrize("table", [RecordSecret, BucketKey])
def test_a_damaged_key_takes_no_page_down(lanterne: Tenant, closed: Round, table: Any) -> None:
    """Of a day's key two encounters hang; the keys of other days open, so that it is no wrong key file."""
    record_class = "retention_class = 'record'"
    damage(table._meta.db_table, record_class, "wrapped", KEYSTORE)
    omar = signed_in(lanterne.people["omar"])
    expected = "1 rencontre illisible" if table is RecordSecret else "2 rencontres illisibles"
    assert expected in page(omar, TEAM)
