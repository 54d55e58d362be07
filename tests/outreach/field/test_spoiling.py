"""Nobody spoils numbers that stay: counts come from phones that saw the open round, so many at most, from so many phones."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from outreach.records import tally
from outreach.records.models import Record, Tally
from outreach.rounds.models import Round
from privacy.audit.events import Event
from privacy.audit.models import PendingEvent
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import CELL, Tenant
from tests.outreach.field.conftest import Phone, phone_of, text_of
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database


def close(client: Client, round_: Round, **body: Any) -> Any:
    return client.post(
        f"/api/v1/rounds/{round_.id}/close",
        json.dumps({"phone": str(uuid4()), **body}),
        content_type="application/json",
    )


def seen(client: Client) -> str:
    [round_] = client.get("/api/v1/rounds/tonight").json()["rounds"]
    return str(round_["seen"])


def people(lanterne: Tenant) -> list[int]:
    with tenant_transaction(lanterne.scope("north")):
        return sorted((one.people_count or 0) for one in tally.read(list(Tally.objects.all())))


def test_five_requests_after_the_close_add_nobody(lanterne: Tenant, walking: Round, nadia: Phone) -> None:
    before = signed_in(lanterne.people["omar"])
    proof = seen(before)
    nadia.count(people="3")
    nadia.client.post(nadia.url("clore/"), {"handover": ""})
    after = signed_in(lanterne.people["omar"])
    for forged in ("", uuid4().hex, proof[:-2] + "xx", uuid4().hex + proof[32:]):
        answer = close(after, walking, seen=forged, counts={"people_count": 999})
        assert (answer.status_code, answer.json()) == (409, {"code": "phone-not-seen"})
    assert people(lanterne) == [3]
    # The phone that saw it counts, once, whatever it says the second time.
    assert close(before, walking, seen=proof, counts={"people_count": 7}).status_code == 200
    assert close(before, walking, seen=proof, counts={"people_count": 900}).status_code == 200
    assert people(lanterne) == [3, 7]
    with databases.as_owner():
        assert PendingEvent.objects.filter(event=Event.COUNTS_LATE).count() == 1


def test_a_proof_is_of_one_round_and_of_one_session(lanterne: Tenant, walking: Round) -> None:
    omar = signed_in(lanterne.people["omar"])
    proof = seen(omar)
    assert seen(omar) == proof
    assert seen(signed_in(lanterne.people["omar"])) != proof
    with tenant_transaction(lanterne.scope("north")):
        other = factories.open_round(lanterne, night=factories.NIGHT - timedelta(days=1))
    assert close(signed_in(lanterne.people["nadia"]), other).status_code == 200
    assert close(omar, other, seen=proof, counts={"refused": 1}).json() == {"code": "phone-not-seen"}


def test_a_page_of_the_open_round_is_proof_enough_and_a_page_of_the_closed_one_is_none(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    omar.get()
    token = omar.hidden("rencontre/", "token")
    newcomer = phone_of(lanterne.people["omar"], omar.round)
    late = phone_of(lanterne.people["omar"], omar.round)
    other = late.hidden("rencontre/", "token")
    late.client.cookies.pop(next(name for name in late.client.cookies if name.startswith("comptage-")))
    nadia.client.post(nadia.url("clore/"), {"handover": ""})
    newcomer.get()
    assert omar.note(token=token, zone="yes", people=2, place=CELL).status == 200
    assert late.note(token=other, zone="yes", people=200, place=CELL).status == 200
    for phone in (omar, newcomer, late):
        phone.client.post(phone.url("clore/"), {"handover": ""})
    with databases.as_owner():
        assert Record.objects.count() == 2  # what was agreed to is kept, whoever brings it
    assert people(lanterne) == [2]


def test_one_phone_counts_so_many_and_says_so(omar: Phone) -> None:
    for _time in range(5):
        omar.count(group=1, people_count=200)
    page = omar.count(people="1")
    assert "ne peut plus rien ajouter" in page
    assert "<strong>1000</strong> personnes" in page
    assert "<strong>5</strong> groupes" in page
    assert "ne peut plus rien ajouter" in omar.note(zone="no", people=1).text
    answer = omar.note(zone="yes", people=1, place=CELL)
    assert answer.status == 422
    assert "atteint ce qu’il peut envoyer" in answer.text
    for _time in range(5):
        omar.count(items=1, meal=999)
    assert "ne peut plus rien ajouter" in omar.count(items=1, meal=999)
    assert "Repas 4995" in omar.get("compter/")


def test_the_api_takes_no_more_of_one_phone(lanterne: Tenant, walking: Round) -> None:
    nadia = signed_in(lanterne.people["nadia"])
    for counts in ({"people_count": 1001}, {"refused": 1001}, {"distributions": {"meal": 5001}}):
        assert close(nadia, walking, seen=seen(nadia), counts=counts).json() == {"code": "bad-encounter"}
    taken = {"people_count": 1000, "distributions": {"meal": 5000}}
    assert close(nadia, walking, seen=seen(nadia), counts=taken).status_code == 200


def test_a_round_takes_the_counts_of_no_more_phones_than_a_crew_has(lanterne: Tenant, omar: Phone) -> None:
    omar.count(people="4")
    with tenant_transaction(lanterne.scope("north")):
        policy = lanterne.association.policy
        for _phone in range(tally.MOST_PHONES):
            tally.send(omar.round, uuid4(), tally.Counts(people_count=1), policy)
    with databases.as_owner():
        Round.objects.update(status=Round.Status.CLOSED)
    page = text_of(omar.client.post(omar.url("clore/"), {"handover": ""}, follow=True))
    assert "vingt téléphones" in page
    assert "Ce téléphone n’a rien à envoyer" not in page  # its counts wait, until the lead set some aside
    assert len(people(lanterne)) == tally.MOST_PHONES


def test_a_page_asked_for_before_the_start_costs_no_count(lanterne: Tenant, walking: Round) -> None:
    """Its cookie said that the phone had not seen the open round: encounters noted later were held and not counted."""
    with databases.as_owner():
        Round.objects.update(status=Round.Status.PLANNED)
    phone = phone_of(lanterne.people["omar"], walking)
    assert phone.client.get(phone.url("compter/")).status_code == 302
    with databases.as_owner():
        Round.objects.update(status=Round.Status.OPEN)
    phone.note(zone="yes", people=2)
    assert "<strong>2</strong> personnes" in phone.get("compter/")
