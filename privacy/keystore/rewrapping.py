"""Keys wrapped under another key: computed while nobody waits, stored in one statement a table.

Rule of the module: nothing here decides which epoch is current or takes a lock. A wrapping is stored only in place of the very
bytes it was made from; whatever changed in between is wrapped again under the caller's lock. What dies today is not wrapped
ahead, and PostgreSQL notes no wrapping for its plans: it would stand in the write-ahead log, under an epoch that lives on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections, models

from privacy.core import context, envelope
from privacy.core.errors import Unreadable
from privacy.db.router import KEYSTORE
from privacy.keystore.models import BucketKey, IngressKey, Pepper

Exchange = tuple[Any, bytes, bytes]
"""Primary key, the bytes that stand there, the bytes that will."""


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


@dataclass(frozen=True, slots=True)
class Kind:
    """A table of keys that the KEK wraps: what binds a row, its primary key with its SQL type, the column of its last day."""

    model: type[models.Model]
    record_aad: Callable[[Any], bytes]
    key: str
    key_type: str
    ends: str | None = None

    @property
    def beside(self) -> str:
        """The temporary table in which new wrappings wait."""
        return f"rewrapped_{self.model._meta.model_name}"

    def living(self, today: date) -> models.QuerySet[Any]:
        """The rows that do not die today."""
        rows = self.model._default_manager.all()
        return rows.filter(**{f"{self.ends}__gt": today}) if self.ends else rows


KINDS = (
    Kind(BucketKey, bucket_context, "id", "uuid", "expires_on"),
    Kind(IngressKey, ingress_context, "id", "uuid", "dies_on"),
    Kind(Pepper, pepper_context, "name", "varchar"),
)


@contextmanager
def prepared(old_key: bytes, new_key: bytes, today: date) -> Iterator[None]:
    """Every key that opens and lives, wrapped anew and laid beside its table for `exchange`, for as long as the block lasts.

    Takes no lock: what changes meanwhile is found by `exchange`.
    """
    try:
        for kind in KINDS:
            rows, _damaged = _wrapped(kind, kind.living(today), old_key, new_key)
            with connections[KEYSTORE].cursor() as cursor:
                cursor.execute(
                    f"CREATE TEMPORARY TABLE {kind.beside} (id {kind.key_type}, stands bytea, wrapped bytea)"
                )
                copy = f"COPY {kind.beside} FROM STDIN (FORMAT BINARY)"
                with cursor.cursor.copy(copy) as stream:  # psycopg's own cursor: Django knows no COPY
                    stream.set_types([kind.key_type, "bytea", "bytea"])
                    for row in rows:
                        stream.write_row(row)
                cursor.execute(f"ANALYZE {kind.beside} (id)")
        yield
    finally:
        with connections[KEYSTORE].cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS " + ", ".join(kind.beside for kind in KINDS))


class Exchanged(NamedTuple):
    """How many were stored, the primary keys of those that do not open, and whether something prepared fits nothing any more."""

    stored: int
    damaged: list[Any]
    outdated: bool


def exchange(kind: Kind, old_key: bytes, new: int, new_key: bytes) -> Exchanged:
    """Store what was prepared, then wrap and store what was not; call under the lock."""
    done = _store(kind, kind.beside, new)
    outdated = done < _laid(kind)
    left, damaged = _wrapped(kind, kind.model._default_manager.exclude(epoch=new), old_key, new_key)
    if left:
        given = f"unnest(%s::{kind.key_type}[], %s::bytea[], %s::bytea[])"
        done += _store(kind, given, new, *(list(column) for column in zip(*left, strict=True)))
    return Exchanged(done, damaged, outdated)


def _laid(kind: Kind) -> int:
    with connections[KEYSTORE].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {kind.beside}")  # noqa: S608  (as below)
        return int(cursor.fetchone()[0])


def _wrapped(
    kind: Kind, rows: Iterable[Any], old_key: bytes, new_key: bytes
) -> tuple[list[Exchange], list[Any]]:
    """Each row wrapped anew, opened once to be sure of it; and the primary keys of those that do not open."""
    found: list[Exchange] = []
    damaged: list[Any] = []
    for row in rows:
        bound, stands = kind.record_aad(row), bytes(row.wrapped)
        try:
            material = envelope.unwrap(old_key, stands, bound)
        except Unreadable:
            damaged.append(row.pk)
            continue
        wrapped = envelope.wrap(new_key, material, bound)
        if envelope.unwrap(new_key, wrapped, bound) != material:
            raise Unreadable
        found.append((row.pk, stands, wrapped))
    return found, damaged


def _store(kind: Kind, source: str, new: int, *given: list[Any]) -> int:
    """One statement: rows that still hold the bytes their new wrapping was made from. Returns how many."""
    statement = (
        f"UPDATE {kind.model._meta.db_table} k SET wrapped = t.wrapped, epoch = %s"  # noqa: S608  (names of our own models)
        f" FROM {source} AS t(id, stands, wrapped) WHERE k.{kind.key} = t.id AND k.wrapped = t.stands"
    )
    with connections[KEYSTORE].cursor() as cursor:
        cursor.execute(statement, [new, *given])
        return int(cursor.rowcount)


def store_secrets(rows: Sequence[tuple[UUID, bytes]]) -> None:
    """Replace the wrapping of each record secret (id, wrapped) in one statement; call under the lock."""
    if rows:
        with connections[KEYSTORE].cursor() as cursor:
            cursor.execute(
                "UPDATE keystore_recordsecret s SET wrapped = t.wrapped"
                " FROM unnest(%s::uuid[], %s::bytea[]) AS t(id, wrapped) WHERE s.id = t.id",
                [list(column) for column in zip(*rows, strict=True)],
            )
