"""All that the service keeps, as raw bytes: every row of both databases read by their owner, and every entry of Redis."""

from typing import Any

import redis
from django.conf import settings

from tests import databases

Kept = dict[str, list[bytes]]


def everything() -> Kept:
    """Where → its entries, sorted: two calls are equal when nothing changed in between."""
    return {**_rows("default"), **_rows("keystore"), **_redis()}


def holds(kept: Kept, planted: str) -> list[str]:
    """Where a planted text stands, as UTF-8, as PostgreSQL prints bytes, or as JSON escapes it."""
    clear = planted.encode()
    forms = {clear, clear.hex().encode(), planted.encode("unicode_escape")}
    return [
        where for where, entries in kept.items() if any(form in entry for entry in entries for form in forms)
    ]


def _rows(database: str) -> Kept:
    found: Kept = {}
    with databases.raw("owner", database) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
        for (name,) in names:
            rows: list[Any] = connection.execute(f'SELECT t::text FROM "{name}" AS t').fetchall()
            found[f"{database}.{name}"] = sorted(row[0].encode() for row in rows)
    return found


def _redis() -> Kept:
    client = redis.Redis.from_url(settings.REDIS_URL)
    prefix = str(settings.CACHES["default"]["KEY_PREFIX"]).encode()
    keys = [key for key in client.scan_iter() if key.startswith(prefix)]
    return {"redis": sorted(key + b"=" + (client.dump(key) or b"") for key in keys)}
