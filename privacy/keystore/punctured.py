"""Secrets of many short-lived things under one key row, each to be destroyed by itself (`privacy.core.puncture`).

Holding something costs one read here and no commit: its secret is computed, not issued. Destroying one is a commit, and gives
the bucket a new key, so that no older copy of the row opens after the next rotation of the KEK epoch.
"""

import os
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction

from privacy.core import envelope
from privacy.core.errors import Unreadable
from privacy.core.puncture import Tree
from privacy.core.retention import RetentionClass
from privacy.db import prepared
from privacy.db.router import KEYSTORE
from privacy.keystore import epochs, services
from privacy.keystore.models import BucketKey, RecordSecret

TRIES = 3
"""A rotation may destroy the epoch between reading the row and reading the file: then the row is read again."""


def read(subject_id: UUID, cls: RetentionClass) -> Tree | None:
    """The tree of a subject, or None when there is none (any more). One statement and no lock. Raises Unreadable."""
    for number in range(1, TRIES + 1):
        row = _row(subject_id, cls)
        if row is None:
            return None
        try:
            return _opened(row, epochs.kek().read(row.bucket.epoch))
        except Unreadable:
            if number == TRIES:
                raise
    raise AssertionError


def read_surely(subject_id: UUID, cls: RetentionClass) -> Tree | None:
    """`read` for whoever would take None as lost for good: also None where the row is damaged, though the epoch lies still.

    Raises Unreadable while the epoch's own file cannot be read: that says nothing about the row.
    """
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=False)
        row = _row(subject_id, cls)
        if row is None:
            return None
        _number, kek = epochs.current()
        try:
            return _opened(row, kek)
        except Unreadable:
            return None


def read_or_make(association_id: UUID, cls: RetentionClass, day: date, subject_id: UUID) -> Tree:
    """The tree of a subject, made at first use to die on `day`; committed before this returns."""
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=False)
        bucket, key = services._buckets(association_id, {(cls.value, day)})[(cls.value, day)]
        fresh = RecordSecret(subject_id=subject_id, retention_class=cls.value, bucket=bucket)
        root = os.urandom(envelope.SECRET_BYTES)
        fresh.wrapped = envelope.wrap(key, root, services._secret_context(subject_id, cls.value))
        RecordSecret.objects.bulk_create([fresh], ignore_conflicts=True)
        row = _row(subject_id, cls)
        _number, kek = epochs.current()
        if row is None:
            raise Unreadable
        return _opened(row, kek)


def forget(subject_id: UUID, cls: RetentionClass, ids: Iterable[UUID]) -> None:
    """Destroy the secrets of `ids`; those of all others stay what they were. Committed before this returns."""
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=True)
        row = _row(subject_id, cls)
        if row is None:
            return
        _number, kek = epochs.current()
        bound = services._secret_context(subject_id, cls.value)
        tree = _opened(row, kek).without(ids)
        key = envelope.unwrap(kek, bytes(row.bucket.wrapped), epochs.bucket_context(row.bucket))
        row.wrapped = envelope.wrap(key, tree.to_bytes(), bound)
        row.save(update_fields=["wrapped"])
        services._rekey(row.bucket, kek)


_ROW = """
SELECT s.id, s.wrapped, b.id, b.association_id, b.retention_class, b.expires_on, b.version, b.epoch, b.wrapped
  FROM keystore_recordsecret s JOIN keystore_bucketkey b ON b.id = s.bucket_id
 WHERE s.subject_id = %s AND s.retention_class = %s
"""
_BUCKET = ("id", "association_id", "retention_class", "expires_on", "version", "epoch", "wrapped")


def _row(subject_id: UUID, cls: RetentionClass) -> RecordSecret | None:
    """The row with its bucket, planned once a connection: every draft that is held reads it."""
    with prepared.cursor(KEYSTORE) as cursor:
        cursor.run(_ROW, [subject_id, cls.value])
        found = cursor.fetchone()
    if found is None:
        return None
    id_, wrapped, *bucket = found
    row = RecordSecret.from_db(
        KEYSTORE,
        ["id", "subject_id", "retention_class", "bucket_id", "wrapped"],
        [id_, subject_id, cls.value, bucket[0], wrapped],
    )
    row.bucket = BucketKey.from_db(KEYSTORE, _BUCKET, bucket)
    return row


def _opened(row: RecordSecret, kek: bytes) -> Tree:
    return Tree.from_bytes(services.opened(row, kek))
