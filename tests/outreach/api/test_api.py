"""The API as a phone uses it: real web role, real session, real sealed bytes; errors are codes and echo nothing."""

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from outreach.closing.intake import SealedDraft, draft_info
from outreach.records.models import Draft, Handover, Quarantine, Record, Tally
from outreach.rounds.models import Round
from privacy.core import ingress
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import CELL, NOW, Tenant, on_the_wire
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database


def sent(client: Client, round_: Round, what: str, body: Any) -> HttpResponse:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(f"/api/v1/rounds/{round_.id}/{what}", text, content_type="application/json")  # type: ignore[return-value]


def drafts_for(lanterne: Tenant, round_: Round, number: int) -> list[SealedDraft]:
    with tenant_transaction(lanterne.scope("north")):
        return [factories.sealed(round_, factories.yes(2)) for _one in range(number)]


def test_what_tonight_says_is_enough_to_seal_and_be_received(lanterne: Tenant, walking: Round) -> None:
    omar, nadia = signed_in(lanterne.people["omar"]), signed_in(lanterne.people["nadia"])
    said = omar.get("/api/v1/rounds/tonight").json()
    [round_] = said["rounds"]
    assert round_["id"] == str(walking.id)
    assert said["team_cell"] == 500
    draft_id = uuid4()
    walking.pseudonym = type(walking.pseudonym)(round_["pseudonym"])
    day = datetime.fromisoformat(round_["draft_expires_on"]).date()
    key = type(draft_id)(round_["key"]["id"])
    encounter = factories.yes(3, CELL, needs=("meal",))
    blob = ingress.seal_draft(
        base64.b64decode(round_["key"]["public"]),
        draft_info(walking, draft_id, key, day),
        draft_id,
        encounter.to_json(),
    )
    draft = on_the_wire(SealedDraft(draft_id, key, day, blob))
    answer = sent(omar, walking, "drafts", {"phone": str(uuid4()), "drafts": [draft]})
    assert answer.status_code == 200, answer.content
    assert answer.json()["held"] == [str(draft_id)]  # type: ignore[attr-defined]
    answer = sent(
        nadia,
        walking,
        "close",
        {"phone": str(uuid4()), "counts": {"people_count": 9, "refused": 2}, "handover": "rien"},
    )
    assert answer.json() == {"stored": [str(draft_id)], "known": [], "quarantined": {}}  # type: ignore[attr-defined]
    with databases.as_owner():
        assert Record.objects.count() == 1
        assert Tally.objects.count() == 1
        assert Handover.objects.count() == 1


def test_a_batch_held_again_and_with_other_bytes(lanterne: Tenant, walking: Round) -> None:
    omar = signed_in(lanterne.people["omar"])
    batch = drafts_for(lanterne, walking, 3)
    body = {"phone": str(uuid4()), "drafts": [on_the_wire(one) for one in batch]}
    assert len(sent(omar, walking, "drafts", body).json()["held"]) == 3  # type: ignore[attr-defined]
    again = sent(omar, walking, "drafts", body).json()  # type: ignore[attr-defined]
    assert sorted(again["known"]) == sorted(one["id"] for one in body["drafts"])  # type: ignore[index]
    other = replace(drafts_for(lanterne, walking, 1)[0], id=batch[0].id)
    refused = sent(omar, walking, "drafts", {**body, "drafts": [on_the_wire(other)]}).json()  # type: ignore[attr-defined]
    assert refused["refused"] == [str(batch[0].id)]
    with databases.as_owner():
        assert Draft.objects.count() == 3


def test_an_id_of_another_association_is_refused_not_swallowed(
    lanterne: Tenant, passerelle: Tenant, walking: Round
) -> None:
    mine = drafts_for(lanterne, walking, 1)[0]
    sent(
        signed_in(lanterne.people["omar"]),
        walking,
        "drafts",
        {"phone": str(uuid4()), "drafts": [on_the_wire(mine)]},
    )
    with tenant_transaction(passerelle.scope("quay")):
        theirs = factories.open_round(passerelle, "quay")
    bruno = signed_in(passerelle.people["bruno"])
    answer = sent(bruno, theirs, "drafts", {"phone": str(uuid4()), "drafts": [on_the_wire(mine)]})
    assert answer.json()["refused"] == [str(mine.id)]  # type: ignore[attr-defined]


def test_a_worker_does_not_close_but_sends_late(lanterne: Tenant, walking: Round) -> None:
    omar, nadia = signed_in(lanterne.people["omar"]), signed_in(lanterne.people["nadia"])
    [said] = omar.get("/api/v1/rounds/tonight").json()["rounds"]
    body = {"phone": str(uuid4()), "seen": said["seen"], "counts": {"people_count": 4}}
    answer = sent(omar, walking, "close", body)
    assert (answer.status_code, answer.json()) == (403, {"code": "lead-only"})  # type: ignore[attr-defined]
    assert sent(nadia, walking, "close", {"phone": str(uuid4())}).status_code == 200
    assert sent(omar, walking, "close", body).status_code == 200
    late = drafts_for(lanterne, walking, 1)
    answer = sent(omar, walking, "drafts", {"phone": body["phone"], "drafts": [on_the_wire(late[0])]})
    assert answer.json()["receipt"]["stored"] == [str(late[0].id)]  # type: ignore[attr-defined]
    with databases.as_owner():
        assert Tally.objects.count() == 1
        assert Quarantine.objects.count() == 0


def test_a_draft_of_another_round_is_set_aside_and_the_receipt_says_so(
    lanterne: Tenant, walking: Round
) -> None:
    """One draft that does not open spoils neither the close nor the late sending that carries it."""
    nadia = signed_in(lanterne.people["nadia"])
    with tenant_transaction(lanterne.scope("north")):
        tomorrow = factories.open_round(lanterne, night=factories.NIGHT + timedelta(days=1))
    good = drafts_for(lanterne, walking, 1)[0]
    first, second = drafts_for(lanterne, tomorrow, 2)
    body = {"phone": str(uuid4()), "drafts": [on_the_wire(good), on_the_wire(first)]}
    closing = sent(nadia, walking, "close", body)
    assert closing.status_code == 200
    assert closing.json() == {  # type: ignore[attr-defined]
        "stored": [str(good.id)],
        "known": [],
        "quarantined": {str(first.id): "does-not-open"},
    }
    late = sent(nadia, walking, "drafts", {"phone": str(uuid4()), "drafts": [on_the_wire(second)]})
    assert late.json()["receipt"]["quarantined"] == {str(second.id): "does-not-open"}  # type: ignore[attr-defined]
    with databases.as_owner():
        assert Quarantine.objects.count() == 2


def test_too_late_is_a_code(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        old = factories.open_round(lanterne, night=factories.NIGHT - timedelta(days=6))
        from outreach.closing.services import close_round
        from outreach.records.tally import Counts

        close_round(old.id, phone=uuid4(), counts=Counts(), now=NOW - timedelta(days=6))
    answer = sent(signed_in(lanterne.people["nadia"]), old, "close", {"phone": str(uuid4())})
    assert (answer.status_code, answer.json()) == (409, {"code": "too-late"})  # type: ignore[attr-defined]


BAD: list[tuple[Any, int, str]] = [
    ("{", 400, "bad-request"),
    ("[]", 422, "not-understood"),
    ({"phone": "secretword", "drafts": []}, 422, "not-understood"),
    (
        {
            "phone": str(uuid4()),
            "drafts": [
                {"id": str(uuid4()), "key_id": str(uuid4()), "expires_on": "2026-01-01", "blob": "secretword"}
            ],
        },
        422,
        "not-understood",
    ),
    (
        {
            "phone": str(uuid4()),
            "drafts": [
                {"id": str(uuid4()), "key_id": str(uuid4()), "expires_on": "2026-01-01", "blob": "A" * 5528}
            ],
        },
        422,
        "not-understood",
    ),
    ({"phone": str(uuid4()), "secretword": 1, "drafts": []}, 422, "not-understood"),
]


@pytest.mark.parametrize(("body", "status", "code"), BAD)
def test_errors_echo_nothing(lanterne: Tenant, walking: Round, body: Any, status: int, code: str) -> None:
    answer = sent(signed_in(lanterne.people["omar"]), walking, "drafts", body)
    assert (answer.status_code, answer.json()) == (status, {"code": code})  # type: ignore[attr-defined]


def test_counts_are_checked_and_the_round_stays_open(lanterne: Tenant, walking: Round) -> None:
    nadia = signed_in(lanterne.people["nadia"])
    for counts in (
        {"secretword": 1},
        {"people_count": -1},
        {"people_count": 10**9},
        {"distributions": {"secretword": 1}},
    ):
        answer = sent(nadia, walking, "close", {"phone": str(uuid4()), "counts": counts})
        assert (answer.status_code, answer.json()) == (422, {"code": "bad-encounter"})  # type: ignore[attr-defined]
    with databases.as_owner():
        assert Round.objects.get(id=walking.id).status == Round.Status.OPEN


def test_too_many_and_too_large(lanterne: Tenant, walking: Round) -> None:
    omar = signed_in(lanterne.people["omar"])
    one = on_the_wire(drafts_for(lanterne, walking, 1)[0])
    answer = sent(omar, walking, "drafts", {"phone": str(uuid4()), "drafts": [one] * 301})
    assert (answer.status_code, answer.json()) == (422, {"code": "not-understood"})  # type: ignore[attr-defined]
    answer = sent(omar, walking, "drafts", json.dumps({"phone": str(uuid4()), "drafts": [one] * 500}))
    assert (answer.status_code, answer.json()) == (413, {"code": "too-large"})  # type: ignore[attr-defined]


def test_a_foreign_round_does_not_exist(lanterne: Tenant, passerelle: Tenant, walking: Round) -> None:
    for person in (lanterne.people["salome"], passerelle.people["bruno"]):
        client = signed_in(person)
        assert client.get("/api/v1/rounds/tonight").json()["rounds"] == []
        for what, body in (
            ("drafts", {"phone": str(uuid4()), "drafts": [on_the_wire(drafts_for(lanterne, walking, 1)[0])]}),
            ("close", {"phone": str(uuid4())}),
        ):
            answer = sent(client, walking, what, body)
            assert (answer.status_code, answer.json()) == (404, {"code": "not-found"})  # type: ignore[attr-defined]


def test_who_may_not_come(lanterne: Tenant, walking: Round) -> None:
    answer = Client().get("/api/v1/rounds/tonight")
    assert (answer.status_code, answer.json()) == (401, {"code": "not-signed-in"})
    for first in ("claire", "agnes", "victor", "paul"):
        assert signed_in(lanterne.people[first]).get("/api/v1/rounds/tonight").status_code == 403


def test_without_the_token_of_its_page_nothing_is_taken(lanterne: Tenant, walking: Round) -> None:
    known = signed_in(lanterne.people["nadia"])
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = known.cookies
    answer = sent(strict, walking, "close", {"phone": str(uuid4())})
    assert (answer.status_code, answer.json()) == (403, {"code": "csrf"})  # type: ignore[attr-defined]
    token = known.get("/maraude/cette-nuit/?toutes=1").context["csrf_token"]
    strict.cookies = known.cookies
    taken = strict.post(
        f"/api/v1/rounds/{walking.id}/close",
        json.dumps({"phone": str(uuid4())}),
        content_type="application/json",
        headers={"x-csrftoken": str(token)},
    )
    assert taken.status_code == 200, taken.content


def test_one_draft_costs_few_statements(lanterne: Tenant, walking: Round) -> None:
    omar = signed_in(lanterne.people["omar"])
    sent(
        omar,
        walking,
        "drafts",
        {"phone": str(uuid4()), "drafts": [on_the_wire(drafts_for(lanterne, walking, 1)[0])]},
    )
    body = {"phone": str(uuid4()), "drafts": [on_the_wire(drafts_for(lanterne, walking, 1)[0])]}
    with CaptureQueriesContext(connection) as seen:
        assert sent(omar, walking, "drafts", body).status_code == 200
    own = [one["sql"] for one in seen if "outreach_round" in one["sql"] or "outreach_draft" in one["sql"]]
    print("statements:", len(seen), "of which the room's own:", len(own))
    assert len(own) == 2  # taken, then counted and written to: a cap holds only under the lock
    assert len(seen) <= 8
