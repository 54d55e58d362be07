"""Counts on the phone: unknown is not zero, the last one can be taken back, and counting writes nothing on the server."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.core.signing import Signer

from outreach.field import counter_cookie, counting
from outreach.field.counting import Counter
from outreach.records import vocabulary as words
from outreach.records.tally import Counts, Turns
from tests.outreach.field.conftest import Phone, text_of
from tests.outreach.field.everything import everything


def test_unknown_is_not_zero() -> None:
    counter = counting.add_group(Counter(uuid4()), {"people_count": 3, "men_count": None, "women_count": 0})
    assert counter.counts.men_count is None
    assert counter.counts.women_count == 0
    assert counter.sum_of("men_count") == counting.Sum(None, True)
    more = counting.add_group(counter, {"people_count": None, "men_count": 2})
    assert more.sum_of("people_count") == counting.Sum(3, True)
    assert more.sum_of("men_count") == counting.Sum(2, True)
    assert more.sum_of("women_count") == counting.Sum(0, False)
    assert more.counts.encounters == 2


def test_ten_counts_can_be_taken_back_one_by_one() -> None:
    start = Counter(uuid4())
    steps = [start]
    for number in range(1, 12):
        steps.append(counting.add_group(steps[-1], {"people_count": number, "men_count": None}))
    back = steps[-1]
    for number in range(11, 1, -1):
        back, people = counting.take_back(back)
        assert (people, back.counts, back.unsure) == (
            number,
            steps[number - 1].counts,
            steps[number - 1].unsure,
        )
    assert back.counts.people_count == 1  # the eleventh from the end stays
    assert counting.take_back(back) == (back, 0)


def test_taking_back_restores_what_was_unknown() -> None:
    states = [Counter(uuid4())]
    states.append(counting.add_group(states[-1], {"people_count": None, "women_count": 0}))
    states.append(counting.add_items(states[-1], {"meal": 4}))
    states.append(counting.add_call(states[-1], "no_place"))
    states.append(counting.add_refusal(states[-1], "asleep"))
    back = states.pop()
    while states:
        back, _people = counting.take_back(back)
        assert back == states.pop()


def test_taking_back_leaves_what_was_noted_in_between() -> None:
    """An encounter is erased by itself; undo used to stop at one, and would else have dropped its people."""
    draft = uuid4()
    counted = counting.add_group(Counter(uuid4()), {"people_count": 3})
    noted = counting.add_draft(counted, draft, 2, 0)
    back, people = counting.take_back(noted)
    assert (people, back.counts) == (3, Counts(people_count=2, encounters=1))
    assert counting.drop_draft(back, draft).counts == Counts()


def test_the_fullest_cookie_fits_a_browser() -> None:
    """A browser drops a cookie of more than 4,096 bytes, and with it the night's counts."""
    counter = Counter(uuid4(), present=True)
    for _ in range(counting.MOST_DRAFTS):
        counter = counting.add_draft(counter, uuid4(), 9, 3)
    for number in range(counting.MOST_STEPS):
        counter = counting.add_items(counter, dict.fromkeys(words.ITEMS, 17 * number % 90 + 9))
        counter = counting.marked(counter, f"{uuid4().hex[:8]}g198765432")
    tables = (words.REFUSAL, words.ITEMS, words.CALL_115_OUTCOME)
    refused, given, called = (dict.fromkeys(table, 987) for table in tables)
    all_of_it = Counts(990, 991, 992, 993, 994, 995, refused, given, called)
    parts = frozenset(counting.PARTS)
    counter = replace(
        counter, kept=1_500, sent=all_of_it, vague=parts, unsure=parts, turns=Turns("abcdef", 9_999, 9_998)
    )
    value = Signer(salt="outreach.field.counter").sign_object(counter_cookie._to_body(counter), compress=True)
    assert len(value) < 3_900


def test_erasing_a_draft_takes_its_people_back() -> None:
    first, second = uuid4(), uuid4()
    counter = counting.add_draft(counting.add_draft(Counter(uuid4()), first, 2, 1), second, 4, 0)
    assert counter.counts == Counts(people_count=7, encounters=2)
    assert counting.add_draft(counter, second, 4, 0) == counter
    assert counting.drop_draft(counter, first).counts == Counts(people_count=4, encounters=1)
    assert counting.drop_draft(counter, uuid4()) == counter
    assert [people for _id, people in counting.drop_draft(counter, first).drafts] == [
        0,
        4,
    ]  # its number is not given again


@pytest.mark.database
def test_counting_changes_nothing_that_the_service_keeps(omar: Phone) -> None:
    mark = omar.hidden("compter/", "mark")
    before = everything()
    page = omar.count(people="3", mark=mark)
    assert "3 personnes comptées" in page
    omar.count(people="?")
    omar.count(items=1, meal=12, water="")
    omar.count(call="no_place")
    page = omar.count(refusal="asleep")
    assert "au moins" in page
    assert "Repas 12" in page
    assert "115, pas de place 1" in page
    assert everything() == before  # not even the session's date: it would be the time of a count


@pytest.mark.database
def test_a_page_that_comes_late_takes_no_count_out(omar: Phone) -> None:
    """On a slow line it is on its way while another tab counts, and its cookies arrive last."""
    omar.get()
    omar.client.post(omar.url("compter/"), {"people": "1", "mark": "11111111"})
    asked = omar.client.cookies.output()
    late = omar.client.get(omar.url())
    assert "1 personne comptée" in text_of(late)
    omar.client.cookies.load(asked.replace("Set-Cookie: ", ""))
    assert "3 personnes comptées" in omar.count(people="3", mark="33333333")
    omar.client.cookies.update(late.cookies)
    page = omar.get("compter/")
    assert "<strong>4</strong> personnes" in page
    assert "comptées." not in page, "what was said is said once"


@pytest.mark.database
def test_the_cookie_is_for_this_round_signed_and_without_a_clock(omar: Phone) -> None:
    omar.count(people="3")
    [name] = [name for name in omar.client.cookies if name.startswith("comptage-")]
    cookie = omar.client.cookies[name]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"  # a link from elsewhere opens the round with its counts
    assert cookie["path"] == "/maraude/"
    assert cookie.value.count(":") == 1  # value and signature, no time between them
    first = cookie["expires"]
    omar.count(people="2")
    assert omar.client.cookies[name]["expires"] == first
    omar.client.cookies[name] = cookie.value[:-2] + "xx"
    assert "<strong>0</strong> personne" in omar.get("compter/")


@pytest.mark.database
def test_the_same_form_twice_counts_once(omar: Phone) -> None:
    mark = omar.hidden("compter/", "mark")
    omar.count(people="3", mark=mark)
    page = omar.count(people="3", mark=mark)
    assert "rien n’a été compté deux fois" in page
    assert "<strong>3</strong> personnes" in page


@pytest.mark.database
def test_undo_and_a_group_in_detail(omar: Phone) -> None:
    omar.count(people="5")
    page = omar.count(group=1, people_count=12, men_count=7, women_count="", minors_count=0)
    assert "<strong>17</strong> personnes" in page
    page = omar.count(undo=1)
    assert "<strong>5</strong> personnes" in page
    page = omar.count(group=1, people_count=2, men_count=7)
    assert "Hommes et femmes font déjà 7 personnes" in page
    assert 'value="7"' in page
    page = omar.count(group=1)
    assert "Indiquez au moins un nombre" in page
