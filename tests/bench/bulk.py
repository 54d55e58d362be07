"""Rows by the hundred thousand, put into the stage by the owner's COPY: what is measured comes afterwards, by the real path.

Rule of the module: a bulk row is what the service would have written, byte for byte where the measured path opens it, and it
passes every constraint: those that COPY would test a row at a time are taken off and put back, which tests them all at once.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from time import perf_counter
from typing import Any

from tests import databases

SLICE = 20_000
Row = Sequence[Any]

_FOREIGN = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
"""


def say(line: str) -> None:
    """Progress, for whoever watches; figures go to standard output."""
    print(line, file=sys.stderr, flush=True)


def copy(
    table: str, columns: dict[str, str], rows: Iterable[Row], of: int, database: str = "default"
) -> None:
    """COPY `rows` into `table`; `columns` gives the PostgreSQL type of each column. Commits a slice at a time.

    COPY knows no row security, so the table does not force it on its owner meanwhile.
    """
    source, done, start = iter(rows), 0, perf_counter()
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    with databases.raw("owner", database) as connection:
        connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        while chunk := list(islice(source, SLICE)):
            with connection.cursor() as cursor, cursor.copy(statement) as writer:
                writer.set_types(list(columns.values()))
                for row in chunk:
                    writer.write_row(row)
            done += len(chunk)
            if done % (5 * SLICE) == 0 or done >= of:
                say(f"  {table}: {done:,} of {of:,}, {perf_counter() - start:.0f} s")
        connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


@contextmanager
def unchecked(tables: Sequence[str], database: str = "default") -> Iterator[None]:
    """Foreign keys of `tables` leave for the block and come back checked; row triggers stand aside for it."""
    with databases.raw("owner", database) as connection:
        keys = connection.execute(_FOREIGN, [list(tables)]).fetchall()
        for table, name, _definition in keys:
            connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for table in tables:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for table, name, definition in keys:
            connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for table in tables:
            connection.execute(f"ANALYZE {table}")
