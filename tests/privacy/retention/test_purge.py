"""What reached its day is destroyed: presence first, then absence; and an older backup is dead for it."""

import os
import subprocess
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, transaction

from maps.models import MonthlyAccumulator, WeeklySummary
from outreach.closing import services as closing
from outreach.records import sealing, selectors
from outreach.records.models import ConsentEvent, Handover, Record, SealedPart, Tally
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy import erasers
from privacy.audit.models import PendingEvent
from privacy.core import envelope
from privacy.core.errors import PrivacyError
from privacy.core.retention import RetentionClass
from privacy.db.forcing import SAYING_SO
from privacy.db.scope import tenant_transaction
from privacy.keystore import epochs
from privacy.keystore import services as keystore
from privacy.keystore.models import BucketKey, RecordSecret
from privacy.keystore.orphans import delete_orphans
from privacy.retention import ledger, services
from privacy.retention.models import LedgerEntry, PurgeRun
from tests import databases, factories
from tests.factories import NIGHT, NOW, Tenant

pytestmark = pytest.mark.database

AFTER = NOW + timedelta(days=200)


def a_round(lanterne: Tenant, people: int = 3, records: int = 3) -> Round:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes(people, note="duvet")) for _ in range(records)]
        counts = Counts(people_count=5)
        closing.close_round(
            round_.id, phone=uuid4(), counts=counts, now=NOW, drafts=drafts, handover="clé au local"
        )
    return round_


def test_a_dry_purge_counts_and_changes_nothing(lanterne: Tenant) -> None:
    a_round(lanterne)
    with databases.as_worker():
        before = services.purge(AFTER, wet=False)
        assert before.rows["records"] == 3
        assert before.rows["notes"] == 3
        assert Record.objects.count() == 3
        assert BucketKey.objects.count() == before.keys - 1  # one of the keys due is the phones' ingress key


def test_a_wet_purge_destroys_keys_rows_and_closes_the_book(lanterne: Tenant) -> None:
    a_round(lanterne)
    with databases.as_worker():
        assert Record.objects.count() == 3
        old_epochs = epochs.kek().epochs()
        report = services.purge(AFTER, wet=True)
        assert report.rows["records"] == 3
        for model in (Record, SealedPart, ConsentEvent, WeeklySummary, MonthlyAccumulator):
            assert model._default_manager.count() == 0, model.__name__
        assert RecordSecret.objects.count() == BucketKey.objects.count() == 0
        assert epochs.kek().epochs().isdisjoint(old_epochs)
        assert services.overdue(report.today) == 0
        lines = LedgerEntry.objects.filter(retention_class=RetentionClass.RECORD.value)
        assert [(line.stored, line.erased, line.erased_on) for line in lines] == [(3, 3, report.today)]
        assert PurgeRun.objects.get().complete
        assert PendingEvent.objects.filter(event="purge_run").count() == 1
        again = services.purge(AFTER, wet=True)
        assert (again.total, again.keys) == (0, 0)


def test_a_purge_whose_clock_fell_back_destroys_by_the_day_already_seen(lanterne: Tenant) -> None:
    a_round(lanterne)
    with databases.as_worker():
        assert Record.objects.count() == 3
        services.raise_high_water(AFTER.date())
        report = services.purge(NOW, wet=True)
        assert report.today == services.effective_today() == AFTER.date()
        assert report.rows["records"] == 3
        assert PurgeRun.objects.get().complete


def test_a_purge_that_destroys_keys_alone_is_in_the_log(lanterne: Tenant) -> None:
    keystore.issue_secrets(lanterne.association.id, [(uuid4(), RetentionClass.RECORD, AFTER.date())])
    with databases.as_worker():
        report = services.purge(AFTER, wet=True)
        assert (report.total, report.keys) == (0, 1)
        assert PendingEvent.objects.filter(event="purge_run").count() == 1


def test_a_purge_leaves_what_still_lives_readable(lanterne: Tenant) -> None:
    round_ = a_round(lanterne)
    with databases.as_worker():
        services.purge(datetime.combine(NIGHT + timedelta(days=31), NOW.timetz()), wet=True)
        assert SealedPart.objects.count() == 0
        rows = list(Record.objects.filter(round=round_).select_related("round"))
        assert [one.encounter.people for one in selectors.open_rows(rows)] == [3, 3, 3]


def test_retention_status_says_what_is_overdue_and_fails(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_round(lanterne)
    monkeypatch.setattr("privacy.clock.now", lambda: AFTER)
    with databases.as_worker():
        services.raise_high_water(AFTER.date())
        with pytest.raises(SystemExit) as stopped:
            call_command("retention_status", stdout=(out := StringIO()))
        assert stopped.value.code == 1
        assert "records" in out.getvalue()
        services.purge(AFTER, wet=True)
        call_command("retention_status", stdout=(out := StringIO()))
        assert "Nothing is overdue" in out.getvalue()


def test_a_withdrawn_secret_rekeys_its_bucket_and_leaves_the_others(lanterne: Tenant) -> None:
    a_round(lanterne)
    ids = list(RecordSecret.objects.filter(retention_class="record").values_list("subject_id", flat=True))
    kept = bytes(RecordSecret.objects.get(subject_id=ids[1], retention_class="record").wrapped)
    versions = dict(BucketKey.objects.values_list("id", "version"))
    assert keystore.destroy_subject(ids[0]) == 2
    assert keystore.fetch_secrets([ids[0]], [RetentionClass.RECORD]) == {}
    assert (ids[1], RetentionClass.RECORD) in keystore.fetch_secrets([ids[1]], [RetentionClass.RECORD])
    assert bytes(RecordSecret.objects.get(subject_id=ids[1], retention_class="record").wrapped) != kept
    assert any(row.version > versions[row.id] for row in BucketKey.objects.all())


def test_a_crash_between_the_two_commits_loses_nothing_and_is_reaped(lanterne: Tenant) -> None:
    """The keystore committed and the data did not: the phone sends again, and the first try's secrets go."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        draft = factories.sealed(round_, factories.yes(2))
    with pytest.raises(ZeroDivisionError), tenant_transaction(lanterne.scope("north")):
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[draft])
        raise ZeroDivisionError
    assert RecordSecret.objects.filter(retention_class="record").count() == 1
    with tenant_transaction(lanterne.scope("north")):
        assert Record.objects.count() == 0
        receipt = closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=[draft])
        assert receipt.stored == [draft.id]
    assert RecordSecret.objects.filter(retention_class="record").count() == 2
    with databases.as_worker():
        assert delete_orphans() == 2
        [opened] = selectors.open_rows(list(Record.objects.select_related("round")))
        assert opened.encounter.people == 2


def run(*command: str) -> None:
    environment = os.environ | {
        "PGPASSWORD": os.environ["MARAUDES_DB_PASSWORD_OWNER"],
        "PGOPTIONS": SAYING_SO,
    }
    subprocess.run(command, check=True, env=environment, capture_output=True)


def opens(rows: list[tuple[UUID, UUID, str, date, bytes]]) -> int:
    """How many backed-up rows open with the keystore and KEK folder of this moment."""
    secrets = keystore.fetch_secrets([row[0] for row in rows], [RetentionClass.RECORD])
    count = 0
    for id_, association, version, born, blob in rows:
        secret = secrets.get((id_, RetentionClass.RECORD))
        if secret is None:
            continue
        bound = sealing.record_aad(association, id_, RetentionClass.RECORD, version, born)
        try:
            envelope.unseal(blob, secret, bound)
        except PrivacyError:
            continue
        count += 1
    return count


@pytest.mark.slow
def test_a_backup_from_before_the_purge_opens_nothing_with_todays_keystore(
    lanterne: Tenant, tmp_path: Path
) -> None:
    records = 3000
    for index in range(6):
        night = NIGHT - timedelta(days=index)
        with tenant_transaction(lanterne.scope("north")):
            round_ = factories.open_round(lanterne, night=night)
            drafts = [factories.sealed(round_, factories.yes(1)) for _ in range(records // 6)]
            now = datetime.combine(night, NOW.timetz())
            closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=now, drafts=drafts)
    names = {alias: settings.DATABASES[alias]["TEST"]["NAME"] for alias in ("default", "keystore")}
    where = (
        "-h",
        settings.DATABASES["default"]["HOST"],
        "-p",
        settings.DATABASES["default"]["PORT"],
        "-U",
        databases.OWNER,
    )
    dumps = {alias: str(tmp_path / alias) for alias in names}
    for alias, name in names.items():
        run("pg_dump", *where, "--enable-row-security", "-Fc", "-f", dumps[alias], name)
    copy = names["default"] + "_restored"
    run("createdb", *where, copy)
    try:
        run("pg_restore", *where, "--no-comments", "-d", copy, "-t", "outreach_record", dumps["default"])
        with psycopg.connect(
            host=where[1],
            port=where[3],
            user=databases.OWNER,
            password=os.environ["MARAUDES_DB_PASSWORD_OWNER"],
            dbname=copy,
            options=SAYING_SO,
        ) as restored:
            rows = restored.execute(
                "SELECT id, association_id, policy_version, born_to, blob FROM outreach_record"
            ).fetchall()
        assert opens(rows) == records  # the attack works before the purge
        with databases.as_worker():
            services.purge(AFTER, wet=True)
        assert opens(rows) == 0
        # And with the keystore of the backup put back: its keys were wrapped by a KEK epoch that no longer exists.
        databases.empty()
        for table in ("kekepoch", "bucketkey", "recordsecret", "ingresskey"):
            run(
                "pg_restore",
                *where,
                "--data-only",
                "-t",
                f"keystore_{table}",
                "-d",
                names["keystore"],
                dumps["keystore"],
            )
        assert RecordSecret.objects.filter(retention_class="record").count() == records
        with pytest.raises(PrivacyError):
            opens(rows)
    finally:
        run("dropdb", *where, "--if-exists", copy)


@pytest.mark.parametrize("broken", ["keystore", "consent events"])
def test_what_fails_keeps_nothing_else_alive(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_args: object) -> int:
        raise RuntimeError("planted")

    a_round(lanterne)
    if broken == "keystore":
        monkeypatch.setattr(keystore, "destroy_expired", fail)
    else:
        all_of_them = [replace(one, erase=fail) if one.name == broken else one for one in erasers.erasers()]
        monkeypatch.setattr(services, "erasers", lambda: all_of_them)
    with databases.as_worker():
        assert Tally.objects.count() == 1
        with pytest.raises(RuntimeError, match="planted"):
            services.purge(AFTER, wet=True)
        assert Tally.objects.count() == Handover.objects.count() == 0
        run = PurgeRun.objects.get()
        assert not run.complete
        assert run.overdue > 0
        assert ConsentEvent.objects.exists() == (broken == "consent events")
        monkeypatch.undo()
        services.purge(AFTER, wet=True)
        assert PurgeRun.objects.get().complete
        assert services.overdue(AFTER.date()) == 0


def test_a_log_that_takes_nothing_keeps_no_expired_key_alive(lanterne: Tenant) -> None:
    """A damaged key is told before the rotation commits. The log refuses, as on a full disk: expired keys die all the same."""
    a_round(lanterne)
    day = AFTER.date() + timedelta(days=9)
    for later in range(4):
        keystore.issue_secrets(
            lanterne.association.id, [(uuid4(), RetentionClass.RECORD, day + timedelta(days=later))]
        )
    BucketKey.objects.filter(expires_on=day).update(wrapped=bytes(60))
    with databases.raw("owner") as owner:
        owner.execute(
            "ALTER TABLE audit_pendingevent ADD CONSTRAINT planted CHECK (event <> 'keys_lost') NOT VALID"
        )
    try:
        with databases.as_worker(), pytest.raises(IntegrityError):
            services.purge(AFTER, wet=True)
    finally:
        with databases.raw("owner") as owner:
            owner.execute("ALTER TABLE audit_pendingevent DROP CONSTRAINT planted")
    with databases.as_worker():
        assert keystore.count_expired(AFTER.date()) == 0
        assert not BucketKey.objects.filter(expires_on=day).exists()
        assert not PurgeRun.objects.get().complete


def test_a_request_cannot_write_that_something_was_destroyed(lanterne: Tenant) -> None:
    """The book is the auditor's proof: the web role adds to it and settles nothing."""
    a_round(lanterne)
    with databases.raw("web") as web, web.transaction():
        web.execute("SELECT set_config('app.association_id', %s, true)", [str(lanterne.association.id)])
        assert web.execute("UPDATE retention_ledgerentry SET stored = stored + 1").rowcount > 0
        for column in ("erased_on = app_today()", "erased = stored", "expires_on = app_today()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), web.transaction():
                web.execute(f"UPDATE retention_ledgerentry SET {column}")
        for column in ("stored = stored - 1", "withdrawn = withdrawn - 1"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only grows"), web.transaction():
                web.execute(f"UPDATE retention_ledgerentry SET {column}")


@pytest.mark.parametrize("lie", ["withdrawn = 1000", "withdrawn = 2147483647, stored = 2147483647"])
def test_a_book_that_says_too_much_was_withdrawn_stops_nothing(lanterne: Tenant, lie: str) -> None:
    """The web role may raise a count beyond what is stored: a lie in the book; rounds close, and everything goes on its day."""
    a_round(lanterne)
    with databases.raw("web") as web, web.transaction():
        web.execute("SELECT set_config('app.association_id', %s, true)", [str(lanterne.association.id)])
        assert web.execute(f"UPDATE retention_ledgerentry SET {lie}").rowcount > 0
    with databases.as_owner(), transaction.atomic():
        line = LedgerEntry.objects.filter(retention_class="record").first()
        assert line
        key = (RetentionClass.RECORD, line.expires_on)
        ledger.stored(lanterne.association.id, {key: 1})
        ledger.withdrawn(lanterne.association.id, {key: 1})
    with databases.as_worker():
        for later in (0, 20):
            services.purge(AFTER + timedelta(days=later), wet=True)
            assert PurgeRun.objects.order_by("day").last().complete  # type: ignore[union-attr]
        over = LedgerEntry.objects.filter(expires_on__lte=AFTER.date())
        assert over and not over.filter(erased_on=None).exists()
        assert set(over.values_list("stored", flat=True)) <= {0, 20, 50}, "coarsened"
