"""Secrets that are to die sooner than they were issued for: moved into earlier buckets, never into later ones.

Rule of the module: as everywhere in the keystore, keys commit before the rows that name their day, so a crash in between leaves
rows that say a later day than their key has; whoever moves again finds nothing to do here and writes the rows.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db import connections, transaction
from django.db.models import QuerySet

from privacy.core import envelope
from privacy.core.errors import Unreadable
from privacy.core.retention import RetentionClass
from privacy.db.router import KEYSTORE
from privacy.keystore import epochs, services
from privacy.keystore.models import RecordSecret


def sum_secret(
    association_id: UUID, cls: RetentionClass, latest: date, subject_id: UUID
) -> tuple[bytes, date]:
    """The secret of something that lives as long as the shortest-lived thing in it, and the day on which it dies.

    Fetched, or issued at first use to die on `latest`; one that would live longer is moved to that day, never the other way.
    """
    for _try in range(2):
        with transaction.atomic(using=KEYSTORE):
            epochs.lock(alone=False)
            row = (
                RecordSecret.objects.filter(subject_id=subject_id, retention_class=cls.value)
                .select_related("bucket")
                .first()
            )
            if row is None:
                return services.bucket_secret(association_id, cls, latest, subject_id), latest
            if row.bucket.association_id != association_id:
                raise Unreadable
            if row.bucket.expires_on <= latest:
                _number, kek = epochs.current()
                return services.opened(row, kek), row.bucket.expires_on
        shorten(association_id, [(subject_id, cls, latest)])
    raise Unreadable


_MOVED = """
UPDATE keystore_recordsecret s SET bucket_id = t.bucket, wrapped = t.wrapped
  FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[]) AS t(id, bucket, wrapped) WHERE s.id = t.id
"""


def shorten(association_id: UUID, wanted: Iterable[services.Wanted]) -> int:
    """Let each (subject, class) die on the given day where it would have lived longer; nothing lives longer for it.

    Committed before this returns, ahead of the rows that say so; a second time changes nothing. The buckets they lay in get
    new keys or go, so that no older copy of a secret opens; final when the KEK epoch next rotates. Returns how many were moved.
    """
    days = {(subject_id, cls.value): day for subject_id, cls, day in wanted}
    if not days or not _any_later(days):
        return 0  # and nobody waits for the lock
    with transaction.atomic(using=KEYSTORE):
        epochs.lock(alone=True)
        _number, kek = epochs.current()
        rows = _later(days).filter(bucket__association_id=association_id).select_related("bucket")
        moving = [
            row
            for row in rows
            if days.get((row.subject_id, row.retention_class), row.bucket.expires_on) < row.bucket.expires_on
        ]
        if not moving:
            return 0
        left = {row.bucket.id: row.bucket for row in moving}
        old = {
            id_: envelope.unwrap(kek, bytes(one.wrapped), epochs.bucket_context(one))
            for id_, one in left.items()
        }
        new = services._buckets(
            association_id,
            {(row.retention_class, days[row.subject_id, row.retention_class]) for row in moving},
        )
        moved: list[tuple[UUID, UUID, bytes]] = []
        for row in moving:
            bucket, key = new[row.retention_class, days[row.subject_id, row.retention_class]]
            bound = services._secret_context(row.subject_id, row.retention_class)
            secret = envelope.unwrap(old[row.bucket.id], bytes(row.wrapped), bound)
            moved.append((row.id, bucket.id, envelope.wrap(key, secret, bound)))
        with connections[KEYSTORE].cursor() as cursor:
            cursor.execute(_MOVED, [list(column) for column in zip(*moved, strict=True)])
        for bucket in left.values():
            if RecordSecret.objects.filter(bucket=bucket).exists():
                services._rekey(bucket, kek)
            else:
                bucket.delete()
                epochs.owe()
    return len(moved)


def _later(days: Mapping[tuple[UUID, str], date]) -> QuerySet[RecordSecret]:
    """Secrets of those subjects and classes that may live longer than one of `days`."""
    return RecordSecret.objects.filter(
        subject_id__in={subject_id for subject_id, _cls in days},
        retention_class__in={cls for _subject, cls in days},
        bucket__expires_on__gt=min(days.values()),
    )


def _any_later(days: Mapping[tuple[UUID, str], date]) -> bool:
    found = _later(days).values_list("subject_id", "retention_class", "bucket__expires_on")
    return any(days.get((subject_id, cls), end) < end for subject_id, cls, end in found)
