"""A copy of the test database with its policies and rights, but without constraints and triggers: rows of any kind fit in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

from config.settings import environment
from privacy.db.forcing import SAYING_SO
from tests import databases

Row = Mapping[str, Any]
KEYS = ("id", "cell", "month", "quarter", "week", "index")
"""Columns of primary keys, drawn where a row does not say them."""
DRAWN = {
    "uuid": "gen_random_uuid()",
    "bigint": "(random() * 1e15)::bigint",
    "integer": "(random() * 1e9)::int",
    "character varying": "left(md5(random()::text), 20)",
    "date": "date '2000-01-01' + (random() * 9999)::int",
}
_OURS = "c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relowner = current_user::regrole"


def connect(role: str, name: str) -> psycopg.Connection[Any]:
    """A session of `role` in the copy."""
    database = settings.DATABASES["default"]
    return psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=f"maraudes_{role}",
        password=environment.read(f"MARAUDES_DB_PASSWORD_{role.upper()}"),
        dbname=name,
        autocommit=True,
        options=SAYING_SO if role == "owner" else None,
    )


@contextmanager
def bare_copy() -> Iterator[str]:
    """The name of the copy, gone at the end of the block."""
    source = connections["default"].settings_dict["NAME"]
    name = f"{source}_bare"
    databases.leave()
    with databases._maintenance() as maintenance:
        databases.drop_one(maintenance, name)
        maintenance.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        try:
            with connect("owner", name) as owner:
                _strip(owner)
            yield name
        finally:
            databases.drop_one(maintenance, name)


def _strip(owner: psycopg.Connection[Any]) -> None:
    """Let every column but the key be empty, and nothing refuse a row but its policy."""
    for kind, table, what in owner.execute(
        f"SELECT 'TRIGGER', c.oid::regclass::text, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        f" WHERE {_OURS} AND NOT t.tgisinternal UNION ALL"
        f" SELECT 'CONSTRAINT', c.oid::regclass::text, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
        f" WHERE {_OURS} AND k.contype IN ('f', 'c') UNION ALL"
        f" SELECT 'COLUMN', c.oid::regclass::text, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        f" WHERE {_OURS} AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped"
        "  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))"
    ).fetchall():
        if kind == "TRIGGER":
            owner.execute(f'DROP TRIGGER "{what}" ON {table}')
        elif kind == "CONSTRAINT":
            owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{what}" CASCADE')
        else:
            owner.execute(f'ALTER TABLE {table} ALTER COLUMN "{what}" DROP NOT NULL')
    for (unique,) in owner.execute(
        f"SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        f" WHERE {_OURS} AND i.indisunique AND NOT i.indisprimary"
    ).fetchall():
        table_constraint = owner.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE conindid = %s::regclass",
            [unique],
        ).fetchone()
        if table_constraint:
            owner.execute('ALTER TABLE {} DROP CONSTRAINT "{}" CASCADE'.format(*table_constraint))
        else:
            owner.execute(f"DROP INDEX {unique}")


def columns(owner: psycopg.Connection[Any]) -> dict[str, dict[str, str]]:
    """Every table of ours with its columns and their types."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in owner.execute(
        f"SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        f" WHERE {_OURS} AND a.attnum > 0 AND NOT a.attisdropped"
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def every(choices: Mapping[str, tuple[Any, ...]], names: list[str]) -> list[Row]:
    """Every combination of the choices of these columns."""
    return [dict(zip(names, values, strict=True)) for values in product(*(choices[name] for name in names))]


def insert(session: psycopg.Connection[Any], table: str, kinds: Mapping[str, str], row: Row) -> None:
    """One row that says this, with a key of its own."""
    made = {
        key: DRAWN[kind] for key, kind in kinds.items() if key in KEYS and key not in row and kind in DRAWN
    }
    names = ", ".join(f'"{name}"' for name in (*made, *row))
    values = ", ".join([*made.values(), *["%s"] * len(row)])
    session.execute(
        f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE VALUES ({values})", list(row.values())
    )
