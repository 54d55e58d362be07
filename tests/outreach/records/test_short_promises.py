"""The shortest promise an association may make still takes everything in that a late phone may bring, whatever the weekday."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from outreach.associations.models import Association
from outreach.closing import services as closing
from outreach.records import selectors
from outreach.records.models import Handover, Quarantine, Record, Tally
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy.core.errors import PolicyRefused
from privacy.core.policy import LIMITS, Policy
from privacy.db.scope import tenant_transaction
from privacy.retention import services as retention
from tests import databases, factories
from tests.factories import Tenant

pytestmark = pytest.mark.database

MONDAY = date(2040, 1, 2)
"""Years ahead of the clock that runs the tests: the effective day (its high-water mark) is the only time there is."""
SHORTEST = {name: LIMITS[name].floor for name in ("record_days", "note_days", "tally_days", "handover_days")}
BEFORE = "0017_no_second_is_kept"
"""The migration before the one that lifts choices."""
PARIS = ZoneInfo("Europe/Paris")


def shortest(lanterne: Tenant) -> None:
    with databases.as_owner():
        lanterne.association.policy_choice = SHORTEST
        lanterne.association.save()


def at(moment: datetime) -> datetime:
    """The moment, and the service has seen its day: what row security hides by then is hidden."""
    with databases.as_worker():
        retention.raise_high_water(moment.astimezone(UTC).date())
    return moment


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("late", [timedelta(hours=3), timedelta(days=3, hours=12, minutes=-1)])
def test_the_shortest_promise_loses_nothing_that_may_still_come(
    lanterne: Tenant, weekday: int, late: timedelta
) -> None:
    shortest(lanterne)
    night = MONDAY + timedelta(days=weekday)
    midnight = datetime.combine(night + timedelta(days=1), datetime.min.time(), PARIS)
    at(midnight - timedelta(hours=3))
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=night)
        before = factories.sealed(round_, factories.yes(1, note="duvet"))
        after = factories.sealed(round_, factories.yes(2, note="duvet"))
    for draft, moment in ((before, midnight + timedelta(hours=3)), (after, midnight + late)):
        now = at(moment)
        with tenant_transaction(lanterne.scope("north")):
            receipt = closing.close_round(
                round_.id,
                phone=uuid4(),
                counts=Counts(people_count=3),
                now=now,
                drafts=[draft],
                handover=f"clé de {draft.id}",
            )
            assert receipt.quarantined == {}
            assert receipt.stored == [draft.id]
    with tenant_transaction(lanterne.scope("north")):
        assert Record.objects.count() == Tally.objects.count() == Handover.objects.count() == 2
        opened = selectors.open_rows(list(Record.objects.select_related("round")), notes=True)
        assert [one.note for one in opened] == ["duvet", "duvet"]


def test_what_is_set_aside_goes_with_the_day_promised_for_its_record(lanterne: Tenant) -> None:
    shortest(lanterne)
    night = MONDAY + timedelta(days=6)  # a Sunday: its week ends as early as can be
    at(datetime.combine(night, time(21), UTC))
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=night)
        yes, garbled = factories.sealed(round_, factories.yes()), factories.sealed(round_, factories.yes())
    now = at(datetime.combine(night + timedelta(days=3), time(21), UTC))
    with tenant_transaction(lanterne.scope("north")):
        drafts = [yes, replace(garbled, blob=b"\x01" + b"x" * 4144)]
        receipt = closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=now, drafts=drafts)
        assert receipt.quarantined == {garbled.id: "does-not-open"}
        assert Quarantine.objects.get().expires_on <= Record.objects.get().expires_on


@pytest.mark.parametrize("setting", ["record_days", "tally_days"])
def test_a_plan_goes_no_sooner_than_what_hangs_on_it(lanterne: Tenant, setting: str) -> None:
    """With the records of its round alive, no purge could remove the row of the round: every purge failed there."""
    with pytest.raises(PolicyRefused) as refused:
        Policy.from_dict({"itinerary_days": 20, setting: 21})
    assert refused.value.field == "itinerary_days"
    with databases.as_owner():
        lanterne.association.policy_choice = {"itinerary_days": 21, "record_days": 21, "tally_days": 21}
        lanterne.association.save()
    night = MONDAY + timedelta(days=6)
    now = at(datetime.combine(night, time(21), UTC))
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=night)
        drafts = [factories.sealed(round_, factories.yes())]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(people_count=1), now=now, drafts=drafts)
    with databases.as_worker():
        assert Round.objects.count() == Record.objects.count() == 1
        retention.purge(now + timedelta(days=21), wet=True)
        assert not Round.objects.exists()
        assert not Record.objects.exists()


def test_a_choice_that_is_allowed_no_more_is_lifted_to_what_is(lanterne: Tenant) -> None:
    """A service that runs already may have one: its pages are not to fail for it."""
    chosen = {
        "record_days": 1,
        "note_days": 2,
        "tally_days": 3,
        "few": 10,
        "itinerary_days": 5,
        "handover_days": 9,
    }
    with databases.before("outreach", BEFORE) as migrate:
        with databases.as_owner():
            Association.objects.filter(id=lanterne.association.id).update(policy_choice=chosen)
        migrate()
        with databases.as_owner():
            policy = Association.objects.get(id=lanterne.association.id).policy
    assert (policy.record_days, policy.note_days, policy.tally_days, policy.handover_days) == (11, 5, 11, 9)
    assert (policy.itinerary_days, policy.few) == (11, 10)
