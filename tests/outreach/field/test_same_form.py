"""One form sent several times with other answers: the page says what is kept and counted, and nobody is counted twice."""

import re
from copy import deepcopy

import pytest

from outreach.records import selectors
from outreach.records.models import Draft, Record, Tally
from privacy.db.scope import tenant_transaction
from tests import databases
from tests.factories import CELL, Tenant
from tests.outreach.field.conftest import Phone
from tests.outreach.field.test_closing import counts_of

pytestmark = pytest.mark.database


def people_on(phone: Phone) -> int:
    """How many people the round's own page says this phone counted."""
    found = re.search(r"<dt>Personnes comptées</dt><dd>\D*(\d+)", phone.get())
    assert found is not None
    return int(found.group(1))


def close(phone: Phone) -> str:
    answer = phone.client.post(phone.url("clore/"), {"handover": ""}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def kept_of(lanterne: Tenant) -> list[selectors.DecryptedRecord]:
    with tenant_transaction(lanterne.scope("north")):
        return selectors.open_rows(list(Record.objects.select_related("round")), notes=True)


def test_a_yes_corrected_and_sent_again_is_kept_as_corrected(lanterne: Tenant, nadia: Phone) -> None:
    token = nadia.hidden("rencontre/", "token")
    nadia.note(token=token, zone="yes", people=2, note="sac bleu")
    assert people_on(nadia) == 2
    answer = nadia.note(token=token, zone="yes", people=3, note="sac vert", place=CELL)
    assert "cette version remplace la précédente" in answer.text
    assert "C’était déjà enregistré" not in answer.text
    assert people_on(nadia) == 3
    close(nadia)
    [opened] = kept_of(lanterne)
    assert (opened.encounter.people, opened.note) == (3, "sac vert")
    [counts] = counts_of(lanterne)
    assert (counts.people_count, counts.encounters) == (3, 1)


def test_another_phone_that_has_the_form_changes_nothing_of_it(
    lanterne: Tenant, nadia: Phone, omar: Phone
) -> None:
    token = nadia.hidden("rencontre/", "token")
    nadia.note(token=token, zone="yes", people=2, note="sac bleu")
    answer = omar.note(token=token, zone="yes", people=3, note="sac vert")
    assert "cette version remplace la précédente" not in answer.text
    assert people_on(omar) == 0
    close(nadia)
    [opened] = kept_of(lanterne)
    assert (opened.encounter.people, opened.note) == (2, "sac bleu")


def test_a_no_sent_again_with_another_number_says_what_is_counted(omar: Phone) -> None:
    token = omar.hidden("rencontre/", "token")
    assert "2 personnes de plus" in omar.note(token=token, zone="no", people=2).text
    again = omar.note(token=token, zone="no", people=3).text
    assert "3 personnes de plus" not in again
    assert "Vos totaux : 2 personnes." in again
    assert people_on(omar) == 2


def test_a_yes_that_becomes_a_no_is_erased_and_counted_once(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    token = omar.hidden("rencontre/", "token")
    omar.note(token=token, zone="yes", people=2, place=CELL)
    with databases.as_owner():
        assert Draft.objects.count() == 1
    assert "Compté, rien de noté" in omar.note(token=token, zone="no", people=2).text
    with databases.as_owner():
        assert Draft.objects.count() == 0
    assert people_on(omar) == 2
    back = omar.note(token=token, zone="yes", people=2, place=CELL)
    assert "Cette rencontre a été effacée : rien n’est gardé" in back.text
    assert people_on(omar) == 2
    close(nadia)
    close(omar)
    [counts] = counts_of(lanterne)
    assert (counts.people_count, counts.refused) == (2, 1)


def test_a_no_that_was_taken_back_counts_when_it_is_sent_again(omar: Phone) -> None:
    token = omar.hidden("rencontre/", "token")
    omar.note(token=token, zone="no", people=2)
    omar.client.post(omar.url("compter/"), {"undo": "round"})
    assert people_on(omar) == 0
    assert "2 personnes de plus" in omar.note(token=token, zone="no", people=2).text
    assert people_on(omar) == 2


def test_a_yes_whose_answer_was_lost_is_erased_by_the_no_too(omar: Phone) -> None:
    token = omar.hidden("rencontre/", "token")
    omar.note(token=token, zone="yes", people=2, place=CELL)
    for name in [name for name in omar.client.cookies if name.startswith("comptage-")]:
        del omar.client.cookies[name]  # the answer of the first sending never came
    omar.note(token=token, zone="no", people=2)
    with databases.as_owner():
        assert Draft.objects.count() == 0
    assert people_on(omar) == 2


def test_a_yes_whose_answer_was_lost_before_the_close_is_not_told_to_be_gone(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    token = omar.hidden("rencontre/", "token")
    before = deepcopy(omar.client.cookies)
    omar.note(token=token, zone="yes", people=2, place=CELL)
    omar.client.cookies = before  # the answer never came
    close(nadia)
    page = omar.note(token=token, zone="no", people=2).text
    assert "elle ne peut plus être effacée d’ici" in page
    assert "Compté, rien de noté" not in page
    assert len(kept_of(lanterne)) == 1


def test_a_no_that_becomes_a_yes_is_one_encounter(lanterne: Tenant, nadia: Phone) -> None:
    token = nadia.hidden("rencontre/", "token")
    nadia.note(token=token, zone="no", people=2)
    nadia.note(token=token, zone="yes", people=2)
    assert people_on(nadia) == 2
    close(nadia)
    [counts] = counts_of(lanterne)
    assert (counts.people_count, counts.encounters, counts.refused) == (2, 1, 0)


def test_an_encounter_that_was_erased_is_not_told_to_be_there(omar: Phone) -> None:
    token = omar.hidden("rencontre/", "token")
    omar.note(token=token, zone="yes", people=2)
    with databases.as_owner():
        [draft] = Draft.objects.all()
    omar.client.post(omar.url("effacer/"), {"draft": str(draft.id)})
    assert "Cette rencontre a été effacée" in omar.note(token=token, zone="yes", people=2).text
    assert people_on(omar) == 0


def test_the_same_form_after_the_close_keeps_what_came_first(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    token = omar.hidden("rencontre/", "token")
    omar.note(token=token, zone="yes", people=2, note="sac bleu")
    close(nadia)
    late = omar.note(token=token, zone="yes", people=3, note="sac vert").text
    assert "Ce formulaire avait déjà été envoyé : cette version n’est pas gardée." in late
    assert "elle ne peut plus être effacée d’ici" in omar.note(token=token, zone="no", people=2).text
    assert people_on(omar) == 2
    [opened] = kept_of(lanterne)
    assert (opened.encounter.people, opened.note) == (2, "sac bleu")


def test_what_comes_late_weighs_the_same_whatever_was_answered(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    """A yes, a no, a minor and a count, all opened before the close and sent after it."""
    forms = [omar.hidden("rencontre/", "token") for _ in range(3)]
    mark = omar.hidden("compter/", "mark")
    close(nadia)
    gone = "Gardée. La tournée est close : elle ne peut plus être effacée d’ici."
    assert gone in omar.note(token=forms[0], zone="yes", people=2, place=CELL).text
    assert people_on(omar) == 2
    assert "3 personnes de plus" in omar.note(token=forms[1], zone="no", people=3).text
    assert 'href="tel:119"' in omar.note(token=forms[2], zone="minor", people=1).text
    assert "4 personnes comptées." in omar.count(people="4", mark=mark)
    assert people_on(omar) == 10
    assert "Envoyer maintenant" in omar.get()
    close(omar)
    [counts] = counts_of(lanterne)
    assert (counts.people_count, counts.refused, counts.minors_count, counts.encounters) == (10, 1, 1, 4)
    assert len(kept_of(lanterne)) == 1


def test_a_phone_that_sent_its_counts_sends_what_came_afterwards(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    token, again = (omar.hidden("rencontre/", "token") for _ in range(2))
    omar.note(token=again, zone="no", people=1)
    close(nadia)
    close(omar)
    omar.note(token=token, zone="no", people=3)
    assert "Vos totaux : 3 personnes." in omar.note(token=again, zone="no", people=1).text
    close(omar)
    assert [one.people_count for one in counts_of(lanterne)] == [4]
    close(omar)
    with databases.as_owner():
        assert Tally.objects.count() == 1


def test_a_phone_that_first_saw_the_closed_round_counts_nothing(omar: Phone, nadia: Phone) -> None:
    token = omar.hidden("rencontre/", "token")
    close(nadia)
    for name in [name for name in omar.client.cookies if name.startswith("comptage-")]:
        del omar.client.cookies[name]
    assert "ses comptages ne sont pas pris" in omar.note(token=token, zone="no", people=3).text
    assert people_on(omar) == 0
