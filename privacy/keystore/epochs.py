"""Which KEK epoch is current, and how a new one replaces it without a moment in which a crash could lose a key.

    new epoch fsynced -> rewrap survivors in one transaction -> test-unwrap -> commit -> destroy the old epoch

Wrapping takes the lock shared and rotation takes it alone, so nobody wraps under an epoch that is about to die.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import connections, transaction
from django.db.models import Max

from privacy import clock
from privacy.core import context, envelope
from privacy.core.errors import Unreadable
from privacy.db.router import KEYSTORE
from privacy.keystore.kek import FileKEK
from privacy.keystore.models import BucketKey, IngressKey, KekEpoch, Pepper

Wrapped = TypeVar("Wrapped", BucketKey, IngressKey, Pepper)

KEK_LOCK = 0x6B656B  # "kek"


def kek() -> FileKEK:
    return FileKEK(Path(settings.KEK_DIR))


def lock(*, alone: bool) -> None:
    """Hold the epoch still (shared) or for ourselves (alone) until the keystore transaction ends."""
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connections[KEYSTORE].cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [KEK_LOCK])


def current() -> tuple[int, bytes]:
    """Number and bytes of the current epoch; call under `lock`. The first call of a new house makes epoch 1.

    Raises Unreadable when the keystore names an epoch whose file is gone: live sealed records are then lost, and saying so is
    better than quietly starting a new epoch over them.
    """
    number = KekEpoch.objects.filter(current=True).values_list("number", flat=True).first()
    if number is None:
        return _first()
    return number, kek().read(number)


def _first() -> tuple[int, bytes]:
    with transaction.atomic(using=KEYSTORE):
        with connections[KEYSTORE].cursor() as cursor:
            cursor.execute("LOCK TABLE keystore_kekepoch IN EXCLUSIVE MODE")
        number = KekEpoch.objects.filter(current=True).values_list("number", flat=True).first()
        if number is not None:
            return number, kek().read(number)
        files = kek()
        number = max(files.epochs(), default=0) + 1
        key = files.create(number)
        KekEpoch.objects.create(number=number, started_on=clock.today(), current=True)
        return number, key


def key_context(kind: str, *parts: context.Part) -> bytes:
    """What a wrapped key is bound to, so that no wrapped key opens in another's place."""
    return context.encode("maraudes/key", kind, *parts)


def bucket_context(bucket: BucketKey) -> bytes:
    return key_context(
        "bucket", bucket.association_id, bucket.retention_class, bucket.expires_on, bucket.version
    )


def ingress_context(key: IngressKey) -> bytes:
    return key_context("ingress", key.id, key.week)


def pepper_context(pepper: Pepper) -> bytes:
    return key_context("pepper", pepper.name)


def rotate(
    today: date, before: Callable[[], int] | None = None, lost: Callable[[int], None] | None = None
) -> int:
    """Start a new epoch and destroy the old one; returns how many rows `before` deleted in the same transaction.

    `before` deletes what must not survive (expired buckets), under the same lock, before survivors are rewrapped. A key that
    no longer opens would keep every other one under an old epoch: it is dropped, and `lost` is told how many before the
    commit (a crash in between tells twice). Where that cannot be written down, keys that are due die all the same.
    """
    files = kek()
    with transaction.atomic(using=KEYSTORE):
        lock(alone=True)
        old, old_key = current()
        removed = before() if before else 0
        top = KekEpoch.objects.aggregate(top=Max("number"))["top"] or 0
        new = max(files.epochs() | {top, old}) + 1
        new_key = files.create(new)
        try:
            dropped = _rewrap(old_key, new, new_key)
            if dropped and lost:
                lost(dropped)
            KekEpoch.objects.filter(number=old).update(current=False)
            KekEpoch.objects.create(number=new, started_on=today, current=True)
        except BaseException:
            files.destroy(new)
            raise
    sweep()
    return removed


def sweep() -> None:
    """Destroy every epoch file that is not current: what a crash left behind, and what a rotation just replaced."""
    with transaction.atomic(using=KEYSTORE):
        lock(alone=True)
        number, _key = current()
        files = kek()
        for epoch in files.epochs() - {number}:
            files.destroy(epoch)
        KekEpoch.objects.exclude(number=number).delete()


def _rewrap(old_key: bytes, new: int, new_key: bytes) -> int:
    """Wrap every surviving key under the new epoch; each new wrapping is opened once before the commit.

    Returns how many damaged keys were dropped. Raises Unreadable unless those that open are more: else it is the epoch that is
    not the right one, and what opens was made under the wrong file since. A damaged pepper stays as it is: another one in its
    place would quietly mean something else.
    """
    buckets, bad_buckets = _rewrap_rows(BucketKey, bucket_context, old_key, new, new_key)
    phones, bad_phones = _rewrap_rows(IngressKey, ingress_context, old_key, new, new_key)
    peppers, bad_peppers = _rewrap_rows(Pepper, pepper_context, old_key, new, new_key)
    opened, lost = buckets + phones + peppers, len(bad_buckets) + len(bad_phones)
    if (lost and lost >= opened) or (bad_peppers and not opened):
        raise Unreadable
    BucketKey.objects.filter(pk__in=bad_buckets).delete()
    IngressKey.objects.filter(pk__in=bad_phones).delete()
    return lost


def _rewrap_rows(
    model: type[Wrapped], bound_to: Callable[[Wrapped], bytes], old_key: bytes, new: int, new_key: bytes
) -> tuple[int, list[Any]]:
    """How many rows were rewrapped, and the keys of those that do not open."""
    manager = model._default_manager
    rows: list[Wrapped] = []
    damaged: list[Any] = []
    for row in manager.all():
        bound = bound_to(row)
        try:
            material = envelope.unwrap(old_key, bytes(row.wrapped), bound)
        except Unreadable:
            damaged.append(row.pk)
            continue
        row.wrapped = envelope.wrap(new_key, material, bound)
        row.epoch = new
        if envelope.unwrap(new_key, row.wrapped, bound) != material:
            raise Unreadable
        rows.append(row)
    manager.bulk_update(rows, ["wrapped", "epoch"], batch_size=500)
    return len(rows), damaged
