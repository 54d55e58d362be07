"""A rotation of 5,000 bucket keys against a plain UPDATE of as many rows, and how long a reader waits for it at worst.

Ours opens and wraps each key twice over, writes a new epoch file and destroys the old one; the bare side replaces the same column
of the same rows by as many bytes. A reader asks for the shared lock again and again, as every request that opens something does.
"""

import os
import statistics
import threading
from collections.abc import Callable
from datetime import date
from time import perf_counter
from uuid import uuid4

from tests.bench.stage import compare, stage

BUCKETS = 5_000
ROUNDS = 9


def longest_wait(act: Callable[[], None]) -> tuple[float, float]:
    """How long `act` took, and the longest wait of a reader beside it, in seconds."""
    from privacy.keystore.epochs import KEK_LOCK
    from tests import databases

    waits: list[float] = []
    over = threading.Event()

    def read() -> None:
        with databases.raw("keys", "keystore") as connection:
            while not over.is_set():
                start = perf_counter()
                with connection.transaction():
                    connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", [KEK_LOCK])
                waits.append(perf_counter() - start)

    reader = threading.Thread(target=read)
    reader.start()
    while not waits:
        pass
    start = perf_counter()
    act()
    took = perf_counter() - start
    over.set()
    reader.join()
    return took, max(waits)


def main() -> None:
    from django.db import connections

    from privacy import clock
    from privacy.core import envelope
    from privacy.db.router import KEYSTORE
    from privacy.keystore import epochs
    from privacy.keystore.models import BucketKey

    today = clock.today()
    number, kek = epochs.current()
    rows = [
        BucketKey(association_id=uuid4(), retention_class="record", expires_on=date(2099, 1, 1), epoch=number)
        for _ in range(BUCKETS)
    ]
    for row in rows:
        row.wrapped = envelope.wrap(kek, os.urandom(envelope.SECRET_BYTES), epochs.bucket_context(row))
    BucketKey.objects.bulk_create(rows, batch_size=1000)

    def ours() -> None:
        epochs.rotate(today)

    def bare() -> None:
        with connections[KEYSTORE].cursor() as cursor:
            cursor.execute("UPDATE keystore_bucketkey SET wrapped = wrapped || ''::bytea, epoch = epoch")

    compare(f"rotation of {BUCKETS:,} buckets", ours, bare, rounds=ROUNDS, aim=8)
    ratios = []
    for _ in range(ROUNDS):
        start = perf_counter()
        bare()
        update = perf_counter() - start
        _took, waited = longest_wait(ours)
        ratios.append(waited / update)
    median = statistics.median(ratios)
    met = "met" if median <= 1.5 else "NOT met"
    print(
        f"a reader's longest wait for a rotation / the UPDATE: {median:.2f} × (worst {max(ratios):.2f})   aim ≤ 1.5: {met}"
    )


if __name__ == "__main__":
    with stage():
        main()
