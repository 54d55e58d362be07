"""Noting an encounter: with a yes it is sealed, with a no it never existed, and the same form twice is one encounter."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils.formats import date_format

from outreach.field.pages import ends_of
from outreach.records import selectors, tally
from outreach.records import vocabulary as words
from outreach.records.models import Draft, Record, Tally
from outreach.rounds.models import Round
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import CELL, Tenant
from tests.outreach.field.conftest import Phone, phone_of

pytestmark = pytest.mark.database


def held(round_: Round) -> list[Draft]:
    with databases.as_owner():
        return list(Draft.objects.filter(round=round_))


def kept_of(lanterne: Tenant) -> list[selectors.DecryptedRecord]:
    with tenant_transaction(lanterne.scope("north")):
        return selectors.open_rows(list(Record.objects.select_related("round")), notes=True)


def test_a_yes_is_sealed_held_and_becomes_a_record_at_the_close(lanterne: Tenant, nadia: Phone) -> None:
    nadia.note(
        zone="yes",
        people=2,
        place=CELL,
        needs=["meal", "water"],
        wellbeing="good",
        note="passer avec un duvet",
        recontact="yes",
        others=3,
    )
    [draft] = held(nadia.round)
    assert b"duvet" not in bytes(draft.blob)
    page = nadia.get()
    assert "Rencontre 1" in page
    assert "duvet" not in page
    nadia.client.post(nadia.url("clore/"), {"handover": ""})
    [opened] = kept_of(lanterne)
    assert opened.encounter.people == 2
    assert opened.encounter.cell is not None
    assert opened.encounter.cell.id == CELL
    assert opened.encounter.needs == ("meal", "water")
    assert opened.encounter.recontact
    assert opened.note == "passer avec un duvet"
    assert "Rencontres de l’équipe gardées" in nadia.get("recu/")


def test_the_question_read_aloud_says_what_is_kept_until_when_and_who_reads(nadia: Phone) -> None:
    """A day instead of a number of days; needs and answers, not the place alone; and not "nobody" while sums are read."""
    page = nadia.get("rencontre/")
    question = re.search(r"<legend>(« .*?)</legend>", page)
    promise = re.search(r'id="zone-promise">(.*?)</p>', page)
    assert question
    assert promise
    last = ends_of(nadia.round).record
    day = f"{last.day} {date_format(last, 'F Y')}"
    assert day in question[1]
    assert day in promise[1]
    assert "besoins" in question[1]
    assert f"{nadia.round.association.policy.team_cell} m" in promise[1]
    assert "coordination" in promise[1]
    assert not re.search(r"\d+ jours", question[1] + promise[1])


def test_no_is_the_default_and_notes_nothing(lanterne: Tenant, omar: Phone) -> None:
    page = omar.get("rencontre/")
    assert re.search(r'value="no"[^>]*checked', page)
    answer = omar.note(zone="", people=2, place=CELL, note="près du pont", needs=["meal"])
    text = answer.text
    assert "Compté, rien de noté" in text
    assert "2 personnes de plus" in text
    assert "près du pont" not in text
    assert held(omar.round) == []


def test_a_minor_alone_is_only_counted_and_the_119_is_shown(omar: Phone) -> None:
    answer = omar.note(zone="minor", place=CELL, note="seul")
    text = answer.text
    assert 'href="tel:119"' in text
    assert held(omar.round) == []
    assert "<strong>1</strong> personne" in omar.get("compter/")


def test_the_same_form_twice_is_one_encounter(omar: Phone) -> None:
    token = omar.hidden("rencontre/", "token")
    for _time in range(3):
        omar.note(token=token, zone="yes", people=2)
    assert len(held(omar.round)) == 1
    page = omar.get("compter/")
    assert "<strong>2</strong> personnes" in page
    again = omar.hidden("rencontre/", "token")
    for _time in range(2):
        omar.note(token=again, zone="no", people=4)
    assert "<strong>6</strong> personnes" in omar.get("compter/")


def test_a_token_of_another_round_or_of_nobody_is_not_taken(lanterne: Tenant, omar: Phone) -> None:
    with tenant_transaction(lanterne.scope("north")):
        before = factories.open_round(lanterne, night=factories.NIGHT - timedelta(days=1))
    own = omar.hidden("rencontre/", "token")
    other = Phone(omar.client, before).hidden("rencontre/", "token")
    for token in ("", uuid4().hex, f"{uuid4().hex}:{'A' * 43}", own[:-1], other):
        answer = omar.note(token=token, zone="yes", note="le sac bleu")
        assert answer.status == 422
        assert "le sac bleu" in answer.text
    assert held(omar.round) == []


def test_what_was_typed_comes_back_with_the_question(omar: Phone) -> None:
    answer = omar.note(
        zone="yes", people=3, place=CELL, needs=["care"], note="Il s’appelle Mamadou, 06 12 34 56 78"
    )
    text = answer.text
    assert answer.status == 422
    assert "<mark>Mamadou</mark>" in text
    assert "<mark>06 12 34 56 78</mark>" in text
    assert "un numéro de téléphone ou de dossier" in text
    assert re.search(rf'value="{CELL}"[^>]*checked', text)
    assert re.search(r'value="care"[^>]*checked', text)
    assert held(omar.round) == []


def test_what_nobody_opened_stays_collapsed(omar: Phone) -> None:
    """The number of others is always sent, 0 as well: the seven answers below it stood open at every correction."""
    collapsed, unfolded = "<details><summary>Autres réponses", "<details open><summary>Autres réponses"
    page = omar.note(zone="yes", people="1", others="0", note="Il s’appelle Mamadou").text
    assert collapsed in page and unfolded not in page
    page = omar.note(zone="yes", people="1", others="2", note="Il s’appelle Mamadou").text
    assert unfolded in page and collapsed not in page


def test_a_note_kept_as_it_is_and_one_changed_after_the_question(omar: Phone) -> None:
    token = omar.hidden("rencontre/", "token")
    note = "surnommé Zaza, sans papiers"
    text = omar.note(token=token, zone="yes", note=note).text
    assert "peuvent nuire" in text
    seal = re.search(r'name="kept" value="([0-9a-f]{64})"', text)
    assert seal is not None
    again = omar.note(token=token, zone="yes", note=note + ", 06 12 34 56 78", kept=seal.group(1))
    assert again.status == 422
    omar.note(token=token, zone="yes", note=note, kept=seal.group(1))
    assert len(held(omar.round)) == 1


def test_words_without_their_own_consent_are_not_kept(omar: Phone) -> None:
    answer = omar.note(zone="yes", quote="on veut juste dormir", quote_consent="no")
    assert "Sans accord, ces paroles ne sont pas gardées" in answer.text
    assert held(omar.round) == []


def test_only_squares_of_the_plan_are_offered_and_others_on_demand(lanterne: Tenant, omar: Phone) -> None:
    with databases.as_owner():
        omar.round.plan.filter(sector=lanterne.sectors["west"]).delete()
    page = omar.get("rencontre/")
    assert CELL in page
    assert "Secteur Ouest" not in page
    answer = omar.note(zone="yes", wider=1, note="le sac vert", people=2)
    text = answer.text
    assert "Secteur Ouest" in text
    assert "le sac vert" in text
    bad = omar.note(zone="yes", place="CRS3035RES500mN1000000E1000000")
    assert bad.status == 422


def test_erasing_is_for_the_phone_that_noted(lanterne: Tenant, omar: Phone, nadia: Phone) -> None:
    omar.note(zone="yes", people=2)
    [draft] = held(omar.round)
    nadia.client.post(nadia.url("effacer/"), {"draft": str(draft.id)})
    assert len(held(omar.round)) == 1
    assert f'value="{draft.id}"' not in nadia.get()
    page = omar.client.post(omar.url("effacer/"), {"draft": str(draft.id)}, follow=True).content.decode()
    assert "Rencontre effacée" in page
    assert held(omar.round) == []
    assert "<strong>0</strong> personne" in omar.get("compter/")
    omar.client.post(omar.url("effacer/"), {"draft": "x"})


def test_a_line_break_counts_once_as_in_the_page(omar: Phone) -> None:
    """A browser shows 500 characters and sends 562: a break is sent as two."""
    note = "mouillé\n" * 62 + "abcd"
    assert len(note) == 500
    assert 'maxlength="500"' in omar.get("rencontre/")
    answer = omar.note(zone="yes", note=note.replace("\n", "\r\n"))
    assert answer.status == 200
    assert len(held(omar.round)) == 1
    assert omar.note(zone="yes", note=note + "e").status == 422


def test_what_does_not_fit_its_blob_is_said_for_that_text_alone(omar: Phone) -> None:
    for name in ("note", "quote"):
        texts = {"note": "sac bleu", "quote": "sac vert", name: "🛏" * (400 if name == "note" else 240)}
        answer = omar.note(zone="yes", quote_consent="yes", needs=list(words.NEEDS), **texts)
        assert answer.status == 422
        assert re.findall(r'id="id_(\w+)_error"', answer.text) == [name]
    assert held(omar.round) == []


def test_an_encounter_typed_while_the_round_was_closed_is_not_lost(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    token = omar.hidden("rencontre/", "token")
    nadia.client.post(nadia.url("clore/"), {"handover": ""})
    omar.note(token=token, zone="yes", people=2, place=CELL)
    assert len(kept_of(lanterne)) == 1
    text = omar.get()
    assert "Envoyer maintenant" in text


@pytest.mark.parametrize("page", ["", "compter/", "rencontre/", "clore/", "recu/"])
def test_another_team_and_another_association_find_no_such_round(
    lanterne: Tenant, passerelle: Tenant, walking: Round, page: str
) -> None:
    for person in (lanterne.people["salome"], passerelle.people["bruno"]):
        other = phone_of(person, walking)
        assert other.client.get(other.url(page)).status_code == 404
    assert Client().get(f"/maraude/tournee/{walking.id}/{page}").status_code == 302


def test_no_address_names_anything_but_the_round(omar: Phone) -> None:
    omar.note(zone="yes", people=2, place=CELL)
    page = omar.get()
    [draft] = held(omar.round)
    for address in re.findall(r'(?:href|action)="([^"]*)"', page):
        assert str(draft.id) not in address
        assert "CRS3035" not in address
    assert UUID(str(draft.id))


def test_an_answer_that_was_lost_on_the_way_still_counts_the_people(lanterne: Tenant, omar: Phone) -> None:
    """The encounter was held and the answer never came, nor its cookie: the same form again counts it, once."""
    token = omar.hidden("rencontre/", "token")
    omar.note(token=token, zone="yes", people=2, others=1)
    lost = [name for name in omar.client.cookies if name.startswith(("comptage-", "attente-"))]
    assert len(lost) == 2  # the counts, and the mark that says that they wait
    for name in lost:
        del omar.client.cookies[name]
    for _again in range(2):
        omar.note(token=token, zone="yes", people=2, others=1)
    with databases.as_owner():
        assert Draft.objects.count() == 1
    assert "Rencontre 1" in omar.get()
    with databases.as_owner():
        Round.objects.update(status=Round.Status.CLOSED)
    omar.client.post(omar.url("clore/"), {"handover": ""})
    with tenant_transaction(lanterne.scope("north")):
        [counts] = tally.read(list(Tally.objects.all()))
    assert (counts.people_count, counts.encounters) == (3, 1)
