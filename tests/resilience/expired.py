"""What is over, counted from outside over bare connections: how many rows there are, and how many of them a person is shown.

Rule of the module: the tables are the catalogue's, every one that has a day of expiry; nothing is listed by hand.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

import psycopg

TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = 'expires_on' AND NOT a.attisdropped
  AND EXISTS (SELECT 1 FROM pg_attribute b WHERE b.attrelid = c.oid AND b.attname = 'association_id')
  AND has_table_privilege('maraudes_web', c.oid, 'SELECT') AND c.relname NOT IN %s
ORDER BY 1
"""
# Not data of a night: the account book outlives what it counts, by design; an invitation is read by a function that hides it.
BOOKS = "('retention_ledgerentry', 'outreach_invitation')"


def tables(owner: psycopg.Connection[Any]) -> list[str]:
    return [name for (name,) in owner.execute(TABLES % BOOKS)]


def unguarded(owner: psycopg.Connection[Any]) -> list[str]:
    """Tables whose rows the web role is shown, or may write, without a look at the effective day.

    Deleting what is over is what the purge does, and harms nobody.
    """
    rows = owner.execute(
        "SELECT tablename FROM pg_policies WHERE schemaname = 'public' AND 'maraudes_web' = ANY (roles)"
        " AND cmd <> 'DELETE'"
        " AND (qual NOT LIKE '%app_today()%' OR with_check NOT LIKE '%app_today()%')"
    )
    return sorted({name for (name,) in rows} & set(tables(owner)))


def present(owner: psycopg.Connection[Any], by: date) -> int:
    """Rows that end on or before `by`, whoever may see them."""
    return sum(_count(owner, table, by) for table in tables(owner))


def shown(
    owner: psycopg.Connection[Any],
    web: psycopg.Connection[Any],
    association: str,
    teams: Iterable[str],
    by: date,
) -> Counter[str]:
    """The same rows, by table, as a member of all `teams` is shown them, past the application: by row security alone."""
    names = tables(owner)
    with web.transaction():
        web.execute(
            "SELECT set_config('app.association_id', %s, true), set_config('app.team_ids', %s, true)",
            [association, "{" + ",".join(teams) + "}"],
        )
        return Counter({table: _count(web, table, by) for table in names})


def _count(connection: psycopg.Connection[Any], table: str, by: date) -> int:
    row = connection.execute(f'SELECT count(*) FROM "{table}" WHERE expires_on <= %s', [by]).fetchone()
    return int(row[0]) if row else 0


def without_high_water(owner: psycopg.Connection[Any]) -> None:
    """The control: the service forgets which day it has seen. Its own trigger refuses that until it is taken away."""
    try:
        owner.execute("DELETE FROM retention_highwater")
    except psycopg.errors.IntegrityError:
        pass
    else:
        raise AssertionError("the high-water mark of time could be taken away")
    owner.execute("ALTER TABLE retention_highwater DISABLE TRIGGER forward_only")
    owner.execute("DELETE FROM retention_highwater")
    owner.execute("ALTER TABLE retention_highwater ENABLE TRIGGER forward_only")
