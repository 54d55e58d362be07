"""Migrated databases that a run copies: made once for each state of the code, kept in the cluster from run to run.

Rule of the room: the name holds a digest of everything that a migration could read, so a copy is never older than the code. No
one can connect to a prepared database; PostgreSQL copies it whole, but for who may connect, which is granted again.
"""

from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
READ = ("config", "maps", "outreach", "privacy", "requirements", "tension")
KINDS = {".py", ".sql", ".txt"}
BEGINNING = "prepared_"


@cache
def digest() -> str:
    """Of every file that a migration could read."""
    said = sha256()
    for path in sorted(
        path for folder in READ for path in (ROOT / folder).rglob("*") if path.suffix in KINDS
    ):
        said.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return said.hexdigest()[:16]


def copy(
    connection: psycopg.Connection[Any],
    wanted: Iterable[str],
    migrate: Callable[[Callable[[str], str]], None],
) -> None:
    """Make the databases `wanted` through the owner's `connection`; `migrate` is told what to call those it fills."""

    def name_of(one: str) -> str:
        return f"{BEGINNING}{digest()}_{one}"

    names = list(wanted)
    connection.execute("SELECT pg_advisory_lock(hashtext('prepared'))")  # two workers make one
    try:
        there = {
            row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE NOT datallowconn")
        }
        if not {name_of(one) for one in names} <= there:
            _prepare(connection, names, name_of, migrate)
        for one in names:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(one), sql.Identifier(name_of(one))
                )
            )
            _grant_again(connection, name_of(one), one)
    finally:
        connection.execute("SELECT pg_advisory_unlock(hashtext('prepared'))")


def _prepare(
    connection: psycopg.Connection[Any],
    names: list[str],
    name_of: Callable[[str], str],
    migrate: Callable[[Callable[[str], str]], None],
) -> None:
    """Those of other states of the code go; one without the last line is half made, and goes as well."""
    older = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [BEGINNING])
    for (name,) in older.fetchall():
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    for one in names:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name_of(one))))
    migrate(name_of)
    for one in names:
        connection.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name_of(one)))
        )


def _grant_again(connection: psycopg.Connection[Any], source: str, target: str) -> None:
    granted = connection.execute(
        "SELECT coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC'), a.privilege_type"
        " FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = %s",
        [source],
    ).fetchall()
    if granted:
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(target)))
    for grantee, privilege in granted:
        connection.execute(
            sql.SQL("GRANT {} ON DATABASE {} TO {}").format(
                sql.SQL(privilege), sql.Identifier(target), sql.SQL(grantee)
            )
        )
