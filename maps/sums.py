"""Sealed sums: one row to lock, open, change and seal again. No person is in them, only counts by square or sector.

Rule of the room: a sum is read and written under its row's lock, so that two rounds closing at once both count.
"""

import json
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from maps.models import MonthlyAccumulator, WeeklySummary
from privacy.core import context, envelope
from privacy.core.errors import Unreadable
from privacy.core.retention import RetentionClass
from privacy.keystore import reaping
from privacy.keystore import services as keystore
from privacy.retention import ledger
from privacy.retention.services import house_today

FORMAT = 1
"""Version of what the blobs hold; older ones are made again by the worker, or by `rebuild_summaries`."""

STALE = 0
"""Version of a sum that counts or lacks somebody wrongly: whatever is added, it stays so until it is made again."""

Body = dict[str, Any]
SumModel = type[WeeklySummary] | type[MonthlyAccumulator]
CLASS: dict[SumModel, RetentionClass] = {
    WeeklySummary: RetentionClass.SUMMARY,
    MonthlyAccumulator: RetentionClass.ACCUMULATOR,
}
COLUMN: dict[SumModel, str] = {WeeklySummary: "week", MonthlyAccumulator: "month"}


def subject(model: SumModel, association_id: UUID, start: date) -> UUID:
    """The keystore's name of a sum: computable, so that a sum needs no id of its own."""
    return uuid5(NAMESPACE_OID, f"maraudes:{CLASS[model].value}:{association_id}:{start.isoformat()}")


def _bound(model: SumModel, association_id: UUID, start: date, day: date) -> bytes:
    return context.of_row(association_id, model._meta.db_table, start, CLASS[model].value, day)


def change(
    model: SumModel, association_id: UUID, start: date, day: date, edit: Callable[[Body], None]
) -> None:
    """Apply `edit` to the sum of (association, start), made empty at first use, then to expire on `day`. Needs a transaction.

    A sum whose day has come takes nothing more: its key is gone before its row is. One that no longer opens begins again, stale.
    """
    cls = CLASS[model]
    key = {COLUMN[model]: start}
    manager = model._default_manager
    locked = manager.select_for_update().filter(association_id=association_id, **key)
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
        made = model(association_id=association_id, blob=empty, expires_on=day, version=FORMAT, **key)
        manager.bulk_create([made], ignore_conflicts=True)  # type: ignore[list-item]
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


def register() -> None:
    for model, cls in CLASS.items():
        reaping.register([cls], partial(living, model))


def living(model: SumModel, subjects: set[UUID]) -> set[UUID]:
    """Of some of the keystore's names, those of sums that exist."""
    rows = model._default_manager.values_list("association_id", COLUMN[model])
    return subjects & {subject(model, association_id, start) for association_id, start in rows}


def read(rows: list[WeeklySummary] | list[MonthlyAccumulator]) -> list[tuple[date, Body]]:
    """(start, body) of each row that still opens, in order of start."""
    if not rows:
        return []
    model: SumModel = type(rows[0])
    cls = CLASS[model]
    named = {subject(model, row.association_id, getattr(row, COLUMN[model])): row for row in rows}
    secrets = keystore.fetch_secrets(named, [cls])
    opened = []
    for name, row in named.items():
        secret = secrets.get((name, cls))
        if secret is None:
            continue
        start = getattr(row, COLUMN[model])
        try:
            text = envelope.unseal(
                bytes(row.blob), secret, _bound(model, row.association_id, start, row.expires_on)
            )
        except Unreadable:
            continue
        opened.append((start, json.loads(text)))
    return sorted(opened, key=lambda pair: pair[0])
