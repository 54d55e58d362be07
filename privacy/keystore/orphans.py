"""Secrets whose data never came: keys commit before data, and a crash in between leaves a key that seals nothing.

Rule of the module: what writes under a fresh secret calls `begin_write` before the secret, and holds that lock until its own
transaction ends; `delete_orphans` takes the lock alone before it drops, so what it then still sees without data is an orphan. Who
keeps data under a class of secrets registers how to tell which of them live.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db import connection, transaction

from privacy.core.retention import RetentionClass
from privacy.db import conflicts
from privacy.keystore import services as keystore

IN_FLIGHT = 0x726376  # "rcv"
BATCH = 5000

Living = Callable[[set[UUID]], Iterable[UUID]]
"""Of some subjects, those whose data exists; asked as the worker, which sees every row."""

_living: dict[frozenset[RetentionClass], Living] = {}


def register(classes: Iterable[RetentionClass], living: Living) -> None:
    """Say how to tell which subjects of `classes` have data. A class belongs to one package."""
    _living[frozenset(classes)] = living


def begin_write() -> None:
    """From here on secrets may be ahead of their rows: the reaper waits for this transaction to end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [IN_FLIGHT])


def delete_orphans(only: Iterable[RetentionClass] | None = None) -> int:
    """Destroy the secrets that seal nothing, of all classes or of some; returns how many.

    The lock is taken for suspects only: nobody waits for the search.

    Raises PermissionError as any role but the worker or the owner: row security would hide living data, and its keys would go.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] not in ("maraudes_worker", "maraudes_owner"):
            raise PermissionError("only-as-worker")
    removed = 0
    for classes, living in _living.items():
        if only is not None and not classes & set(only):
            continue
        for found in keystore.subjects(classes, batch=BATCH):
            subjects = set(found)
            with transaction.atomic():
                suspects = subjects - set(living(subjects))
            if suspects:
                removed += _drop(suspects, classes, living)
    return removed


@conflicts.atomic
def _drop(suspects: set[UUID], classes: Iterable[RetentionClass], living: Living) -> int:
    """Of subjects without data, drop those that still have none when nothing is in flight: a row may have been on its way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IN_FLIGHT])
    return keystore.drop(suspects - set(living(suspects)), classes)
