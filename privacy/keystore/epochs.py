"""Which KEK epoch is current, and how a new one replaces it without a moment in which a crash could lose a key.

    wrap all keys anew, test-unwrap -> lock -> new epoch fsynced -> exchange survivors -> commit -> destroy the old epoch

Wrapping takes the lock shared and the exchange takes it alone, so nobody wraps under an epoch that is about to die, and nobody
waits while keys are wrapped.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction
from django.db.models import Max

from privacy import clock
from privacy.core import envelope
from privacy.core.errors import Unreadable
from privacy.db.router import KEYSTORE
from privacy.keystore import rewrapping
from privacy.keystore.kek import FileKEK, fresh
from privacy.keystore.models import BucketKey, KekEpoch, Pepper
from privacy.keystore.rewrapping import bucket_context, ingress_context, key_context, pepper_context

__all__ = ["bucket_context", "ingress_context", "key_context", "pepper_context"]

TRIED = 3
"""Keys at either end of the calendar that are opened to see whether the file is theirs."""

KEK_LOCK = 0x6B656B  # "kek"

OLDEST = 50 * 60.0
"""Seconds after which an epoch is replaced whether something died or not: beat and timer each purge once an hour."""


def kek() -> FileKEK:
    return FileKEK(Path(settings.KEK_DIR))


def lock(*, alone: bool) -> None:
    """Hold the epoch still (shared) or for ourselves (alone) until the keystore transaction ends."""
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connections[KEYSTORE].cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [KEK_LOCK])


def current() -> tuple[int, bytes]:
    """Number and bytes of the current epoch; call under `lock`. The first call of a new installation makes epoch 1.

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


def file_fits() -> bool:
    """Whether more keys open under the file of the current epoch than do not, or there are none.

    Under a wrong file, keys made since do open. Which are older is not written down: both ends of the calendar are tried.
    """
    buckets = BucketKey.objects.all()
    with transaction.atomic(using=KEYSTORE):
        lock(alone=False)
        tried = {
            *buckets.order_by("expires_on", "id")[:TRIED],
            *buckets.order_by("-expires_on", "id")[:TRIED],
        }
        try:
            _epoch, key = current()
        except Unreadable:
            return False
    opened = 0
    for bucket in tried:
        with suppress(Unreadable):
            envelope.unwrap(key, bytes(bucket.wrapped), bucket_context(bucket))
            opened += 1
    return 2 * opened > len(tried) or not tried


def owe() -> None:
    """Note that the next purge must rotate: something was destroyed that an older copy of the keystore would still open."""
    KekEpoch.objects.filter(current=True, owed=False).update(owed=True)


def is_due() -> bool:
    """Whether a rotation is owed, or the epoch is as old as it may become: two purges an hour rotate once, not twice."""
    row = KekEpoch.objects.filter(current=True).first()
    return row is None or row.owed or not 0 <= kek().age(row.number) < OLDEST


def rotate(
    today: date, before: Callable[[], int] | None = None, lost: Callable[[int], None] | None = None
) -> int:
    """Start a new epoch and destroy the old one; returns how many rows `before` deleted in the same transaction.

    Every key is wrapped anew before anybody has to wait. Then, under the lock: `before` deletes what must not survive (expired
    buckets), and survivors are exchanged. What changed or went since it was wrapped lay under the new epoch as it was: then the
    next purge owes another rotation. A key that no longer opens would keep every other one under an old epoch: it is dropped, and
    `lost` is told how many before the commit (a crash in between tells twice). Where that cannot be written down, keys that are
    due die all the same.
    """
    files = kek()
    with transaction.atomic(using=KEYSTORE):
        lock(alone=False)
        _number, expected = current()
    new_key = fresh()
    with rewrapping.prepared(expected, new_key, today), transaction.atomic(using=KEYSTORE):
        lock(alone=True)
        old, old_key = current()  # another one since: what is prepared fits no row, and all are wrapped here
        removed = before() if before else 0
        top = KekEpoch.objects.aggregate(top=Max("number"))["top"] or 0
        new = max(files.epochs() | {top, old}) + 1
        files.create(new, new_key)
        try:
            dropped, outdated = _rewrap(old_key, new, new_key)
            if dropped and lost:
                lost(dropped)
            KekEpoch.objects.filter(number=old).update(current=False)
            KekEpoch.objects.create(number=new, started_on=today, current=True, owed=outdated)
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


def sweep_strays() -> None:
    """`sweep`, where a crash left something: no lock is taken for nothing."""
    current_ones = set(KekEpoch.objects.filter(current=True).values_list("number", flat=True))
    if kek().epochs() - current_ones or KekEpoch.objects.filter(current=False).exists():
        sweep()


def _rewrap(old_key: bytes, new: int, new_key: bytes) -> tuple[int, bool]:
    """Exchange every surviving key for its wrapping under the new epoch. How many damaged keys were dropped, and whether
    anything that was prepared fits nothing any more.

    Raises Unreadable unless those that open are more: else it is the epoch that is not the right one, and what opens was made
    under the wrong file since. A damaged pepper stays as it is: another one in its place would quietly mean something else.
    """
    done = {kind.model: rewrapping.exchange(kind, old_key, new, new_key) for kind in rewrapping.KINDS}
    opened = sum(one.stored for one in done.values())
    damaged = {model: one.damaged for model, one in done.items()}
    bad_peppers = damaged.pop(Pepper)
    lost = sum(map(len, damaged.values()))
    if (lost and lost >= opened) or (bad_peppers and not opened):
        raise Unreadable
    for model, keys in damaged.items():
        model._default_manager.filter(pk__in=keys).delete()
    return lost, any(one.outdated for one in done.values())
