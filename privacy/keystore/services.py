"""Secrets of records and of sealed sums: issued before the data is written, fetched to read, destroyed before the data dies.

Rule of the module: two databases share no transaction, so keys commit before data and die before data; a reaper removes orphans.
No secret is cached: a withdrawn record is unreadable at the next read, in every process.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from privacy.core import envelope, ingress
from privacy.core.errors import Unreadable
from privacy.core.retention import RetentionClass
from privacy.db.router import KEYSTORE
from privacy.keystore import epochs
from privacy.keystore.models import BucketKey, IngressKey, Pepper, RecordSecret
from privacy.keystore.rewrapping import store_secrets

Wanted = tuple[UUID, RetentionClass, date]
Secrets = dict[tuple[UUID, RetentionClass], bytes]

_BUCKET = ("id", "association_id", "retention_class", "expires_on", "version", "wrapped")
"""What opens a bucket: its sealed key, and what that is bound to."""

DAMAGED = b""
"""In the place of a secret that does not open: nothing opens with it, nor is anything sealed with it."""

GLOBAL_TENANT = UUID(int=0)
"""The tenant of what belongs to no association (salts of the audit log)."""


def _secret_context(subject_id: UUID, retention_class: str) -> bytes:
    return epochs.key_context("secret", subject_id, retention_class)


def _buckets(
    association_id: UUID, wanted: set[tuple[str, date]]
) -> dict[tuple[str, date], tuple[BucketKey, bytes]]:
    """The bucket keys of `wanted`, made where they do not exist yet; call inside a keystore transaction, under the lock."""
    number, kek = epochs.current()
    mine = BucketKey.objects.filter(
        association_id=association_id,
        retention_class__in={cls for cls, _ in wanted},
        expires_on__in={day for _, day in wanted},
    )
    found = {(row.retention_class, row.expires_on): row for row in mine}
    missing = wanted - found.keys()
    if missing:
        rows = [
            BucketKey(association_id=association_id, retention_class=cls, expires_on=day, epoch=number)
            for cls, day in sorted(missing)  # two that make the same keys wait for each other in one order
        ]
        for row in rows:
            row.wrapped = envelope.wrap(kek, os.urandom(envelope.SECRET_BYTES), epochs.bucket_context(row))
        BucketKey.objects.bulk_create(rows, ignore_conflicts=True)
        found = {(row.retention_class, row.expires_on): row for row in mine.all()}
    return {
        key: (row, envelope.unwrap(kek, bytes(row.wrapped), epochs.bucket_context(row)))
        for key, row in found.items()
    }


def issue_secrets(association_id: UUID, wanted: Sequence[Wanted]) -> Secrets:
    """32 fresh bytes for each (subject, class, expiry day), committed to the keystore before this returns.

    Raises IntegrityError when a subject already has a secret of that class.
    """
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=False)
        buckets = _buckets(association_id, {(cls.value, day) for _, cls, day in wanted})
        secrets: Secrets = {}
        rows = []
        for subject_id, cls, day in wanted:
            bucket, key = buckets[(cls.value, day)]
            secret = os.urandom(envelope.SECRET_BYTES)
            secrets[(subject_id, cls)] = secret
            wrapped = envelope.wrap(key, secret, _secret_context(subject_id, cls.value))
            rows.append(
                RecordSecret(subject_id=subject_id, retention_class=cls.value, bucket=bucket, wrapped=wrapped)
            )
        # Random order of row ids and of insertion: the keystore must not tell the order of a round either.
        rows.sort(key=lambda row: row.id)
        RecordSecret.objects.bulk_create(rows, batch_size=2000)
    return secrets


def fetch_secrets(subjects: Iterable[UUID], classes: Iterable[RetentionClass]) -> Secrets:
    """The secrets that still exist; a subject whose secret was destroyed is simply absent, a damaged one is DAMAGED.

    Raises Unreadable without the KEK, or under one that opens nothing.
    """
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=False)
        _number, kek = epochs.current()
        rows = list(
            RecordSecret.objects.filter(
                subject_id__in=list(subjects), retention_class__in=[cls.value for cls in classes]
            ).values_list(
                "subject_id", "retention_class", "wrapped", *(f"bucket__{name}" for name in _BUCKET)
            )
        )
    keys: dict[UUID, bytes] = {}
    secrets: Secrets = {}
    for subject_id, cls, wrapped, *fields in rows:  # rows and not objects: a page waits for hundreds
        bucket_id = fields[0]
        if bucket_id not in keys:
            bucket = BucketKey(**dict(zip(_BUCKET, fields, strict=True)))
            keys[bucket_id] = _unwrapped(kek, bucket.wrapped, epochs.bucket_context(bucket))
        bound = _secret_context(subject_id, cls)
        secrets[(subject_id, RetentionClass(cls))] = _unwrapped(keys[bucket_id], wrapped, bound)
    if DAMAGED in keys.values() and not epochs.file_fits():
        raise Unreadable
    return secrets


def _unwrapped(key: bytes, wrapped: bytes | memoryview, bound: bytes) -> bytes:
    try:
        return envelope.unwrap(key, bytes(wrapped), bound)
    except Unreadable:
        return DAMAGED


def bucket_secret(association_id: UUID, cls: RetentionClass, expires_on: date, subject_id: UUID) -> bytes:
    """The secret of a sum or a salt that may be written many times: fetched, or issued at first use."""
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=False)
        bucket, key = _buckets(association_id, {(cls.value, expires_on)})[(cls.value, expires_on)]
        bound = _secret_context(subject_id, cls.value)
        row = RecordSecret.objects.filter(subject_id=subject_id, retention_class=cls.value).first()
        if row is None:
            fresh = RecordSecret(subject_id=subject_id, retention_class=cls.value, bucket=bucket)
            fresh.wrapped = envelope.wrap(key, os.urandom(envelope.SECRET_BYTES), bound)
            RecordSecret.objects.bulk_create([fresh], ignore_conflicts=True)
            row = RecordSecret.objects.get(subject_id=subject_id, retention_class=cls.value)
        if row.bucket_id != bucket.id:
            raise Unreadable
        return envelope.unwrap(key, bytes(row.wrapped), bound)


def require_epoch() -> None:
    """Raise Unreadable while the current epoch's file cannot be read: then a key that does not open may not be damaged."""
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=False)
        epochs.current()


def opened(row: RecordSecret, kek: bytes) -> bytes:
    """What a row read with its bucket keeps wrapped. Raises Unreadable under another epoch, or when it is damaged."""
    key = envelope.unwrap(kek, bytes(row.bucket.wrapped), epochs.bucket_context(row.bucket))
    return envelope.unwrap(key, bytes(row.wrapped), _secret_context(row.subject_id, row.retention_class))


def destroy_subject(subject_id: UUID) -> int:
    """Withdrawal: the subject's secrets go, and each bucket they lay in gets a new key, so that no older copy of one opens.

    Unreadable at once; final when the KEK epoch next rotates: the next purge owes it, within the hour. Returns how many
    were destroyed.
    """
    return destroy_subjects([subject_id])


def destroy_subjects(subjects: Iterable[UUID], classes: Iterable[RetentionClass] | None = None) -> int:
    """`destroy_subject` for several at once, of all classes or of some."""
    which: dict[str, object] = {"subject_id__in": list(subjects)}
    if classes is not None:
        which["retention_class__in"] = [cls.value for cls in classes]
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=True)
        _number, kek = epochs.current()
        doomed = RecordSecret.objects.filter(**which)
        buckets = list(BucketKey.objects.filter(id__in=doomed.values("bucket_id")))
        destroyed, _ = doomed.delete()
        for bucket in buckets:
            _rekey(bucket, kek)
    return destroyed


def _rekey(bucket: BucketKey, kek: bytes) -> None:
    old = envelope.unwrap(kek, bytes(bucket.wrapped), epochs.bucket_context(bucket))
    new = os.urandom(envelope.SECRET_BYTES)
    bucket.version += 1
    bucket.wrapped = envelope.wrap(kek, new, epochs.bucket_context(bucket))
    bucket.save(update_fields=["version", "wrapped"])
    wrapped = []
    for row in RecordSecret.objects.filter(bucket=bucket):
        bound = _secret_context(row.subject_id, row.retention_class)
        wrapped.append((row.id, envelope.wrap(new, envelope.unwrap(old, bytes(row.wrapped), bound), bound)))
    store_secrets(wrapped)
    epochs.owe()


def count_expired(today: date) -> int:
    """Bucket and ingress keys that should be gone by `today`."""
    return (
        BucketKey.objects.filter(expires_on__lte=today).count()
        + IngressKey.objects.filter(dies_on__lte=today).count()
    )


def destroy_expired(today: date, lost: Callable[[int], None] | None = None) -> int:
    """Delete the keys of everything that expires on or before `today`, in one transaction with a new KEK epoch.

    No new epoch when nothing is due, nothing was destroyed since the last one and that one is young. From the moment a rotation
    returns, every older copy of the keystore is dead for what it destroyed. Returns how many keys went; `lost` is told how many
    more were damaged and dropped.
    """

    if not count_expired(today) and not epochs.is_due():
        epochs.sweep_strays()
        return 0
    # The many rows go before anybody has to wait for them: what is over opens for nobody, and its bucket dies below.
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=False)  # a withdrawal that wraps a bucket anew takes the same rows in another order
        RecordSecret.objects.filter(bucket__expires_on__lte=today).delete()

    def delete() -> int:
        RecordSecret.objects.filter(bucket__expires_on__lte=today).delete()
        buckets, _ = BucketKey.objects.filter(expires_on__lte=today).delete()
        phones, _ = IngressKey.objects.filter(dies_on__lte=today).delete()
        return buckets + phones

    return epochs.rotate(today, delete, lost)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


INGRESS_GRACE = timedelta(days=7 + 3)
"""A phone may bring a draft for 72 h after the week whose key it was sealed to."""


def ingress_key(day: date) -> IngressKey:
    """The ingress key of the week of `day`, made at first use. Its public half is what phones seal to."""
    week = monday(day)
    key = IngressKey.objects.filter(week=week).first()
    if key is not None:
        return key
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=False)
        number, kek = epochs.current()
        private, public = ingress.generate()
        fresh = IngressKey(week=week, public_key=public, epoch=number, dies_on=week + INGRESS_GRACE)
        fresh.wrapped = envelope.wrap(kek, private, epochs.ingress_context(fresh))
        IngressKey.objects.bulk_create([fresh], ignore_conflicts=True)
    return IngressKey.objects.get(week=week)


def ingress_private(key_ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """Private halves of the ingress keys that still live; a dead one is absent."""
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=False)
        _number, kek = epochs.current()
        rows = list(IngressKey.objects.filter(id__in=list(key_ids)))
    return {row.id: envelope.unwrap(kek, bytes(row.wrapped), epochs.ingress_context(row)) for row in rows}


def pepper(name: str) -> bytes:
    """The 32 bytes of a named pepper, made at first use."""
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=False)
        number, kek = epochs.current()
        row = Pepper.objects.filter(name=name).first()
        if row is None:
            fresh = Pepper(name=name, epoch=number)
            fresh.wrapped = envelope.wrap(
                kek, os.urandom(envelope.SECRET_BYTES), epochs.pepper_context(fresh)
            )
            Pepper.objects.bulk_create([fresh], ignore_conflicts=True)
            row = Pepper.objects.get(name=name)
        return envelope.unwrap(kek, bytes(row.wrapped), epochs.pepper_context(row))


def subjects(classes: Iterable[RetentionClass], *, batch: int) -> Iterator[list[UUID]]:
    """The subjects that have secrets of `classes`, in batches by random id."""
    wanted = RecordSecret.objects.filter(retention_class__in=[cls.value for cls in classes])
    last = UUID(int=0)
    while True:
        rows = wanted.filter(subject_id__gt=last).order_by("subject_id").values_list("subject_id", flat=True)
        found = list(rows.distinct()[:batch])
        if not found:
            return
        yield found
        last = found[-1]


def drop(orphans: Iterable[UUID], classes: Iterable[RetentionClass]) -> int:
    """Destroy secrets whose data does not exist (any more): a crash came between two commits. Returns how many."""
    return destroy_subjects(orphans, classes)
