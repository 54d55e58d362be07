"""Sealed sums: one row a tenant and period, locked, opened, changed and sealed again.

A sum holds counts, never a person. It is read and written under its row's lock, so that two rounds closing at once both
count. Whoever keeps sums derives a model from `SealedSum`, and registers it (`register`) in `AppConfig.ready`.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import models

from privacy.core import context, envelope
from privacy.core.errors import Unreadable
from privacy.core.retention import RetentionClass, expires_on
from privacy.keystore import orphans, shortening
from privacy.keystore import services as keystore
from privacy.retention import ledger
from privacy.retention.services import effective_today
from privacy.retention.shortening import Rule
from privacy.sealed_rows import open_row

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
    SIZE: ClassVar[int]
    """Bytes of the padded body, whatever it holds: a length that grows says how much was met. A power of two times 1,024.

    Chosen far above what a period holds; a body beyond it takes twice the size rather than keep a round from closing.
    """

    version = models.PositiveSmallIntegerField(default=1)
    blob = models.BinaryField()
    born_to = models.DateField()
    expires_on = models.DateField()
    """Never later than the day of anything in it; `born_to` is the one it began with, which its blob is bound to."""

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


def _bound(row: SealedSum) -> bytes:
    cls = row.RETENTION_CLASS.value
    return context.row_aad(row.association_id, row._meta.db_table, row.start, cls, row.born_to)


def change(
    model: SumModel, association_id: UUID, start: date, day: date | None, edit: Callable[[Body], None]
) -> bool:
    """Apply `edit` to the sum of (association, start), made empty at first use. It expires on `day` at the latest.

    None: what is taken out needs no day, and no sum. Needs a transaction. A sum whose day has come takes nothing more (False):
    its key is gone before its row is. One that no longer opens begins again, stale.
    """
    today = effective_today()
    key: dict[str, Any] = {"association_id": association_id, model.PERIOD: start}
    locked = model._default_manager.select_for_update().filter(**key)
    row = locked.first()
    latest = day if row is None else _latest(row, day, today)
    if latest is None or latest <= today:
        return False
    if row is None:
        orphans.begin_write()
    name = subject(model, association_id, start)
    secret, latest = shortening.sum_secret(association_id, model.RETENTION_CLASS, latest, name)
    if latest <= today:
        return False
    if row is None:
        row = _made(locked, model(born_to=latest, expires_on=latest, version=model.FORMAT, **key), secret)
        # Two closes of one moment, the policy shortened between them: each knows one day, and the key has the earlier.
    if latest < row.expires_on:
        # A request only adds to the book: there, the sum left its first day before that came.
        ledger.withdrawn(association_id, {(model.RETENTION_CLASS, row.expires_on): 1})
        ledger.stored(association_id, {(model.RETENTION_CLASS, latest): 1})
        row.expires_on = latest
    bound = _bound(row)
    try:
        body: Body = json.loads(envelope.unseal(bytes(row.blob), secret, bound))
    except Unreadable:
        # Its key was dropped as damaged and another made: what it said is gone for good, and nobody is to wait for it any longer.
        # (Until the purge drops a damaged key, `sum_secret` above raises, and a close does wait.)
        body, row.version = {}, STALE
    edit(body)
    text = json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
    size = envelope.padded_size(len(text), model.SIZE)
    row.blob = bytes(envelope.seal_nonpersonal(text, secret, bound, padded_to=size))
    row.save(update_fields=["blob", "version", "expires_on"])
    return True


def _latest(row: SealedSum, day: date | None, today: date) -> date | None:
    """The last day the sum may have with something in it that expires on `day`; None when its own has come.

    Its term may be over while what comes in still lives (a week of records ends on two Mondays): then it goes tomorrow.
    """
    if row.expires_on <= today:
        return None
    return row.expires_on if day is None else min(row.expires_on, max(day, today + timedelta(days=1)))


def _made(locked: "models.QuerySet[SealedSum]", fresh: SealedSum, secret: bytes) -> SealedSum:
    """The row, begun empty (no person is in it), or the one that another close of this moment made, and booked."""
    fresh.blob = bytes(envelope.seal_nonpersonal(b"{}", secret, _bound(fresh), padded_to=fresh.SIZE))
    type(fresh)._default_manager.bulk_create([fresh], ignore_conflicts=True)
    row = locked.get()
    if bytes(row.blob) == fresh.blob:
        ledger.stored(row.association_id, {(row.RETENTION_CLASS, row.expires_on): 1})
    return row


def later_than(model: SumModel, rule: Rule) -> list[tuple[SealedSum, date]]:
    """The living sums of the rule's association that are kept longer than it lets them, each with the day it is to go."""
    mine: dict[str, Any] = {"association_id": rule.association_id}
    rows = model._default_manager.filter(expires_on__gt=rule.today, **mine)
    days = [
        (row, rule.day(expires_on(model.RETENTION_CLASS, row.start, rule.policy)))
        for row in rows.order_by(model.PERIOD)
    ]
    return [(row, day) for row, day in days if day < row.expires_on]


def shorten(model: SumModel, rule: Rule) -> None:
    """Let the sums go when the rule says: their keys first, then the rows. Call as the worker, in a transaction."""
    late = later_than(model, rule)
    cls = model.RETENTION_CLASS
    keys = [(subject(model, row.association_id, row.start), cls, day) for row, day in late]
    shortening.shorten(rule.association_id, keys)
    for row, day in late:
        locked = model._default_manager.select_for_update().filter(pk=row.pk, expires_on__gt=day).first()
        if locked is not None:
            ledger.moved(rule.association_id, {(cls, locked.expires_on, day): 1})
            locked.expires_on = day
            locked.save(update_fields=["expires_on"])


def register(model: SumModel) -> None:
    """Let the reaper of orphan secrets tell which sums of `model` live."""
    orphans.register([model.RETENTION_CLASS], partial(living, model))


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
        text = open_row(model._meta.db_table, row.blob, secrets.get((name, cls)), _bound(row))
        if text is not None:
            opened.append((row.start, json.loads(text)))
    return sorted(opened, key=lambda pair: pair[0])
