"""Closing: who may, what is sent once, what another phone still sends, and a receipt that says what was set aside."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from outreach.records import tally
from outreach.records.models import Draft, Handover, Record, Tally
from outreach.rounds.models import Round
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import CELL, Tenant
from tests.outreach.field.conftest import Phone, phone_of, text_of

pytestmark = pytest.mark.database


def status(round_: Round) -> str:
    with databases.as_owner():
        return Round.objects.get(id=round_.id).status


def counts_of(lanterne: Tenant) -> list[tally.Counts]:
    with tenant_transaction(lanterne.scope("north")):
        return tally.read(list(Tally.objects.all()))


def test_a_worker_is_told_and_cannot_close(omar: Phone) -> None:
    omar.count(people="3")
    page = omar.get("clore/")
    assert "La personne responsable de l’équipe clôt la tournée" in page
    omar.client.post(omar.url("clore/"), {"handover": ""})
    assert status(omar.round) == Round.Status.OPEN


def test_what_a_phone_noted_is_not_called_nothing_once_the_round_is_closed(nadia: Phone, omar: Phone) -> None:
    noted = re.compile(r"Rencontres notées</dt><dd>(\d+)</dd>")
    omar.note(zone="yes", people=2, place=CELL)
    omar.note(zone="yes", people=1, place=CELL)
    assert noted.findall(omar.get()) == ["2"]
    nadia.client.post(nadia.url("clore/"), {"handover": ""})
    assert noted.findall(omar.get()) == ["2"]


def test_counts_are_sent_once_and_leave_the_phone(lanterne: Tenant, nadia: Phone) -> None:
    nadia.count(people="3")
    nadia.count(group=1, people_count=10, men_count=4, minors_count=0)
    nadia.count(items=1, meal=12)
    nadia.count(call="no_place")
    nadia.note(zone="no", people=2, reason="asleep")
    nadia.note(zone="yes", people=1, others=1, place=CELL)
    page = nadia.get("clore/")
    assert re.search(r"Personnes</th><td class=\"num\">\s*17", page)
    answer = nadia.client.post(nadia.url("clore/"), {"handover": ""}, follow=True)
    assert "C’est envoyé" in text_of(answer)
    [counts] = counts_of(lanterne)
    assert counts == tally.Counts(
        people_count=17,
        men_count=4,
        minors_count=0,
        refused=1,
        encounters=4,
        refusal_reasons={"asleep": 1},
        distributions={"meal": 12},
        calls_115={"no_place": 1},
    )
    assert "Ce téléphone n’a rien à envoyer" in nadia.get()
    assert nadia.client.get(nadia.url("compter/")).status_code == 302
    assert nadia.client.get(nadia.url("rencontre/")).status_code == 302
    nadia.client.post(nadia.url("clore/"), {"handover": ""})
    assert len(counts_of(lanterne)) == 1


def test_a_form_that_comes_when_nothing_is_taken_any_more_stays_in_the_page(
    omar: Phone, nadia: Phone
) -> None:
    token, mark = omar.hidden("rencontre/", "token"), omar.hidden("compter/", "mark")
    nadia.client.post(nadia.url("clore/"), {"handover": ""})
    with databases.as_owner():
        Round.objects.update(night=factories.NIGHT - timedelta(days=9))
    answer = omar.note(token=token, zone="yes", note="le sac bleu")
    assert answer.status == 409
    assert "elle ne prend plus rien" in answer.text
    assert "le sac bleu" in answer.text
    said = "elle est close depuis plus de 72 heures"
    assert said in omar.note(token=token, zone="no").text
    assert said in omar.count(people="3", mark=mark)


def test_another_phone_sends_for_72_hours_and_not_after(lanterne: Tenant, omar: Phone, nadia: Phone) -> None:
    omar.count(people="3")
    omar.note(zone="yes", people=2)
    nadia.client.post(nadia.url("clore/"), {"handover": ""})
    with databases.as_owner():
        assert (Record.objects.count(), Draft.objects.count(), Tally.objects.count()) == (1, 0, 0)
    assert "Comptages à envoyer" in text_of(omar.client.get("/maraude/cette-nuit/"))
    page = omar.get()
    assert "Envoyer maintenant" in page
    assert "Effacer" not in page
    with databases.as_owner():
        Round.objects.update(night=factories.NIGHT - timedelta(days=9))
    late = text_of(omar.client.post(omar.url("clore/"), {"handover": ""}, follow=True))
    assert "close depuis plus de 72 heures" in late
    with databases.as_owner():
        Round.objects.update(night=factories.NIGHT)
    omar.client.post(omar.url("clore/"), {"handover": ""})
    [counts] = counts_of(lanterne)
    assert counts.people_count == 5


def test_a_transmission_is_checked_sealed_and_read_by_the_team(lanterne: Tenant, nadia: Phone) -> None:
    text = "Manque de duvets. Voir avec Mamadou, OQTF."
    answer = nadia.client.post(nadia.url("clore/"), {"handover": text})
    page = text_of(answer)
    assert answer.status_code == 422
    assert "<mark>Mamadou</mark>" in page
    assert "<mark>OQTF</mark>" in page
    assert status(nadia.round) == Round.Status.OPEN
    seal = re.search(r'name="kept" value="([0-9a-f]{64})"', page)
    assert seal is not None
    nadia.client.post(nadia.url("clore/"), {"handover": text, "kept": seal.group(1)})
    assert status(nadia.round) == Round.Status.CLOSED
    with databases.as_owner():
        [row] = Handover.objects.all()
        assert b"Mamadou" not in bytes(row.blob)
    team = phone_of(lanterne.people["omar"], nadia.round)
    assert "Manque de duvets" in text_of(team.client.get("/maraude/cette-nuit/"))
    other = phone_of(lanterne.people["salome"], nadia.round)
    assert "Manque de duvets" not in text_of(other.client.get("/maraude/cette-nuit/"))


def test_the_receipt_says_what_was_set_aside_and_why(lanterne: Tenant, nadia: Phone) -> None:
    nadia.note(zone="yes", people=1)
    with databases.as_owner():
        [draft] = Draft.objects.all()
        Draft.objects.create(
            id=uuid4(),
            association_id=draft.association_id,
            team_id=draft.team_id,
            round_id=draft.round_id,
            phone=draft.phone,
            key_id=draft.key_id,
            blob=b"\x01" + bytes(4144),
            expires_on=draft.expires_on,
        )
    page = text_of(nadia.client.post(nadia.url("clore/"), {"handover": ""}, follow=True))
    assert "Mises de côté" in page
    assert "1 · illisible" in page


def test_without_a_receipt_there_is_none(omar: Phone) -> None:
    assert omar.client.get(omar.url("recu/")).status_code == 302


def test_the_number_beside_counts_leads_to_no_session(lanterne: Tenant, nadia: Phone) -> None:
    """A session names an account. Were its number in the tally, the tables alone would say who counted what on which nights."""
    nadia.count(people="3")
    nadia.note(zone="yes", people=1, place=CELL)
    number = nadia.client.session["phone"]
    with databases.as_owner():
        [draft] = Draft.objects.all()
    nadia.client.post(nadia.url("clore/"), {"handover": ""})
    with databases.as_owner():
        [row] = Tally.objects.all()
    assert row.phone == draft.phone  # one phone of one round
    assert number and row.phone.hex != number


def test_a_close_sent_again_leaves_one_transmission(lanterne: Tenant, nadia: Phone) -> None:
    """The answer to the first sending was lost: a phone sends everything again."""
    for text in ("Manque de duvets.", "Manque de duvets.", "Clé au local."):
        nadia.client.post(nadia.url("clore/"), {"handover": text})
    with databases.as_owner():
        assert Handover.objects.count() == 2
