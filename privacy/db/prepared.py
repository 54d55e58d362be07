"""A cursor whose statements PostgreSQL plans once per connection: for the few that every request runs.

Rule of the module: row security is part of the plan, the scope is not: it is read from the transaction's settings at every
execution. Django binds on the client and plans anew each time; with row security over five tables planning took nine times
as long as running (one run, ADR 16).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

ONLY_WHEN_ASKED = 1_000_000


class Planned(psycopg.Cursor[tuple[Any, ...]]):
    """Prepares whatever it executes, and shows it to Django's query log (without values) where a test counts statements."""

    alias = DEFAULT_DB_ALIAS

    def run(self, statement: str, values: Sequence[Any]) -> None:
        connection = connections[self.alias]
        if connection.queries_logged:
            connection.queries_log.append({"sql": statement, "time": "0"})
        self.execute(statement, values, prepare=True)


@contextmanager
def cursor(alias: str = DEFAULT_DB_ALIAS) -> Iterator[Planned]:
    """A cursor on a database, inside the transaction that is open there, if any. Errors are wrapped as Django's."""
    connection = connections[alias]
    connection.ensure_connection()
    raw: psycopg.Connection[tuple[Any, ...]] = connection.connection
    if raw.prepare_threshold is None:
        # Django's None forbids preparing altogether; this allows it where it is asked for, and only there.
        raw.prepare_threshold = ONLY_WHEN_ASKED
    with connection.wrap_database_errors, Planned(raw) as opened:
        opened.alias = alias
        yield opened
