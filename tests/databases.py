"""Real databases under their real roles: made and emptied by the owner, used by the tests as web, worker,
audit and keys.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from config.settings import environment
from privacy.db.forcing import SAYING_SO
from tests import moment, prepared

OWNER = "maraudes_owner"
ALIASES = ("default", "keystore", "audit")


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
    leave()
    for alias in ALIASES:
        connections[alias].settings_dict["NAME"] = _name(alias)
    drop()
    with _maintenance() as connection:
        names = {_name(alias) for alias in ALIASES}
        prepared.copy(connection, sorted(names), _migrate)
        for name in names:
            if not durable:
                connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    _made.add(_name("default"))
    set_clock()


def _migrate(name_of: Callable[[str], str]) -> None:
    """Fill the empty databases that `name_of` names, and go back to one's own."""
    for alias in ALIASES:
        connections[alias].settings_dict["NAME"] = name_of(_name(alias))
    try:
        with as_owner():
            call_command("migrate", verbosity=0, interactive=False)
            call_command("migrate", database="keystore", verbosity=0, interactive=False)
    finally:
        for alias in ALIASES:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = _name(alias)


_made: set[str] = set()


def set_clock() -> None:
    """The database, once there is one, lives at the tests' moment, as this process does."""
    if _name("default") in _made:
        with raw("owner") as connection:
            connection.execute(moment.definition())


def leave() -> None:
    """End every session of this process in the tests' databases."""
    for alias in ALIASES:
        connections[alias].close()
    while _owners:
        _owners.popitem()[1].close()


def drop() -> None:
    _made.discard(_name("default"))
    leave()
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


_owners: dict[str, psycopg.Connection[Any]] = {}
_REFERENCE = ("django_migrations", "spatial_ref_sys", "django_content_type")

# TRUNCATE waits for the disk and DELETE does not; what has grown is truncated all the same. Every foreign key is deferrable.
_EMPTY = """
DO $$
DECLARE t record; filled boolean;
BEGIN
    SET CONSTRAINTS ALL DEFERRED;
    FOR t IN SELECT c.oid::regclass AS name, EXISTS (SELECT FROM pg_trigger g
            WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgtype & 8 <> 0) AS guarded
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
            AND pg_relation_size(c.oid) BETWEEN 1 AND {most} AND c.relname <> ALL ('{{{reference}}}')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', t.name) INTO filled;
        CONTINUE WHEN NOT filled;
        IF t.guarded THEN EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', t.name); END IF;
        EXECUTE format('DELETE FROM %s', t.name);
        IF t.guarded THEN EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', t.name); END IF;
    END LOOP;
END $$
"""
_LARGE = """
SELECT c.oid::regclass::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    AND pg_relation_size(c.oid) > %s AND c.relname <> ALL (%s)
"""


def _owner(database: str) -> psycopg.Connection[Any]:
    """The owner's connection for what every test needs; made again when a test ended it."""
    if database in _owners:
        with suppress(psycopg.OperationalError):
            _owners[database].execute("SELECT 1")
            return _owners[database]
    _owners[database] = raw("owner", database)
    return _owners[database]


def empty(most: int = 2**18) -> None:
    """Empty every table of both databases; one of more than `most` bytes gets a new file, and with 0 every one does."""
    for database in ("default", "keystore"):
        connection = _owner(database)
        large = [row[0] for row in connection.execute(_LARGE, [most, list(_REFERENCE)])]
        if large:
            for table in large:
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            connection.execute(f"TRUNCATE {', '.join(large)} CASCADE")
            for table in large:
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        connection.execute(_EMPTY.format(most=most, reference=",".join(_REFERENCE)))
