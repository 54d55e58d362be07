"""One phone's counts set aside by a lead: out of the month, never back, nobody's name, one line of the log."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from outreach.associations import services as associations
from outreach.closing import voiding
from outreach.records import tally
from outreach.records.models import Tally
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy.audit.actors import OPERATOR
from privacy.audit.events import Event
from privacy.audit.models import PendingEvent
from privacy.db.scope import tenant_transaction
from tests import databases, factories, totals
from tests.factories import Tenant
from tests.outreach.field.conftest import Phone, phone_of, text_of

pytestmark = pytest.mark.database


def sums(lanterne: Tenant) -> tuple[dict[str, int], dict[str, int]]:
    with tenant_transaction(lanterne.scope("north")):
        [month] = totals.months().values()
        quarters = list(totals.quarters().values())
    return month, quarters[0] if quarters else {}


def both_sent(omar: Phone, nadia: Phone) -> None:
    """Nadia counted 3 people and a refusal; Omar's phone says 990 and two refusals."""
    nadia.count(people="3")
    nadia.count(refusal="asleep")
    for _time in range(5):
        omar.count(group=1, people_count=198)
    omar.count(refusal="asleep")
    omar.count(refusal="not_now")
    for phone in (nadia, omar):
        phone.client.post(phone.url("clore/"), {"handover": ""})


def test_a_phone_s_counts_leave_the_totals_and_do_not_come_back(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    both_sent(omar, nadia)
    month, quarter = sums(lanterne)
    assert (month["people_count"], month["refused"], quarter["refused"]) == (993, 3, 3)
    page = nadia.get("comptages/")
    assert "personnes 990" in page and "Omar" not in page and "omar" not in page
    with tenant_transaction(lanterne.scope("north")):
        wrong = next(row for row in Tally.objects.all() if (tally.read([row])[0].people_count or 0) > 500)
    answer = nadia.client.post(nadia.url("comptages/"), {"tally": str(wrong.id)}, follow=True)
    assert "ne sont plus dans les totaux" in text_of(answer)
    nadia.client.post(nadia.url("comptages/"), {"tally": str(wrong.id)})
    month, quarter = sums(lanterne)
    assert (month["people_count"], month["refused"], quarter["refused"]) == (3, 1, 1)
    assert (month["refusal_reasons.asleep"], month["phones"]) == (1, 1)
    omar.client.post(omar.url("clore/"), {"handover": ""})
    assert sums(lanterne)[0]["people_count"] == 3
    with databases.as_owner():
        [line] = PendingEvent.objects.filter(event=Event.COUNTS_VOIDED)
        assert line.actor.startswith("lead:")
        assert len({len(bytes(row.blob)) for row in Tally.objects.all()}) == 1


def test_only_a_lead_of_the_team_and_only_for_72_hours(lanterne: Tenant, omar: Phone, nadia: Phone) -> None:
    assert nadia.client.get(nadia.url("comptages/")).status_code == 302  # open: there is nothing yet
    both_sent(omar, nadia)
    assert omar.client.get(omar.url("comptages/")).status_code == 403
    passerelle = phone_of(lanterne.people["salome"], omar.round)
    assert passerelle.client.get(passerelle.url("comptages/")).status_code in (403, 404)
    assert nadia.client.post(nadia.url("comptages/"), {"tally": "x"}, follow=True).status_code == 200
    with databases.as_owner():
        row = Tally.objects.first()
        Round.objects.update(night=factories.NIGHT - timedelta(days=9))
    assert row is not None
    answer = nadia.client.post(nadia.url("comptages/"), {"tally": str(row.id)}, follow=True)
    assert "Plus de 72 heures" in text_of(answer)


def test_what_was_set_aside_makes_room_for_another_phone(
    lanterne: Tenant, omar: Phone, nadia: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_sent(omar, nadia)
    monkeypatch.setattr(tally, "MOST_PHONES", 2)
    with tenant_transaction(lanterne.scope("north")):
        assert tally.phones_counted(omar.round) == 2
        for row in Tally.objects.all():
            tally.empty(row)
        assert tally.phones_counted(omar.round) == 0


def test_every_phone_has_a_letter_however_many_sent(lanterne: Tenant, omar: Phone, nadia: Phone) -> None:
    """Somebody who signs in again and again after each one that is set aside hides behind no end of the alphabet."""
    both_sent(omar, nadia)
    with tenant_transaction(lanterne.scope("north")):
        round_ = Round.objects.get(id=omar.round.id)
        for _time in range(28):
            tally.send(round_, uuid4(), Counts(people_count=50), round_.association.policy)
        listed = voiding.sent_by_phones(round_)
    assert {one.id for one in listed} == set(_ids(lanterne)) and len(listed) == 30
    assert len({one.letter for one in listed}) == 30
    assert [one.letter for one in listed][25:28] == ["Z", "AA", "AB"]


def _ids(lanterne: Tenant) -> list[UUID]:
    with tenant_transaction(lanterne.scope("north")):
        return list(Tally.objects.values_list("id", flat=True))


def test_counts_under_a_rule_shortened_since_are_set_aside_as_well(
    lanterne: Tenant, omar: Phone, nadia: Phone
) -> None:
    both_sent(omar, nadia)
    with databases.as_worker():
        now = factories.NOW
        associations.shorten(lanterne.association.id, {"tally_days": 14}, actor=OPERATOR, now=now, wet=True)
    with tenant_transaction(lanterne.scope("north")):
        assert all(row.expires_on < row.born_to for row in Tally.objects.all())
    for id_ in _ids(lanterne):
        nadia.client.post(nadia.url("comptages/"), {"tally": str(id_)})
    assert "vide ou écarté" in nadia.get("comptages/")
    with tenant_transaction(lanterne.scope("north")):
        assert all(one.empty for one in tally.read(list(Tally.objects.all())))
