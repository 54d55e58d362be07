"""Sums after a bad moment: a withdrawal that never ended, a key without its sum, a sum whose day has come."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections, transaction

from maps import rebuild
from maps.models import MonthlyAccumulator, WeeklySummary
from maps.tasks import rebuild_stale
from outreach.closing import services as closing
from outreach.closing.withdrawal import withdraw
from outreach.records import selectors
from outreach.records.models import Handover, Record, Tally
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy import sealed_sums
from privacy.core.retention import RetentionClass
from privacy.db.scope import tenant_transaction
from privacy.keystore import services as keystore
from privacy.keystore.models import RecordSecret
from privacy.keystore.orphans import delete_orphans
from privacy.retention import services as retention
from privacy.retention.models import LedgerEntry
from tests import databases, factories, sums
from tests.factories import NIGHT, NOW, Tenant
from tests.resilience.stack import until

pytestmark = pytest.mark.database
SUMS = [RetentionClass.SUMMARY, RetentionClass.ACCUMULATOR]


def closed(lanterne: Tenant, *people: int) -> Round:
    round_ = factories.open_round(lanterne)
    drafts = [factories.sealed(round_, factories.yes(number)) for number in people]
    counts = Counts(people_count=9)
    closing.close_round(round_.id, phone=uuid4(), counts=counts, now=NOW, drafts=drafts, handover="duvets")
    return round_


def this_week() -> dict[str, Any]:
    [(_week, body)] = sealed_sums.read(list(WeeklySummary.objects.all()))
    return body


def test_a_withdrawal_that_never_ended_leaves_nobody_in_the_sums(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        closed(lanterne, 2, 4)
        by_people = {
            one.encounter.people: one.id
            for one in selectors.open_rows(list(Record.objects.select_related("round")))
        }
        keystore.destroy_subject(by_people[4])  # the keys' commit came, the data's did not
        assert sums.cells(this_week()).total() == 6
        assert withdraw(by_people[4], actor=factories.ACTOR, now=NOW)
        late = factories.sealed(Round.objects.select_related("association").get(), factories.yes(3))
        closing.close_round(Round.objects.get().id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[late])
    with databases.as_worker():
        assert rebuild_stale() == 1
        assert sums.cells(this_week()).total() == 5
        assert this_week()["rounds"] == 1
        assert rebuild_stale() == 0


def orphan(lanterne: Tenant, cls: RetentionClass, subject: UUID | None = None) -> UUID:
    """A secret whose data was rolled back, under another day than the policy gives now."""
    subject = subject or uuid4()
    keystore.bucket_secret(lanterne.association.id, cls, NIGHT + timedelta(days=7), subject)
    return subject


def test_keys_without_their_data_go_and_every_other_stays(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        closed(lanterne, 2)
    kinds = (RetentionClass.TALLY, RetentionClass.HANDOVER, RetentionClass.RECORD, *SUMS)
    orphans = {orphan(lanterne, cls) for cls in kinds}
    kept = RecordSecret.objects.exclude(subject_id__in=orphans).count()
    with databases.as_worker():
        assert delete_orphans() == len(orphans)
        assert RecordSecret.objects.count() == kept
        assert this_week()["rounds"] == 1
        assert len(sealed_sums.read(list(MonthlyAccumulator.objects.all()))) == 1
        assert Tally.objects.count() == Handover.objects.count() == 1


def test_a_key_of_an_older_policy_holds_up_a_week_until_the_reaper_came(lanterne: Tenant) -> None:
    monday = NIGHT - timedelta(days=NIGHT.weekday())
    orphan(
        lanterne, RetentionClass.SUMMARY, sealed_sums.subject(WeeklySummary, lanterne.association.id, monday)
    )
    with databases.as_worker():
        assert delete_orphans() == 1
    with tenant_transaction(lanterne.scope("north")):
        closed(lanterne, 2)
        assert sums.cells(this_week()).total() == 2


def test_a_sum_whose_key_was_lost_holds_up_no_close_and_no_withdrawal(lanterne: Tenant) -> None:
    """A damaged key is dropped and a new one made: what the old one sealed says nothing any more, and is made again."""
    with tenant_transaction(lanterne.scope("north")):
        closed(lanterne, 2, 4)
    name = sealed_sums.subject(
        WeeklySummary, lanterne.association.id, NIGHT - timedelta(days=NIGHT.weekday())
    )
    assert keystore.drop({name}, [RetentionClass.SUMMARY]) == 1
    with tenant_transaction(lanterne.scope("north")):
        round_ = Round.objects.select_related("association").get()
        late = factories.sealed(round_, factories.yes(3))
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[late])
        by_people = {
            one.encounter.people: one.id
            for one in selectors.open_rows(list(Record.objects.select_related("round")))
        }
        assert set(by_people) == {2, 3, 4}
        assert withdraw(by_people[4], actor=factories.ACTOR, now=NOW)
    with databases.as_worker():
        assert rebuild_stale() == 1
        assert sums.cells(this_week()).total() == 5
        assert this_week()["rounds"] == 1


def test_a_sum_whose_day_has_come_takes_nothing_more(lanterne: Tenant) -> None:
    """Between the death of its key and that of its row, a late import would find a sum that does not open."""
    with tenant_transaction(lanterne.scope("north")):
        closed(lanterne, 2)
    with databases.as_worker():
        row = WeeklySummary.objects.get()
        retention.raise_high_water(row.expires_on)
        keystore.destroy_expired(row.expires_on)
        with transaction.atomic():
            sealed_sums.change(WeeklySummary, row.association_id, row.week, row.expires_on, dict.clear)
        rebuild.rebuild(row.association_id, row.week)
        assert keystore.count_expired(row.expires_on) == 0


def test_two_closes_of_one_moment_make_one_sum_and_book_one(lanterne: Tenant) -> None:
    """Neither sees the other's row: the second waits at the unique index, and must not book what it did not make."""
    monday, day = keystore.monday(NIGHT), NIGHT + timedelta(days=60)
    first_wrote, second_began = threading.Event(), threading.Event()

    def add(body: dict[str, Any]) -> None:
        body["rounds"] = body.get("rounds", 0) + 1

    def first() -> None:
        with tenant_transaction(lanterne.scope("north")):
            sealed_sums.change(WeeklySummary, lanterne.association.id, monday, day, add)
            first_wrote.set()
            second_began.wait(60)
            until_somebody_waits()
        connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert first_wrote.wait(60)
    with tenant_transaction(lanterne.scope("south")):
        second_began.set()
        sealed_sums.change(WeeklySummary, lanterne.association.id, monday, day, add)
    thread.join()
    with tenant_transaction(lanterne.scope("north")):
        assert this_week()["rounds"] == 2
        booked = LedgerEntry.objects.filter(retention_class=RetentionClass.SUMMARY.value)
        assert list(booked.values_list("stored", flat=True)) == [1]


def until_somebody_waits() -> None:
    """Until a transaction waits for another one to end: the second close has come as far as the unique index."""
    waiting = "SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"
    with databases.raw("owner") as owner:
        until(lambda: bool(owner.execute(waiting).fetchall()), "the second close waits")
