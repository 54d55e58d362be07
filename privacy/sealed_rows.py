"""Opening sealed rows: what does not open is skipped, counted and told.

Rule of the module: a row whose secret is gone was forgotten, and is simply not there. One whose secret lives and that does not
open is damaged: it takes no page down, the page says how many there were, and /healthz says in which table for a day.
"""

from collections import Counter
from contextvars import ContextVar
from typing import Any

from django.core.cache import cache
from redis import RedisError

from privacy.core import envelope
from privacy.core.errors import Unreadable

TOLD_FOR = 24 * 60 * 60
"""Seconds for which /healthz tells of a damaged row after somebody met it."""

KEY = "damaged-rows"

_met: ContextVar[Counter[str] | None] = ContextVar("damaged", default=None)


def open_row(table: str, blob: bytes | memoryview, secret: bytes | None, bound: bytes) -> bytes | None:
    """The plaintext of one row of `table`; None where its secret is gone (None), or where it is damaged, which is noted."""
    if secret is None:
        return None
    try:
        return envelope.unseal(bytes(blob), secret, bound)
    except Unreadable:
        note_damage(table)
        return None


def note_damage(table: str) -> None:
    """Count one row of `table` that lives and does not say what it should."""
    met = _met.get()
    if met is None:
        _met.set(met := Counter())
    met[table] += 1
    try:
        cache.set(KEY, sorted({*damaged_lately(), table}), TOLD_FOR)
    except RedisError:
        return  # the page counts; /healthz says already that Redis is away


def begin(**_signal: Any) -> None:
    """Forget what an earlier request of this thread met; connected to `request_started`."""
    _met.set(None)


def damaged() -> Counter[str]:
    """How many rows this request found damaged, by table."""
    return Counter(_met.get() or {})


def damaged_lately() -> list[str]:
    """The tables in which somebody met a damaged row within the last day. Raises RedisError."""
    return list(cache.get(KEY, []))
