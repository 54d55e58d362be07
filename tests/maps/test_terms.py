"""A sum dies with the shortest-lived thing in it, whatever the rules were before or become after."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import psycopg
import pytest

from maps.models import MonthlyAccumulator, WeeklySummary
from maps.tasks import rebuild_stale
from outreach.closing import services as closing
from outreach.closing.withdrawal import withdraw
from outreach.records.models import Record
from outreach.records.tally import Counts
from privacy import sealed_sums
from privacy.core.retention import RetentionClass
from privacy.db.scope import tenant_transaction
from privacy.keystore.models import BucketKey
from privacy.retention import services as retention
from privacy.retention.models import LedgerEntry
from tests import databases, factories
from tests.factories import Tenant
from tests.sums import cells

pytestmark = pytest.mark.database

MONDAY = date(2040, 1, 2)
"""Years ahead of the clock that runs the tests: the effective day (its high-water mark) is the only time there is."""


def evening(days: int) -> datetime:
    return datetime.combine(MONDAY + timedelta(days=days), time(21), UTC)


def see(days: int) -> None:
    """The service has seen this day."""
    with databases.as_worker():
        retention.raise_high_water(MONDAY + timedelta(days=days))


def choose(lanterne: Tenant, **days: int) -> None:
    with databases.as_owner():
        lanterne.association.policy_choice = days
        lanterne.association.save()


def closed(lanterne: Tenant, days: int, people: int, team: str = "north") -> None:
    see(days)
    with tenant_transaction(lanterne.scope(team)):
        round_ = factories.open_round(lanterne, team, MONDAY + timedelta(days=days))
        draft = factories.sealed(round_, factories.yes(people))
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=evening(days), drafts=[draft])


def terms() -> tuple[set[date], set[date]]:
    """(days of the sums' rows and keys, days of the records)."""
    with databases.as_worker():
        keys = BucketKey.objects.filter(retention_class=RetentionClass.SUMMARY.value)
        rows = WeeklySummary.objects.all()
        sums = {*rows.values_list("expires_on", flat=True), *keys.values_list("expires_on", flat=True)}
        return sums, set(Record.objects.values_list("expires_on", flat=True))


def people(lanterne: Tenant) -> int:
    with databases.as_worker():
        [(_week, body)] = sealed_sums.read(list(WeeklySummary.objects.all()))
        return cells(body).total()


def test_a_shorter_rule_in_mid_week_shortens_the_sum_with_the_first_record(lanterne: Tenant) -> None:
    closed(lanterne, 0, 2)
    before, _records = terms()
    choose(lanterne, record_days=14)
    closed(lanterne, 2, 3)
    sums, records = terms()
    assert len(records) == 2 and min(records) == MONDAY + timedelta(days=14)
    assert max(sums) <= min(records) < min(before)
    assert people(lanterne) == 5
    with databases.as_worker():
        lines = LedgerEntry.objects.filter(retention_class="summary").order_by("expires_on")
        assert [(one.expires_on, one.stored - one.withdrawn) for one in lines] == [
            (min(sums), 1),
            (max(before), 0),
        ]
        retention.purge(evening(14), wet=True)
        assert not WeeklySummary.objects.exists()
        assert Record.objects.count() == 1
        assert not BucketKey.objects.filter(retention_class="summary").exists()


def test_a_longer_rule_lengthens_no_sum_that_began_under_a_shorter_one(lanterne: Tenant) -> None:
    choose(lanterne, record_days=14)
    closed(lanterne, 0, 2)
    before, _records = terms()
    choose(lanterne, record_days=90)
    closed(lanterne, 2, 3)
    assert terms()[0] == before == {MONDAY + timedelta(days=14)}
    assert people(lanterne) == 5


def test_what_comes_when_the_sums_term_is_over_counts_and_takes_the_sum_along_tomorrow(
    lanterne: Tenant,
) -> None:
    """Under the shorter rule the week's own day has come, and the record of its Sunday lives: the sum waits for nobody longer."""
    closed(lanterne, 0, 2)
    choose(lanterne, record_days=11)
    see(7)
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=MONDAY + timedelta(days=6))
        draft = factories.sealed(round_, factories.yes(3))
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=evening(7), drafts=[draft])
    assert people(lanterne) == 5
    assert terms()[0] == {MONDAY + timedelta(days=8)}


def test_the_key_moved_and_the_row_did_not_the_next_close_says_the_day_of_the_key(lanterne: Tenant) -> None:
    closed(lanterne, 0, 2)
    choose(lanterne, record_days=14)
    with pytest.raises(ZeroDivisionError), tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=MONDAY + timedelta(days=2))
        draft = factories.sealed(round_, factories.yes(3))
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=evening(2), drafts=[draft])
        raise ZeroDivisionError
    assert people(lanterne) == 2
    assert {MONDAY + timedelta(days=days) for days in (14, 84)} == terms()[0], "the key's day, and the row's"
    closed(lanterne, 3, 4, "south")
    assert people(lanterne) == 6
    assert terms()[0] == {MONDAY + timedelta(days=14)}


def test_a_withdrawal_makes_no_sum_and_moves_no_day(lanterne: Tenant) -> None:
    closed(lanterne, 0, 2)
    closed(lanterne, 1, 3)
    choose(lanterne, record_days=14)
    with tenant_transaction(lanterne.scope("north")):
        record = Record.objects.order_by("id").first()
        assert record and withdraw(record.id, actor=factories.ACTOR, now=evening(1))
    assert terms()[0] == {MONDAY + timedelta(days=84)}
    with databases.as_worker():
        WeeklySummary.objects.all().delete()
    with tenant_transaction(lanterne.scope("north")):
        assert withdraw(Record.objects.get().id, actor=factories.ACTOR, now=evening(1))
        assert not WeeklySummary.objects.exists()
        assert MonthlyAccumulator.objects.count() == 1


def test_a_week_made_again_dies_with_the_first_of_its_records(lanterne: Tenant) -> None:
    """Sums of before were not shortened: making one again puts its day right."""
    closed(lanterne, 0, 2)
    with databases.as_owner():
        Record.objects.update(expires_on=MONDAY + timedelta(days=21))
        WeeklySummary.objects.update(version=sealed_sums.STALE)
    with databases.as_worker():
        assert rebuild_stale() == 1
    assert terms()[0] == {MONDAY + timedelta(days=21)}
    assert people(lanterne) == 2


@pytest.mark.parametrize("role", ["web", "worker", "owner"])
def test_nobody_keeps_a_sum_longer_than_it_was_to_live(lanterne: Tenant, role: str) -> None:
    closed(lanterne, 0, 2)
    with databases.raw(role) as raw, raw.transaction():
        raw.execute("SELECT set_config('app.association_id', %s, true)", [str(lanterne.association.id)])
        assert raw.execute("UPDATE maps_weeklysummary SET expires_on = expires_on - 7").rowcount == 1
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="promised"), raw.transaction():
            raw.execute("UPDATE maps_weeklysummary SET expires_on = expires_on + 1")
