"""A shorter rule is for what is stored too: rows, keys, sums and the book move to an earlier day, and open until then."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db.models import Min

from maps.models import MonthlyAccumulator, WeeklySummary
from outreach.associations import services
from outreach.closing import services as closing
from outreach.closing.withdrawal import withdraw
from outreach.importing.models import ImportedRow, ImportJob
from outreach.members.models import Invitation, RoleNotice
from outreach.records import handovers, quarantine, selectors, tally
from outreach.records.models import (
    ConsentEvent,
    Handover,
    Quarantine,
    Record,
    RunningMonth,
    RunningQuarter,
    SealedPart,
    Tally,
)
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy import sealed_sums
from privacy.audit.actors import OPERATOR
from privacy.core import envelope
from privacy.core.errors import Unreadable
from privacy.core.policy import Policy
from privacy.core.retention import RetentionClass, expires_on
from privacy.db.scope import tenant_transaction
from privacy.keystore import epochs
from privacy.keystore.models import BucketKey, RecordSecret
from privacy.retention import services as retention
from privacy.retention.models import LedgerEntry
from tests import databases, factories
from tests.factories import Tenant

pytestmark = pytest.mark.database

NIGHT = date(2040, 1, 4)
"""A Wednesday, years ahead of the clock that runs the tests: the effective day is the only time there is."""
NOW = datetime.combine(NIGHT, time(21), UTC)
SHORT: dict[str, Any] = {
    "record_days": 14,
    "note_days": 5,
    "tally_days": 14,
    "handover_days": 6,
    "itinerary_days": 21,
    "accumulator_days": 60,
    "quarantine_days": 3,
    "import_days": 2,
    "invitation_days": 2,
    "account_days": 3,
}
ROWS = (
    Record, SealedPart, ConsentEvent, Tally, Handover, Quarantine, Round, WeeklySummary, MonthlyAccumulator, ImportJob,
    ImportedRow, Invitation, RoleNotice,
)  # fmt: skip

KEYED = {
    *(RetentionClass.RECORD, RetentionClass.NOTE, RetentionClass.TALLY),
    *(RetentionClass.HANDOVER, RetentionClass.QUARANTINE, RetentionClass.SUMMARY, RetentionClass.ACCUMULATOR),
}
"""What has keys of its own and lines in the book."""


@pytest.fixture
def lived(lanterne: Tenant) -> Tenant:
    """An association with something of every kind, under the longest-known rules."""
    with databases.as_worker():
        retention.raise_high_water(NIGHT)
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=NIGHT)
        drafts = [factories.sealed(round_, factories.yes(people, note="duvet")) for people in (2, 3, 4)]
        drafts.append(replace(factories.sealed(round_, factories.yes()), blob=b"\x01" + b"x" * 4144))
        counts = Counts(people_count=9)
        closing.close_round(
            round_.id, phone=uuid4(), counts=counts, now=NOW, drafts=drafts, handover="clé au local"
        )
    with databases.as_owner():
        later = NIGHT + timedelta(days=30)
        ImportJob.objects.create(
            association=lanterne.association,
            team=lanterne.teams["north"],
            file_digest=b"f",
            expires_on=later,
        )
        ImportedRow.objects.create(id=uuid4(), association=lanterne.association, expires_on=later)
        Invitation.objects.create(
            association=lanterne.association,
            email="n@invitee.invalid",
            roles=["worker"],
            token_hash=b"d",
            expires_on=NIGHT + timedelta(days=7),
        )
        RoleNotice.objects.create(
            association=lanterne.association,
            own=False,
            roles=["auditor"],
            asked_on=NIGHT,
            expires_on=expires_on(RetentionClass.ACCOUNT, NIGHT, lanterne.association.policy),
        )
    return lanterne


def shorten(lanterne: Tenant, *, wet: bool = True, now: datetime = NOW, **settings: Any) -> Counter[Any]:
    with databases.as_worker():
        return services.shorten(lanterne.association.id, settings, actor=OPERATOR, now=now, wet=wet)


def promised(policy: Policy) -> Iterator[tuple[str, date]]:
    """(table or class, the last day that the rules let it have) of everything that `lived` holds."""
    kinds = RetentionClass
    week, month = NIGHT - timedelta(days=NIGHT.weekday()), NIGHT.replace(day=1)
    for cls, born, table in (
        (kinds.RECORD, NIGHT, Record), (kinds.NOTE, NIGHT, None),
        (kinds.CONSENT, NIGHT, ConsentEvent), (kinds.TALLY, NIGHT, Tally), (kinds.HANDOVER, NIGHT, Handover),
        (kinds.ITINERARY, NIGHT, Round), (kinds.QUARANTINE, NIGHT, Quarantine), (kinds.SUMMARY, week, WeeklySummary),
        (kinds.ACCUMULATOR, month, MonthlyAccumulator), (kinds.IMPORT, NIGHT, ImportJob),
        (kinds.INVITATION, NIGHT, Invitation), (kinds.ACCOUNT, NIGHT, RoleNotice),
    ):  # fmt: skip
        day = expires_on(cls, born, policy)
        if cls in KEYED:
            yield cls.value, day
        if table is not None:
            yield table._meta.db_table, day


def held() -> dict[str, list[date]]:
    """The days of rows, by table, and of keys and open lines of the book, by class."""
    found = {
        model._meta.db_table: list(model._default_manager.values_list("expires_on", flat=True))
        for model in ROWS
    }
    for cls, day in SealedPart.objects.values_list("retention_class", "expires_on"):
        found.setdefault(cls, []).append(day)
    for cls, day in BucketKey.objects.values_list("retention_class", "expires_on"):
        found.setdefault(cls, []).append(day)
    for cls, day in LedgerEntry.objects.values_list("retention_class", "expires_on"):
        found.setdefault(cls, []).append(day)
    return found


def books_balance() -> None:
    """Each line says what lives to its day, and nothing lives without a line."""
    booked = {
        (one.retention_class, one.expires_on): one.stored - one.withdrawn
        for one in LedgerEntry.objects.filter(erased_on=None)
    }
    lives: Counter[tuple[str, date]] = Counter()
    for cls, model in (
        ("record", Record), ("tally", Tally), ("handover", Handover), ("quarantine", Quarantine), ("summary", WeeklySummary),
        ("accumulator", MonthlyAccumulator), ("running_month", RunningMonth), ("running_quarter", RunningQuarter),
    ):  # fmt: skip
        for day in model._default_manager.values_list("expires_on", flat=True):
            lives[cls, day] += 1
    lives.update(SealedPart.objects.values_list("retention_class", "expires_on"))
    assert booked == dict(lives)


def opens(lanterne: Tenant) -> list[Any]:
    with tenant_transaction(lanterne.scope("north")):
        opened = selectors.open_rows(list(Record.objects.select_related("round")), notes=True)
        return [
            sorted((one.encounter.people, one.note) for one in opened),
            [text for _row, text in handovers.decrypt(Handover.objects.all())],
            [one.people_count for one in tally.read(list(Tally.objects.all()))],
            [reason for _round, reason, _day in quarantine.reasons(Quarantine.objects.all())],
            sealed_sums.read(list(WeeklySummary.objects.all())),
            sealed_sums.read(list(MonthlyAccumulator.objects.all())),
        ]


def test_everything_that_is_stored_moves_to_its_earlier_day_and_opens_until_then(
    lived: Tenant,
) -> None:
    before = opens(lived)
    assert before[0] == [(2, "duvet"), (3, "duvet"), (4, "duvet")] and before[3] == ["does-not-open"]
    policy = Policy.from_dict(SHORT)
    with databases.as_worker():
        days = held()
        books_balance()
        assert all(days[kind] for kind, _day in promised(policy)), "presence first"
        late = {kind for kind, day in promised(policy) if max(days[kind]) > day}
        assert late == {kind for kind, _day in promised(policy)}, "each would be kept too long"
    preview = shorten(lived, wet=False, **SHORT)
    with databases.as_worker():
        assert held() == days, "a preview changes nothing"
    assert shorten(lived, **SHORT) == preview
    with databases.as_worker():
        for kind, day in promised(policy):
            assert held()[kind] and max(held()[kind]) <= day, kind
        books_balance()
    assert opens(lived) == before
    assert shorten(lived, **SHORT) == Counter(), "a second time changes nothing"
    assert shorten(lived) == Counter()
    with databases.as_worker():
        retention.purge(NOW + timedelta(days=14), wet=True)
        for model in (Record, SealedPart, ConsentEvent, Tally, Handover, Quarantine, WeeklySummary):
            assert not model._default_manager.exists(), model
        longer = ["accumulator", "audit_body", "running_month", "running_quarter"]  # not shortened so far
        assert not RecordSecret.objects.exclude(retention_class__in=longer).exists()


def test_an_older_copy_of_a_moved_secret_opens_with_no_key_that_is_left(lived: Tenant) -> None:
    """Moved secrets lie in old pages and backups wrapped by the bucket they left: it goes, or gets a new key."""
    south = factories.yes(5)
    with tenant_transaction(lived.scope("south")):
        round_ = factories.open_round(lived, "south", NIGHT + timedelta(days=5))
        closing.close_round(
            round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[factories.sealed(round_, south)]
        )
    old = list(RecordSecret.objects.filter(retention_class="record").select_related("bucket"))
    assert len({one.bucket_id for one in old}) == 1
    shorten(lived, record_days=88)
    assert len(set(BucketKey.objects.filter(retention_class="record").values_list("id"))) == 2
    _number, kek = epochs.current()
    tried = 0
    for bucket in BucketKey.objects.filter(retention_class="record"):
        key = envelope.unwrap(kek, bytes(bucket.wrapped), epochs.bucket_context(bucket))
        for one in old:
            bound = epochs.key_context("secret", one.subject_id, "record")
            with pytest.raises(Unreadable):
                envelope.unwrap(key, bytes(one.wrapped), bound)
            tried += 1
    assert tried == 8


def test_what_the_new_rule_had_ended_already_is_unreadable_at_once(lived: Tenant) -> None:
    later = NOW + timedelta(days=30)
    with databases.as_worker():
        retention.purge(later, wet=True)
        assert Record.objects.count() == 3
    found = shorten(lived, now=later, record_days=14)
    assert found["records", True] == 3
    with tenant_transaction(lived.scope("north")):
        assert not Record.objects.exists()
        assert not WeeklySummary.objects.exists()
    with databases.as_worker():
        assert set(Record.objects.values_list("expires_on", flat=True)) == {later.date()}
        retention.purge(later, wet=True)
        assert not Record.objects.exists()
        assert not RecordSecret.objects.filter(retention_class="record").exists()
        line = LedgerEntry.objects.get(retention_class="record")
        assert (line.expires_on, line.stored, line.erased) == (later.date(), 3, 3)
        assert retention.overdue(later.date()) == 0


def test_a_run_cut_off_after_the_keys_is_ended_by_the_next(
    lived: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise ZeroDivisionError

    before = opens(lived)
    monkeypatch.setattr("outreach.shortening.ledger.moved", fail)
    with pytest.raises(ZeroDivisionError):
        shorten(lived, record_days=14)
    monkeypatch.undo()
    with databases.as_worker():
        keys = BucketKey.objects.filter(retention_class="record").aggregate(day=Min("expires_on"))["day"]
        assert keys < Record.objects.aggregate(day=Min("expires_on"))["day"], "keys first"
    assert opens(lived) == before
    assert shorten(lived)["records", False] == 3, "the rules that stand, applied"
    with databases.as_worker():
        assert set(Record.objects.values_list("expires_on", flat=True)) == {keys}
        books_balance()
    assert opens(lived) == before


def test_what_was_withdrawn_leaves_no_line_on_the_later_day(lived: Tenant) -> None:
    with tenant_transaction(lived.scope("north")):
        for record in Record.objects.order_by("id")[:2]:
            assert withdraw(record.id, actor=factories.ACTOR, now=NOW)
    shorten(lived, record_days=14)
    with databases.as_worker():
        line = LedgerEntry.objects.get(retention_class="record")
        assert (line.stored, line.withdrawn) == (3, 2)
        day = expires_on(RetentionClass.RECORD, NIGHT, Policy(record_days=14))
        assert line.expires_on == day
        assert set(ConsentEvent.objects.values_list("decision", "expires_on")) == {
            ("given", day),
            ("withdrawn", day),
        }


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("expires_on = expires_on + 1", "append-only"),
        ("expires_on = expires_on - 1", "append-only"),  # before its record
        ("expires_on = expires_on - 1, decision = 'withdrawn'", "append-only"),
        ("notice_version = ''", "append-only"),
    ],
)
def test_a_consent_takes_an_earlier_day_and_nothing_else(lived: Tenant, change: str, why: str) -> None:
    with databases.raw("owner") as owner:
        assert owner.execute("SELECT count(*) FROM outreach_consentevent").fetchone() == (3,)
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match=why), owner.transaction():
            owner.execute(f"UPDATE outreach_consentevent SET {change}")
        owner.execute("UPDATE outreach_record SET expires_on = expires_on - 1")
        assert owner.execute("UPDATE outreach_consentevent SET expires_on = expires_on - 1").rowcount == 3


@pytest.mark.parametrize("table", [Record, SealedPart, Tally, Handover, Quarantine])
def test_nobody_keeps_anything_longer(lived: Tenant, table: Any) -> None:
    with databases.raw("owner") as owner, owner.transaction():
        change = f"UPDATE {table._meta.db_table} SET expires_on = expires_on"
        assert owner.execute(f"{change} - 0").rowcount > 0
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation), owner.transaction():
            owner.execute(f"{change} + 1")


def test_what_was_sealed_before_days_could_move_opens_after_the_migration(lived: Tenant) -> None:
    before = opens(lived)
    with databases.before("outreach", "0025_own_roles") as migrate:
        migrate()
    assert opens(lived) == before
    shorten(lived, **SHORT)
    assert opens(lived) == before
