"""Tables written anew after their rows were erased, so that a copy of the disk holds what lives and nothing else.

Rule of the module: it may fail and keeps nothing alive by that. A table in use, a full disk: the next purge of the next day tries
again. Sealed rows need none of it, their keys are gone; it is for what stands in clear: sessions, addresses, rounds, the book.
"""

from collections.abc import Iterable

from django.db import DatabaseError, connection, transaction

BOOK = ("retention_ledgerentry", "retention_purgerun", "retention_highwater")
"""Tables of this application whose lines change without an eraser."""


_CHILDREN = """
SELECT DISTINCT c.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
WHERE k.contype = 'f' AND p.relname = ANY (%s)
"""


def rewrite(tables: Iterable[str]) -> list[str]:
    """Write each table anew, and those whose rows went with its rows; returns those that were.

    Large ones (64 MB) and those in use are passed over.
    """
    wanted, done = set(tables), []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CHILDREN, [sorted(wanted)])
        wanted |= {name for (name,) in cursor.fetchall()}
    for table in sorted(wanted):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT retention_rewrite(%s)", [table])
                if cursor.fetchone()[0]:
                    done.append(table)
        except (
            DatabaseError
        ):  # in use for longer than a third of a second, no room on the disk, or no right to
            continue
    return done
