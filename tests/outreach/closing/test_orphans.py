"""Orphan secrets: those whose record never came go; those of a record stay; a batch in flight is waited for."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from maps.models import WeeklySummary
from outreach.closing import intake
from outreach.closing import services as closing
from outreach.closing.tasks import close_forgotten
from outreach.records import handovers, selectors, tally
from outreach.records.models import Record
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy import sealed_sums
from privacy.core.retention import RetentionClass
from privacy.db.scope import tenant_transaction
from privacy.keystore import orphans
from privacy.keystore import services as keystore
from privacy.keystore.models import RecordSecret
from privacy.keystore.orphans import delete_orphans
from tests import databases, factories
from tests.factories import NIGHT, NOW, Tenant
from tests.resilience.stack import until

pytestmark = pytest.mark.database


def reaper_beside() -> tuple[threading.Thread, threading.Event]:
    """A reaper at work on a connection of its own, and whether it has come to its end."""
    done = threading.Event()

    def work() -> None:
        delete_orphans()
        connections.close_all()
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    return thread, done


def until_it_waits() -> None:
    """Until a reaper stands before the lock of what is in flight."""
    waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
    with databases.raw("owner") as eye:
        until(
            lambda: eye.execute(waiting, [orphans.IN_FLIGHT]).fetchone() is not None,
            "the reaper waits",
            patience=30,
        )


def test_orphans_go_and_secrets_of_records_stay(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes(2))]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
    orphan = uuid4()
    keystore.issue_secrets(
        lanterne.association.id, [(orphan, RetentionClass.RECORD, NIGHT + timedelta(days=365))]
    )
    assert RecordSecret.objects.filter(subject_id=orphan).exists()
    with databases.as_worker():
        assert delete_orphans() == 1
        assert not RecordSecret.objects.filter(subject_id=orphan).exists()
        assert len(selectors.open_rows(list(Record.objects.select_related("round")))) == 1
        assert delete_orphans() == 0


def test_the_reaper_waits_for_a_batch_in_flight(lanterne: Tenant) -> None:
    orphan = uuid4()
    with databases.as_worker(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [orphans.IN_FLIGHT])
        keystore.issue_secrets(
            lanterne.association.id, [(orphan, RetentionClass.RECORD, NIGHT + timedelta(days=365))]
        )
        thread, done = reaper_beside()
        assert not done.wait(1)
        assert RecordSecret.objects.filter(subject_id=orphan).exists()
    thread.join()
    assert not RecordSecret.objects.filter(subject_id=orphan).exists()


def test_a_record_that_comes_while_the_reaper_waits_keeps_its_secret(lanterne: Tenant) -> None:
    """What the reaper saw without data before it waited may have data afterwards; it looks again."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        draft = factories.sealed(round_, factories.yes(2))
    with databases.as_worker():
        with tenant_transaction(lanterne.scope("north")):
            closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[draft])
            thread, done = reaper_beside()
            until_it_waits()
            assert not done.is_set()
        thread.join()
        with tenant_transaction(lanterne.scope("north")):
            [opened] = selectors.open_rows(list(Record.objects.select_related("round")))
    assert opened.encounter.people == 2


def test_nobody_waits_for_the_search(lanterne: Tenant) -> None:
    """The lock is taken for suspects alone: with none, a batch in flight and the reaper do not meet."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes(2))]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
    with databases.as_worker(), transaction.atomic():
        orphans.begin_write()
        thread, done = reaper_beside()
        assert done.wait(60)
    thread.join()
    assert RecordSecret.objects.exists()


def taking_a_record(lanterne: Tenant, round_: Round) -> None:
    policy = lanterne.association.policy
    intake.store_drafts(
        round_, [factories.sealed(round_, factories.yes())], policy=policy, now=NOW, closing=True
    )


def sending_counts(lanterne: Tenant, round_: Round) -> None:
    assert tally.send(round_, uuid4(), Counts(refused=1), lanterne.association.policy)


def leaving_word(lanterne: Tenant, round_: Round) -> None:
    handovers.create(round_, "Deux duvets à la gare.")


def beginning_a_week(lanterne: Tenant, round_: Round) -> None:
    monday = keystore.monday(NIGHT)
    sealed_sums.change(
        WeeklySummary, lanterne.association.id, monday, NIGHT + timedelta(days=60), lambda body: None
    )


@pytest.mark.parametrize("act", [taking_a_record, sending_counts, leaving_word, beginning_a_week])
def test_whoever_makes_a_key_before_its_row_keeps_the_reaper_waiting(
    lanterne: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Tenant, Round], None],
) -> None:
    """Seen from elsewhere at the moment the secret is made: the lock is taken, and not only later by somebody else."""
    held: list[bool] = []

    def watched(make: Callable[..., Any]) -> Callable[..., Any]:
        def seen(*arguments: Any, **more: Any) -> Any:
            with databases.raw("owner") as elsewhere:
                row = elsewhere.execute("SELECT pg_try_advisory_lock(%s)", [orphans.IN_FLIGHT]).fetchone()
                held.append(row is not None and not row[0])
            return make(*arguments, **more)

        return seen

    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
    for name in ("issue_secrets", "bucket_secret"):
        monkeypatch.setattr(keystore, name, watched(getattr(keystore, name)))
    with tenant_transaction(lanterne.scope("north")):
        act(lanterne, round_)
    assert held and all(held)


def test_a_round_left_open_closes_once_its_night_is_over(lanterne: Tenant) -> None:
    long_ago = NIGHT - timedelta(days=2)
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=long_ago)
        factories.held(round_, factories.sealed(round_, factories.yes(2)))
        tonight = factories.open_round(lanterne, night=NIGHT + timedelta(days=1))
    with databases.as_worker():
        assert close_forgotten() == 1
        assert Record.objects.count() == 1
        assert Round.objects.get(status=Round.Status.OPEN).id == tonight.id


def test_who_does_not_see_every_row_may_not_reap(lanterne: Tenant) -> None:
    """As the web, row security hides all data outside a scope: every living key would look like an orphan's."""
    with pytest.raises(PermissionError):
        delete_orphans()
