"""One member, and one round, may leave so much and no more; who is refused keeps what was typed, and the others go on."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from outreach.closing import batches
from outreach.closing.services import close_round
from outreach.field import drafts
from outreach.records.models import Draft, Handover, Record, Tombstone
from outreach.records.tally import Counts
from outreach.rounds import limits
from outreach.rounds.models import Round
from privacy.core.retention import RetentionClass
from privacy.db.scope import tenant_transaction
from privacy.keystore.models import RecordSecret
from privacy.sealed_sums import read
from tests import databases, factories
from tests.factories import NOW, Tenant
from tests.outreach.field.conftest import Phone
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of a member, five of a round."""
    monkeypatch.setattr(limits, "OF_MEMBER", 3)
    monkeypatch.setattr(limits, "OF_ROUND", 5)


def sealed(lanterne: Tenant, round_: Round, many: int) -> list[Any]:
    with tenant_transaction(lanterne.scope("north")):
        return [factories.sealed(round_, factories.yes()) for _ in range(many)]


def bring(client: Client, round_: Round, *some: Any) -> tuple[int, dict[str, Any]]:
    body = {"phone": str(uuid4()), "drafts": [factories.on_the_wire(one) for one in some]}
    answer = client.post(
        f"/api/v1/rounds/{round_.id}/drafts", json.dumps(body), content_type="application/json"
    )
    return answer.status_code, json.loads(answer.content)


def test_a_new_sign_in_is_no_new_member_and_the_others_have_room(lanterne: Tenant, walking: Round) -> None:
    omar, again, nadia = (signed_in(lanterne.people[first]) for first in ("omar", "omar", "nadia"))
    mine = sealed(lanterne, walking, 4)
    assert bring(omar, walking, *mine[:2])[0] == 200
    assert bring(again, walking, *mine[2:]) == (429, {"code": "too-many-of-member"})
    assert bring(again, walking, mine[2])[0] == 200
    assert bring(omar, walking, mine[3]) == (429, {"code": "too-many-of-member"})
    status, said = bring(omar, walking, *mine[:3])
    assert (status, sorted(said["known"])) == (200, sorted(str(one.id) for one in mine[:3]))
    others = sealed(lanterne, walking, 3)
    assert bring(nadia, walking, *others[:2])[0] == 200
    assert bring(nadia, walking, others[2]) == (429, {"code": "too-many-of-round"})
    with tenant_transaction(lanterne.scope("north")):
        assert Draft.objects.count() == 5


def test_what_was_erased_was_brought(lanterne: Tenant, walking: Round) -> None:
    """Else one could bring and erase without end, and each leaves a line."""
    phone = uuid4()
    sender = factories.sender(lanterne, "omar", phone=phone)
    for one in sealed(lanterne, walking, 3):
        with tenant_transaction(lanterne.scope("north")):
            assert drafts.keep(walking.id, [one], sender, now=NOW).held
        with tenant_transaction(lanterne.scope("north")):
            assert drafts.erase(walking, one.id, phone)
    [more] = sealed(lanterne, walking, 1)
    with tenant_transaction(lanterne.scope("north")), pytest.raises(limits.TooMany):
        drafts.keep(walking.id, [more], sender, now=NOW)


def test_the_form_keeps_what_was_typed(lanterne: Tenant, walking: Round, omar: Phone) -> None:
    for _ in range(3):
        assert omar.note(zone="yes").status == 200
    told = omar.note(zone="yes", people=2, note="duvet mouillé")
    assert told.status == 429
    assert "duvet mouillé" in told.text
    assert "rien n’est enregistré" in told.text
    with tenant_transaction(lanterne.scope("north")):
        assert Draft.objects.count() == 3


def test_late_ones_have_a_limit_of_their_own(lanterne: Tenant, walking: Round) -> None:
    omar = signed_in(lanterne.people["omar"])
    with tenant_transaction(lanterne.scope("north")):
        close_round(walking.id, phone=uuid4(), counts=Counts(), now=NOW)
    mine = sealed(lanterne, walking, 4)
    assert bring(omar, walking, *mine[:3])[0] == 200
    assert bring(omar, walking, *mine[:3])[0] == 200, "known ones take no room"
    assert bring(signed_in(lanterne.people["omar"]), walking, mine[3]) == (
        429,
        {"code": "too-many-of-member"},
    )
    assert bring(signed_in(lanterne.people["nadia"]), walking, mine[3])[0] == 200
    with tenant_transaction(lanterne.scope("north")):
        assert Record.objects.count() == 4


def test_after_the_close_no_row_says_how_much_somebody_held(lanterne: Tenant, walking: Round) -> None:
    sender = factories.sender(lanterne, "omar")
    with tenant_transaction(lanterne.scope("north")):
        drafts.keep(walking.id, sealed(lanterne, walking, 3), sender, now=NOW)
        assert Draft.objects.exclude(sender=None).count() == 3
    with tenant_transaction(lanterne.scope("north")):
        close_round(walking.id, phone=uuid4(), counts=Counts(), now=NOW)
    with databases.as_owner():
        assert Tombstone.objects.count() == 3
        assert Tombstone.objects.exclude(sender=None).count() == 0
        assert not RecordSecret.objects.filter(retention_class=RetentionClass.DRAFT.value).exists()


def test_a_crew_leaves_twenty_words_and_no_more(
    lanterne: Tenant, walking: Round, nadia: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "HANDOVERS", 1)
    with tenant_transaction(lanterne.scope("north")):
        close_round(walking.id, phone=uuid4(), counts=Counts(), now=NOW, handover="soupe")
    answer = nadia.client.post(nadia.url("clore/"), {"handover": "gants et bonnets"})
    assert answer.status_code == 422
    assert "gants et bonnets" in answer.content.decode()
    with tenant_transaction(lanterne.scope("north")):
        assert Handover.objects.count() == 1


def test_a_round_of_several_batches_is_one_round(
    lanterne: Tenant, walking: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maps.models import WeeklySummary

    monkeypatch.setattr(batches, "BATCH", 2)
    with tenant_transaction(lanterne.scope("north")):
        for first in ("omar", "nadia"):
            drafts.keep(walking.id, sealed(lanterne, walking, 2), factories.sender(lanterne, first), now=NOW)
        receipt = close_round(
            walking.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=sealed(lanterne, walking, 1)
        )
    assert len(receipt.stored) == 5
    with tenant_transaction(lanterne.scope("north")):
        assert Record.objects.count() == 5
        [(_week, body)] = read(list(WeeklySummary.objects.all()))
        assert body["rounds"] == 1
