"""A KEK epoch replaces another without a moment in which a crash loses a key or leaves an old one usable."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connections, transaction
from django.test.utils import CaptureQueriesContext

from privacy.core.errors import Unreadable
from privacy.core.retention import RetentionClass
from privacy.db.router import KEYSTORE
from privacy.keystore import epochs, rewrapping
from privacy.keystore import services as keystore
from privacy.keystore.models import BucketKey, IngressKey, KekEpoch, Pepper, RecordSecret
from tests.factories import NIGHT

pytestmark = pytest.mark.database

LATER = NIGHT + timedelta(days=90)


class Crash(Exception):
    """The process dies here."""


def _crash(*_args: object) -> None:
    raise Crash


def a_secret() -> tuple[UUID, bytes]:
    subject, tenant = uuid4(), uuid4()
    secrets = keystore.issue_secrets(tenant, [(subject, RetentionClass.RECORD, LATER)])
    return subject, secrets[(subject, RetentionClass.RECORD)]


def fetched(subject: UUID) -> bytes:
    return keystore.fetch_secrets([subject], [RetentionClass.RECORD])[(subject, RetentionClass.RECORD)]


def test_a_rotation_keeps_every_secret_and_destroys_the_old_epoch(db_clean: None) -> None:
    subject, secret = a_secret()
    pepper, private = keystore.pepper("slips"), keystore.ingress_private([keystore.ingress_key(NIGHT).id])
    before = epochs.kek().epochs()
    epochs.rotate(NIGHT)
    assert epochs.kek().epochs().isdisjoint(before)
    assert fetched(subject) == secret
    assert keystore.pepper("slips") == pepper
    assert keystore.ingress_private([keystore.ingress_key(NIGHT).id]) == private
    assert KekEpoch.objects.filter(current=True).count() == 1


def test_an_old_copy_of_the_keystore_is_dead_after_a_rotation(db_clean: None) -> None:
    subject, secret = a_secret()
    old = {row.id: bytes(row.wrapped) for row in BucketKey.objects.all()}
    assert fetched(subject) == secret  # the copy works while its epoch lives
    epochs.rotate(NIGHT)
    for row in BucketKey.objects.all():
        BucketKey.objects.filter(id=row.id).update(wrapped=old[row.id])
    with pytest.raises(Unreadable):
        fetched(subject)


def test_a_crash_before_the_commit_changes_nothing(db_clean: None) -> None:
    subject, secret = a_secret()
    before = epochs.kek().epochs()

    def crash() -> int:
        RecordSecret.objects.all().delete()
        raise Crash

    with pytest.raises(Crash):
        epochs.rotate(NIGHT, crash)
    assert epochs.kek().epochs() == before
    assert fetched(subject) == secret


def test_a_crash_while_rewrapping_leaves_no_stray_epoch(
    db_clean: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, secret = a_secret()
    before = epochs.kek().epochs()
    with monkeypatch.context() as patched:
        patched.setattr(epochs, "_rewrap", _crash)
        with pytest.raises(Crash):
            epochs.rotate(NIGHT)
    assert epochs.kek().epochs() == before
    assert fetched(subject) == secret


def test_a_crash_after_the_commit_is_swept_by_the_next_run(
    db_clean: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, secret = a_secret()
    before = epochs.kek().epochs()
    with monkeypatch.context() as patched:
        patched.setattr(epochs, "sweep", _crash)
        with pytest.raises(Crash):
            epochs.rotate(NIGHT)
    assert before < epochs.kek().epochs()  # both files lie there, as after a power cut
    assert fetched(subject) == secret
    epochs.sweep()
    assert epochs.kek().epochs().isdisjoint(before)
    assert fetched(subject) == secret


def test_a_lost_epoch_is_said_and_never_papered_over(db_clean: None) -> None:
    a_secret()
    for number in epochs.kek().epochs():
        epochs.kek().destroy(number)
    with pytest.raises(Unreadable):
        a_secret()
    assert KekEpoch.objects.count() == 1


def test_a_wrapped_key_opens_in_no_other_place(db_clean: None) -> None:
    one, _ = a_secret()
    two, _ = a_secret()
    stolen = bytes(RecordSecret.objects.get(subject_id=one).wrapped)
    RecordSecret.objects.filter(subject_id=two).update(wrapped=stolen)
    assert fetched(two) == keystore.DAMAGED


def test_expired_keys_go_and_living_ones_stay(db_clean: None) -> None:
    subject, secret = a_secret()
    tenant, gone = uuid4(), uuid4()
    keystore.issue_secrets(tenant, [(gone, RetentionClass.NOTE, NIGHT + timedelta(days=30))])
    keystore.ingress_key(NIGHT)
    later = NIGHT + timedelta(days=31)
    assert keystore.count_expired(later) == 2
    assert keystore.destroy_expired(later) == 2
    assert keystore.fetch_secrets([gone], [RetentionClass.NOTE]) == {}
    assert not IngressKey.objects.exists()
    assert fetched(subject) == secret


def test_a_secret_once_issued_is_not_issued_again(db_clean: None) -> None:
    subject, secret = a_secret()
    with pytest.raises(IntegrityError):
        keystore.issue_secrets(uuid4(), [(subject, RetentionClass.RECORD, LATER)])
    assert fetched(subject) == secret


def test_a_damaged_key_holds_up_no_rotation(db_clean: None) -> None:
    """One row that no longer opens would keep every dead key alive: it goes, is told, and the others are rewrapped."""
    subject, secret = a_secret()
    damaged, _ = a_secret()
    pepper = keystore.pepper("slips")
    bucket = BucketKey.objects.get(recordsecret__subject_id=damaged)
    BucketKey.objects.filter(id=bucket.id).update(wrapped=bytes(len(bytes(bucket.wrapped))))
    told: list[int] = []
    epochs.rotate(NIGHT, None, told.append)
    assert told == [1]
    assert not BucketKey.objects.filter(id=bucket.id).exists()
    assert not RecordSecret.objects.filter(subject_id=damaged).exists()
    assert fetched(subject) == secret
    assert keystore.pepper("slips") == pepper
    epochs.rotate(NIGHT, None, told.append)
    assert told == [1]


def test_when_nothing_opens_the_epoch_is_wrong_and_nothing_goes(db_clean: None) -> None:
    subject, secret = a_secret()
    keystore.pepper("slips")
    [number] = epochs.kek().epochs()
    path = epochs.kek().folder / f"epoch-{number:06d}.key"
    right = path.read_bytes()
    path.write_bytes(bytes(32))
    with pytest.raises(Unreadable):
        epochs.rotate(NIGHT)
    path.write_bytes(right)
    assert fetched(subject) == secret


def test_keys_made_since_the_wrong_file_was_mounted_do_not_make_it_the_right_one(db_clean: None) -> None:
    """One key that opens is no proof: the hours under another file have made it, and everything else would be dropped."""
    many = [a_secret() for _ in range(3)]
    [number] = epochs.kek().epochs()
    path = epochs.kek().folder / f"epoch-{number:06d}.key"
    right = path.read_bytes()
    path.write_bytes(bytes(32))
    keystore.ingress_key(NIGHT)  # made at first use, under the file that is there
    kept = BucketKey.objects.count()
    told: list[int] = []
    with pytest.raises(Unreadable):
        epochs.rotate(NIGHT, None, told.append)
    path.write_bytes(right)
    assert BucketKey.objects.count() == kept and told == []
    assert all(fetched(subject) == secret for subject, secret in many)


def test_a_damaged_pepper_stays_and_says_so(db_clean: None) -> None:
    """A new one in its place would quietly be another: what it named would be found no more."""
    subject, secret = a_secret()
    keystore.pepper("slips")
    Pepper.objects.update(wrapped=bytes(60))
    epochs.rotate(NIGHT)
    assert fetched(subject) == secret
    with pytest.raises(Unreadable):
        keystore.pepper("slips")


def test_two_purges_an_hour_rotate_once(db_clean: None) -> None:
    """Nothing due, nothing destroyed, a young epoch: nothing to do. An old epoch goes, whatever its clock says."""
    subject, secret = a_secret()
    before = epochs.kek().epochs()
    keystore.destroy_expired(NIGHT)
    keystore.destroy_expired(NIGHT)
    assert epochs.kek().epochs() == before
    for moved in (-epochs.OLDEST, 3600.0):
        [number] = epochs.kek().epochs()
        path = epochs.kek().folder / f"epoch-{number:06d}.key"
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime + moved))
        keystore.destroy_expired(NIGHT)
        assert number not in epochs.kek().epochs()
    assert fetched(subject) == secret


def test_what_is_due_rotates_at_once(db_clean: None) -> None:
    _subject, _secret = a_secret()
    before = epochs.kek().epochs()
    assert keystore.destroy_expired(LATER) == 1
    assert epochs.kek().epochs().isdisjoint(before)


def test_a_withdrawal_is_final_at_the_next_purge_though_nothing_is_due(db_clean: None) -> None:
    subject, _secret = a_secret()
    copy = {row.id: (bytes(row.wrapped), row.version) for row in BucketKey.objects.all()}
    secrets = {row.id: bytes(row.wrapped) for row in RecordSecret.objects.all()}
    [old] = epochs.kek().epochs()
    keystore.destroy_subject(subject)
    assert KekEpoch.objects.get(current=True).owed
    assert copy and secrets and old in epochs.kek().epochs()  # the copy still opens: its epoch lives
    keystore.destroy_expired(NIGHT)
    assert old not in epochs.kek().epochs()
    assert not KekEpoch.objects.get(current=True).owed


def test_what_changes_while_keys_are_wrapped_is_wrapped_under_the_lock(
    db_clean: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key made, one changed and one gone between the wrapping and the exchange: what lives opens, what went is gone."""
    (one, kept), (two, _gone) = a_secret(), a_secret()
    made: list[tuple[UUID, bytes]] = []
    prepared = rewrapping.prepared

    @contextmanager
    def meanwhile(*args: Any) -> Iterator[None]:
        with prepared(*args):
            made.append(a_secret())
            bucket = BucketKey.objects.get(recordsecret__subject_id=one)
            with transaction.atomic(using=KEYSTORE):
                keystore._rekey(bucket, epochs.current()[1])
            BucketKey.objects.filter(recordsecret__subject_id=two).delete()
            yield

    monkeypatch.setattr(rewrapping, "prepared", meanwhile)
    epochs.rotate(NIGHT)
    assert fetched(one) == kept and fetched(made[0][0]) == made[0][1]
    assert keystore.fetch_secrets([two], [RetentionClass.RECORD]) == {}
    assert {row.epoch for row in BucketKey.objects.all()} == epochs.kek().epochs()


def test_another_rotation_meanwhile_costs_time_and_no_key(
    db_clean: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, secret = a_secret()
    prepared = rewrapping.prepared

    @contextmanager
    def meanwhile(*args: Any) -> Iterator[None]:
        monkeypatch.setattr(rewrapping, "prepared", prepared)
        epochs.rotate(NIGHT)
        with prepared(*args):
            yield

    monkeypatch.setattr(rewrapping, "prepared", meanwhile)
    epochs.rotate(NIGHT)
    assert fetched(subject) == secret
    assert {row.epoch for row in BucketKey.objects.all()} == epochs.kek().epochs()


def test_the_exchange_is_one_statement_a_table(db_clean: None) -> None:
    for _ in range(3):
        a_secret()
    with CaptureQueriesContext(connections[KEYSTORE]) as few:
        epochs.rotate(NIGHT)
    keystore.issue_secrets(
        uuid4(), [(uuid4(), RetentionClass.RECORD, LATER + timedelta(days=n)) for n in range(60)]
    )
    with CaptureQueriesContext(connections[KEYSTORE]) as many:
        epochs.rotate(NIGHT)
    assert len(many) == len(few)
    assert sum("UPDATE keystore_bucketkey" in query["sql"] for query in many) == 1


def _beside() -> tuple[set[UUID], int]:
    """Bucket keys that lie wrapped under the next epoch already, and how many of their bytes PostgreSQL noted for its plans."""
    with connections[KEYSTORE].cursor() as cursor:
        cursor.execute("SELECT id FROM rewrapped_bucketkey")
        ids = {id_ for (id_,) in cursor.fetchall()}
        cursor.execute(
            "SELECT count(*) FROM pg_stats WHERE tablename LIKE 'rewrapped%%' AND attname IN ('stands', 'wrapped')"
        )
        return ids, cursor.fetchone()[0]


def test_no_copy_of_a_dying_key_lies_under_the_new_epoch(
    db_clean: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What PostgreSQL remembers of a table goes into the write-ahead log, and the new epoch lives for another hour."""
    subject, secret = a_secret()
    keystore.issue_secrets(uuid4(), [(uuid4(), RetentionClass.NOTE, NIGHT + timedelta(days=30))])
    [living] = BucketKey.objects.filter(expires_on=LATER).values_list("id", flat=True)
    seen: list[tuple[set[UUID], int]] = []
    exchange = rewrapping.exchange

    def look(kind: rewrapping.Kind, *args: Any) -> Any:
        seen.append(_beside())
        return exchange(kind, *args)

    monkeypatch.setattr(rewrapping, "exchange", look)
    assert keystore.destroy_expired(NIGHT + timedelta(days=31)) == 1
    assert seen[0] == ({living}, 0)
    assert fetched(subject) == secret


def test_what_was_destroyed_while_keys_were_wrapped_is_owed_another_rotation(db_clean: None) -> None:
    """Its bucket's key of a moment ago was wrapped under the new epoch: an older copy of the secret would open with it."""
    subject, _secret = a_secret()
    prepared = rewrapping.prepared

    @contextmanager
    def slow(*args: Any) -> Iterator[None]:
        with prepared(*args):
            keystore.destroy_subject(subject)
            yield

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rewrapping, "prepared", slow)
        epochs.rotate(NIGHT)
    assert epochs.is_due()
    epochs.rotate(NIGHT)
    assert not epochs.is_due()
