"""A phone that sends what no form would: one such draft spoils neither the round nor the night of anybody else."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from outreach.closing import services as closing
from outreach.closing import tasks
from outreach.closing.intake import SealedDraft, draft_info
from outreach.field import drafts as field
from outreach.records.models import ConsentEvent, Draft, Quarantine, Record
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy.core import ingress
from privacy.core.retention import RetentionClass, expires_on
from privacy.db.scope import tenant_transaction
from privacy.keystore import services as keystore
from tests import databases, factories
from tests.factories import NIGHT, NOW, Tenant

pytestmark = pytest.mark.database


def raw(round_: Round, body: dict[str, Any]) -> SealedDraft:
    """A draft around any JSON, as a changed phone page could seal it."""
    id_, key = uuid4(), keystore.ingress_key(round_.night)
    day = expires_on(RetentionClass.DRAFT, round_.night, round_.association.policy)
    payload = json.dumps({"v": 1, "people": 1, "zone": True, **body}).encode()
    info = draft_info(round_, id_, key.id, day)
    return SealedDraft(id_, key.id, day, ingress.seal_draft(bytes(key.public_key), info, id_, payload))


@pytest.mark.parametrize("field", ["note", "quote", "notice"])
def test_half_a_character_is_set_aside_and_the_round_closes(lanterne: Tenant, field: str) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        good, bad = factories.sealed(round_, factories.yes(2)), raw(round_, {field: "\ud83d"})
        receipt = closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[good, bad])
        assert receipt.stored == [good.id]
        assert list(receipt.quarantined) == [bad.id]
        assert Quarantine.objects.count() == 1


def test_the_notice_is_a_version_and_no_room_for_a_language(lanterne: Tenant) -> None:
    """`notice_version` is a clear column: what a phone puts there is read by whoever reads the database."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        bad = [raw(round_, {"notice": text}) for text in ("2026-11 roumain", "fa", "Porte de Clignan")]
        good = raw(round_, {"notice": "2026-11"})
        receipt = closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[good, *bad])
        assert receipt.stored == [good.id]
        assert receipt.quarantined == {one.id: "notice" for one in bad}
        assert [event.notice_version for event in ConsentEvent.objects.all()] == ["2026-11"]


def test_one_round_that_does_not_close_keeps_no_other_open(
    lanterne: Tenant, passerelle: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = NIGHT - timedelta(days=2)
    with tenant_transaction(lanterne.scope("north")):
        stuck = factories.open_round(lanterne, night=long_ago)
    with tenant_transaction(passerelle.scope("quay")):
        other = factories.open_round(passerelle, "quay", night=long_ago)
    close = closing.close_round

    def failing(round_id: UUID, **rest: Any) -> Any:
        if round_id == stuck.id:
            raise RuntimeError("planted")
        return close(round_id, **rest)

    monkeypatch.setattr(tasks, "close_round", failing)
    with databases.as_worker():
        assert tasks.close_forgotten() == 1
        assert Round.objects.get(id=other.id).status == Round.Status.CLOSED
        assert Round.objects.get(id=stuck.id).status == Round.Status.OPEN


def test_an_erased_draft_does_not_come_back(lanterne: Tenant) -> None:
    """What a person had erased is erased: a late copy of it, or the same form sent once more, changes nothing."""
    phone = uuid4()
    sender = factories.sender(lanterne, "omar", phone=phone)
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        draft = factories.sealed(round_, factories.yes(2))
        assert field.keep(round_.id, [draft], sender, now=NOW).held == [draft.id]
        assert not field.erase(round_, draft.id, uuid4())
        assert field.erase(round_, draft.id, phone)
        other = factories.sealed(round_, factories.yes(2), draft.id)
        for again in (draft, other):
            assert field.keep(round_.id, [again], sender, now=NOW).held == []
        assert Draft.objects.count() == 0
        receipt = closing.close_round(round_.id, phone=phone, counts=Counts(), now=NOW, drafts=[draft])
        assert receipt.stored == []
        assert Record.objects.count() == 0


@pytest.mark.parametrize("day", [date(9999, 1, 1), NIGHT - timedelta(days=1)])
def test_a_phone_does_not_choose_how_long_its_draft_lives(lanterne: Tenant, day: date) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        good = factories.sealed(round_, factories.yes())
        sent = factories.sealed(round_, factories.yes())
        kept = field.keep(
            round_.id,
            [SealedDraft(sent.id, sent.key_id, day, sent.blob), good],
            factories.sender(lanterne, "omar"),
            now=NOW,
        )
        assert (kept.held, kept.refused) == ([good.id], [sent.id])
