"""Sealed sums: one row a tenant and period, locked, opened, changed and sealed again.

A sum holds counts, never a person. It is read and written under its row's lock, so that two rounds closing at once both
count. Whoever keeps sums derives a model from `SealedSum`, and registers it (`register`) in `AppConfig.ready`.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import models

from privacy.core import context, envelope
from privacy.core.errors import Unreadable
from privacy.core.retention import RetentionClass
from privacy.keystore import reaping
from privacy.keystore import services as keystore
from privacy.retention import ledger
from privacy.retention.services import house_today

STALE = 0
"""Version of a sum that counts or lacks somebody wrongly: whatever is added, it stays so until it is made again."""

Body = dict[str, Any]


class SealedSum(models.Model):
    """A sealed body of counts for one tenant and one period, named by the period's first day.

    A subclass adds `association`, the column named by PERIOD, and a unique constraint over both.
    """

    RETENTION_CLASS: ClassVar[RetentionClass]
    PERIOD: ClassVar[str]
    FORMAT: ClassVar[int] = 1
    """Version of what the body holds; rows of another version are made again by the worker."""

    version = models.PositiveSmallIntegerField(default=1)
    blob = models.BinaryField()
    expires_on = models.DateField()

    if TYPE_CHECKING:
        association_id: UUID

    class Meta:
        abstract = True

    @property
    def start(self) -> date:
        """The first day of the period."""
        day: date = getattr(self, self.PERIOD)
        return day


SumModel = type[SealedSum]


def subject(model: SumModel, association_id: UUID, start: date) -> UUID:
    """The keystore's name of a sum: computable, so that a sum needs no id of its own."""
    name = f"maraudes:{model.RETENTION_CLASS.value}:{association_id}:{start.isoformat()}"
    return uuid5(NAMESPACE_OID, name)


def _bound(model: SumModel, association_id: UUID, start: date, day: date) -> bytes:
    return context.of_row(association_id, model._meta.db_table, start, model.RETENTION_CLASS.value, day)


def change(
    model: SumModel, association_id: UUID, start: date, day: date, edit: Callable[[Body], None]
) -> None:
    """Apply `edit` to the sum of (association, start), made empty at first use, then to expire on `day`.

    Needs a transaction. A sum whose day has come takes nothing more: its key is gone before its row is. One that no
    longer opens begins again, stale.
    """
    cls = model.RETENTION_CLASS
    key: dict[str, Any] = {"association_id": association_id, model.PERIOD: start}
    manager = model._default_manager
    locked = manager.select_for_update().filter(**key)
    row = locked.first()
    if row is not None:
        day = row.expires_on  # as it was born: a policy that changed since keeps no round from closing
    if day <= house_today():
        return
    if row is None:
        reaping.hold()
    secret = keystore.bucket_secret(association_id, cls, day, subject(model, association_id, start))
    bound = _bound(model, association_id, start, day)
    if row is None:
        empty = bytes(envelope.seal_counts(b"{}", secret, bound, padded_to=envelope.RECORD))
        fresh = model(blob=empty, expires_on=day, version=model.FORMAT, **key)
        manager.bulk_create([fresh], ignore_conflicts=True)
        row = locked.get()
        if bytes(row.blob) == empty:  # otherwise another close of the same moment made it, and booked it
            ledger.stored(association_id, {(cls, day): 1})
    try:
        body: Body = json.loads(envelope.unseal(bytes(row.blob), secret, bound))
    except Unreadable:
        # Its key was dropped as damaged and another made: what it said is gone for good, and nobody is to wait for it any longer.
        # (Until the purge drops a damaged key, `bucket_secret` above raises, and a close does wait.)
        body, row.version = {}, STALE
    edit(body)
    text = json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
    row.blob = bytes(envelope.seal_counts(text, secret, bound, padded_to=envelope.room_for(len(text))))
    row.save(update_fields=["blob", "version"])


def register(model: SumModel) -> None:
    """Let the reaper of orphan secrets tell which sums of `model` live."""
    reaping.register([model.RETENTION_CLASS], partial(living, model))


def living(model: SumModel, subjects: set[UUID]) -> set[UUID]:
    """Of some of the keystore's names, those of sums that exist."""
    rows = model._default_manager.values_list("association_id", model.PERIOD)
    return subjects & {subject(model, association_id, start) for association_id, start in rows}


def read(rows: Sequence[SealedSum]) -> list[tuple[date, Body]]:
    """(first day, body) of each row of one model that still opens, in order of that day."""
    if not rows:
        return []
    model = type(rows[0])
    cls = model.RETENTION_CLASS
    named = {subject(model, row.association_id, row.start): row for row in rows}
    secrets = keystore.fetch_secrets(named, [cls])
    opened = []
    for name, row in named.items():
        secret = secrets.get((name, cls))
        if secret is None:
            continue
        try:
            text = envelope.unseal(
                bytes(row.blob), secret, _bound(model, row.association_id, row.start, row.expires_on)
            )
        except Unreadable:
            continue
        opened.append((row.start, json.loads(text)))
    return sorted(opened, key=lambda pair: pair[0])
