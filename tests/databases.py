"""Real databases under their real roles: made and emptied by the owner, used by the tests as web, worker,
release, audit and keys.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from config.settings import environment
from privacy.db.forcing import SAYING_SO
from tests import moment

OWNER = "maraudes_owner"
ALIASES = ("default", "keystore", "release", "audit")


def _name(alias: str) -> str:
    return str(settings.DATABASES[alias]["TEST"]["NAME"])


def raw(role: str, database: str = "default", **options: Any) -> psycopg.Connection[Any]:
    """A bare connection as `maraudes_<role>`, past Django; autocommit unless told otherwise."""
    options.setdefault("autocommit", True)
    if role == "owner":
        options.setdefault("options", SAYING_SO)
    return psycopg.connect(
        host=settings.DATABASES["default"]["HOST"],
        port=settings.DATABASES["default"]["PORT"],
        user=f"maraudes_{role}",
        password=environment.read(f"MARAUDES_DB_PASSWORD_{role.upper()}"),
        dbname=_name(database),
        **options,
    )


def _maintenance() -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=settings.DATABASES["default"]["HOST"],
        port=settings.DATABASES["default"]["PORT"],
        user=OWNER,
        password=environment.read("MARAUDES_DB_PASSWORD_OWNER"),
        dbname="postgres",
        autocommit=True,
    )


def create(*, durable: bool = True) -> None:
    """Fresh test databases, migrated by the owner; afterwards every Django connection points at them under its own role.

    Not `durable`: a commit does not wait for the disk. Tests that crash nothing are faster so; measurements stay durable.
    """
    moment.restart()
    for alias in ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = _name(alias)
    drop()
    with _maintenance() as connection:
        for name in {_name(alias) for alias in ALIASES}:
            connection.execute(f'CREATE DATABASE "{name}"')
            if not durable:
                connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    with as_owner():
        call_command("migrate", verbosity=0, interactive=False)
        call_command("migrate", database="keystore", verbosity=0, interactive=False)
    _made.add(_name("default"))
    set_clock()


_made: set[str] = set()


def set_clock() -> None:
    """The database, once there is one, lives at the tests' moment, as this process does."""
    if _name("default") in _made:
        with raw("owner") as connection:
            connection.execute(moment.definition())


def drop() -> None:
    _made.discard(_name("default"))
    for alias in ALIASES:
        connections[alias].close()
    with _maintenance() as connection:
        for name in {_name(alias) for alias in ALIASES}:
            drop_one(connection, name)


def drop_one(connection: psycopg.Connection[Any], name: str) -> None:
    """Autovacuum may be at work in it, whom only a superuser ends: then it is tried again."""
    for _try in range(50):
        try:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            return
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
            time.sleep(0.2)
    connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def contents(besides: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Every row of both databases as PostgreSQL prints it, a table at a time ("default.outreach_record", its rows)."""
    for alias in ("default", "keystore"):
        with raw("owner", alias) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for (table,) in tables:
                if table != "spatial_ref_sys" and table not in besides:
                    rows = connection.execute(f'SELECT t::text FROM "{table}" t').fetchall()
                    yield f"{alias}.{table}", "\n".join(row[0] for row in rows)


@contextmanager
def role(user: str, *aliases: str) -> Iterator[None]:
    """Run the block with the Django connections `aliases` under another role; the owner says that it does the owner's work."""
    before = {alias: dict(connections[alias].settings_dict) for alias in aliases}
    for alias in aliases:
        connections[alias].close()
        if user == OWNER:
            told = connections[alias].settings_dict["OPTIONS"]
            connections[alias].settings_dict["OPTIONS"] = {**told, "options": SAYING_SO}
        connections[alias].settings_dict["USER"] = user
        connections[alias].settings_dict["PASSWORD"] = environment.read(
            f"MARAUDES_DB_PASSWORD_{user.removeprefix('maraudes_').upper()}"
        )
    try:
        yield
    finally:
        for alias, kept in before.items():
            connections[alias].close()
            connections[alias].settings_dict.update(kept)


@contextmanager
def before(app: str, migration: str) -> Iterator[Callable[[], None]]:
    """The tables as they were at `migration`; what it gives takes them to today's, and so does the end of the block."""

    def today() -> None:
        with as_owner():
            call_command("migrate", app, verbosity=0)
        set_clock()

    with as_owner():
        call_command("migrate", app, migration, verbosity=0)
    try:
        yield today
    finally:
        today()


def as_owner() -> Any:
    """Set the scene as the owner of all tables, saying that it is the owner's work (privacy.db.forcing)."""
    return role(OWNER, "default", "keystore")


def as_worker() -> Any:
    """Run tasks and commands as the worker does."""
    return role("maraudes_worker", "default")


_tables: dict[str, list[str]] = {}


def _filled(connection: psycopg.Connection[Any], table: str) -> bool:
    row = connection.execute(f'SELECT EXISTS (SELECT 1 FROM "{table}")').fetchone()
    return bool(row and row[0])


def empty() -> None:
    """Truncate every table of both databases that a test may have filled (append-only triggers stand aside for the owner)."""
    for database in ("default", "keystore"):
        with raw("owner", database) as connection:
            if database not in _tables:
                rows = connection.execute(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                    " AND tablename NOT IN ('django_migrations', 'spatial_ref_sys', 'django_content_type')"
                ).fetchall()
                _tables[database] = [row[0] for row in rows]
            filled = [table for table in _tables[database] if _filled(connection, table)]
            if filled:
                names = ", ".join(f'"{table}"' for table in filled)
                for table in filled:
                    connection.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
                connection.execute(f"TRUNCATE {names} CASCADE")
                for table in filled:
                    connection.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
