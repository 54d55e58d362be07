"""The receipt says what the server counted of this phone, however many answers were lost on the way, and counts nobody twice."""

import re
from copy import deepcopy
from uuid import uuid4

import pytest

from outreach.records import tally
from outreach.records import vocabulary as words
from outreach.records.models import Tally
from outreach.rounds.models import Round
from privacy.db.scope import tenant_transaction
from tests import totals
from tests.factories import CELL, Tenant
from tests.outreach.field.conftest import Phone
from tests.outreach.field.test_closing import counts_of
from tests.outreach.field.test_same_form import close
from tests.reading import typed

pytestmark = pytest.mark.database


def lost(phone: Phone) -> None:
    """Send what this phone counted; the answer never comes."""
    before = deepcopy(phone.client.cookies)
    close(phone)
    phone.client.cookies = before


def test_what_was_counted_after_lost_receipts_is_sent_and_nothing_twice(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    forms = [omar.hidden("rencontre/", "token") for _ in range(3)]
    omar.count(people="2")
    close(nadia)
    lost(omar)
    for people, token in zip((4, 5, 6), forms, strict=True):
        omar.note(token=token, zone="no", people=people)
        lost(omar)
    assert sum_on(close(omar), "Personnes") == "17"
    [counts] = counts_of(lanterne)
    assert (counts.people_count, counts.refused, counts.encounters) == (17, 3, 4)
    with tenant_transaction(lanterne.scope("north")):
        [month] = totals.months().values()
        [quarter] = totals.quarters().values()
    assert (month["people_count"], month["refused"], month["phones"], quarter["refused"]) == (17, 3, 1, 3)


def test_what_was_taken_back_after_a_lost_receipt_leaves_the_totals(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    omar.count(people="2")
    omar.count(people="9")
    close(nadia)
    lost(omar)
    omar.client.post(omar.url("compter/"), {"undo": "round"})
    assert sum_on(close(omar), "Personnes") == "2"
    with tenant_transaction(lanterne.scope("north")):
        [month] = totals.months().values()
    assert (month["people_count"], month["encounters"], month["phones"]) == (2, 1, 1)


def test_all_taken_back_after_a_lost_receipt_is_no_phone_s_any_more(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    omar.count(refusal="asleep")
    close(nadia)
    lost(omar)
    omar.client.post(omar.url("compter/"), {"undo": "round"})
    close(omar)
    with tenant_transaction(lanterne.scope("north")):
        [month] = totals.months().values()
        [quarter] = totals.quarters().values()
    assert not any((month.get("refused"), month.get("phones"), quarter.get("refused")))


def test_an_older_sending_that_comes_last_changes_nothing(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    """It waited somewhere on its way while the phone counted on and sent again."""
    token = omar.hidden("rencontre/", "token")
    omar.count(people="2")
    close(nadia)
    older = deepcopy(omar.client.cookies)
    omar.note(token=token, zone="no", people=4)
    lost(omar)
    omar.client.cookies = older
    assert sum_on(close(omar), "Personnes") == "6"
    assert [one.people_count for one in counts_of(lanterne)] == [6]


def test_a_sending_that_comes_again_after_the_next_one_changes_nothing(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    token = omar.hidden("rencontre/", "token")
    omar.count(people="2")
    close(nadia)
    older = deepcopy(omar.client.cookies)
    close(omar)
    omar.note(token=token, zone="no", people=4)
    close(omar)
    omar.client.cookies = older
    close(omar)
    assert [one.people_count for one in counts_of(lanterne)] == [6]


def test_a_phone_that_lost_its_counts_but_not_its_session_is_counted_on(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    omar.count(people="2")
    close(nadia)
    close(omar)
    reopened(nadia)
    without_counts(omar)
    omar.count(people="3")
    close(nadia)
    assert sum_on(close(omar), "Personnes") == "5"
    assert sum(one.people_count or 0 for one in counts_of(lanterne)) == 5


def test_counts_that_were_set_aside_do_not_come_back_by_a_lost_receipt(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    forms = [omar.hidden("rencontre/", "token") for _ in range(2)]
    omar.count(people="9")
    close(nadia)
    lost(omar)
    set_aside(lanterne, nadia)
    omar.note(token=forms[0], zone="no", people=4)
    page = close(omar)
    assert "a écarté les comptages" in page and sum_on(page, "Personnes") == "–"
    assert [one.empty for one in counts_of(lanterne)] == [True]
    omar.note(token=forms[1], zone="no", people=3)
    assert sum_on(close(omar), "Personnes") == "3"
    assert [one.people_count for one in counts_of(lanterne)] == [3]


def test_what_is_counted_after_a_receipt_comes_though_the_rest_was_set_aside(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    token = omar.hidden("rencontre/", "token")
    omar.count(people="9")
    close(nadia)
    close(omar)
    set_aside(lanterne, nadia)
    omar.note(token=token, zone="no", people=4)
    lost(omar)
    assert sum_on(close(omar), "Personnes") == "4"
    with tenant_transaction(lanterne.scope("north")):
        [month] = totals.months().values()
    assert (month["people_count"], month["phones"]) == (4, 1)


def test_a_phone_that_sends_often_takes_the_room_of_one(
    lanterne: Tenant, omar: Phone, nadia: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "MOST_PHONES", 2)
    forms = [omar.hidden("rencontre/", "token") for _ in range(3)]
    nadia.count(people="1")
    close(nadia)
    for token in forms:
        omar.note(token=token, zone="no", people=1)
        assert "C’est envoyé" in close(omar)
    assert nadia.get("comptages/").count("Téléphone ") == nadia.get("comptages/").count("Écarter les") == 2
    assert sum(one.people_count or 0 for one in counts_of(lanterne)) == 4


def test_the_receipt_repeats_all_that_was_sent_in_the_words_of_the_phone(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    token = omar.hidden("rencontre/", "token")
    omar.count(people="2")
    omar.count(people="?")
    omar.count(items=1, meal=12)
    omar.count(call="no_place")
    omar.count(group=1, people_count=2, women_count="")
    close(nadia)
    assert sum_on(close(omar), "Personnes") == "au moins 4"
    omar.note(token=token, zone="no", people=3)
    page = close(omar)
    told = [sum_on(page, name) for name in ("Personnes", "Groupes ou rencontres", "Refus", "Repas")]
    assert told == ["au moins 7", "4", "1", "12"]
    assert sum_on(page, "115 · Pas de place") == "1"
    assert sum_on(omar.client.get(omar.url("recu/")).content.decode(), "Personnes") == "au moins 7"


def test_the_receipt_says_how_many_encounters_the_server_keeps(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    """Not how many came in with this very sending: on a late phone, or after a lost answer, that is none."""
    omar.note(zone="yes", people=2, place=CELL)
    nadia.note(zone="yes", people=1, place=CELL)
    lost(nadia)
    for phone in (nadia, omar):
        assert re.search(r"Rencontres[^<]*gardées[^<]*</dt><dd>2</dd>", close(phone))


def test_a_phone_that_sends_in_parts_sends_no_more_than_one_may(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    for _time in range(5):
        omar.count(group=1, people_count=199)
    close(nadia)
    assert sum_on(close(omar), "Personnes") == "995"
    reopened(nadia)
    omar.count(people="5")
    assert "ne peut plus rien ajouter" in omar.count(people="1")
    close(nadia)
    assert sum_on(close(omar), "Personnes") == "1000"


def test_a_phone_without_its_cookie_sends_no_more_than_one_may(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    """It does not know what it sent before, but the server does: nothing is taken, and it is told."""
    for people in (199, 199, 199, 199, 199):
        omar.count(group=1, people_count=people)
    close(nadia)
    close(omar)
    reopened(nadia)
    without_counts(omar)
    omar.count(people="6")
    close(nadia)
    assert "ne peut plus rien ajouter" in typed(close(omar))
    assert [one.people_count for one in counts_of(lanterne)] == [995]


def test_the_fullest_counts_lie_in_a_row_of_one_size(lanterne: Tenant, walking: Round) -> None:
    tables = (words.REFUSAL, words.ITEMS, words.CALL_115_OUTCOME)
    refused, given, called = (dict.fromkeys(table, 500) for table in tables)
    full = tally.Counts(999, 999, 999, 999, 999, 999, refused, given, called)
    policy, phones = lanterne.association.policy, (uuid4(), uuid4())
    with tenant_transaction(lanterne.scope("north")):
        for phone in phones:
            tally.send(walking, phone, tally.Counts(encounters=1), policy, tally.Turns("abcdef", 9_000, 0))
        less = tally.Counts(distributions=dict.fromkeys(words.ITEMS, 4_500))
        tally.send(walking, phones[0], less, policy, tally.Turns("abcdef", 9_998, 0))
        tally.send(walking, phones[0], full, policy, tally.Turns("abcdef", 9_999, 9_998))
        assert len({len(bytes(row.blob)) for row in Tally.objects.all()}) == 1


def set_aside(lanterne: Tenant, lead: Phone) -> None:
    with tenant_transaction(lanterne.scope("north")):
        [row] = Tally.objects.all()
    lead.client.post(lead.url("comptages/"), {"tally": str(row.id)})


def without_counts(phone: Phone) -> None:
    for name in [name for name in phone.client.cookies if name.startswith("comptage-")]:
        del phone.client.cookies[name]


def reopened(lead: Phone) -> None:
    assert lead.client.post(lead.url("rouvrir/")).status_code == 302


def sum_on(page: str, name: str) -> str:
    """What a page's table of counts says beside `name`, as it is read."""
    page = typed(page)
    found = re.search(rf'<th scope="row">{name}</th><td class="num">(.*?)</td>', page, re.DOTALL)
    assert found is not None
    return " ".join(re.sub("<[^>]*>", "", found.group(1)).split())
