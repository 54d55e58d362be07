"""A server that is unsafe does not start: the checks of `manage.py check` and the rights of each database role, at every process.

Rule of the module: called by config/wsgi.py and config/celery.py. What is wrong is a plain sentence on standard error and exit
status 3, at which gunicorn stops as a whole instead of trying again. A database that does not answer yet refuses nobody at
start: each connection is looked at again when it is made.
"""

import sys
from typing import Any, Never

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connections
from django.db.backends.signals import connection_created

STATUS = 3
"""What gunicorn takes for "the worker cannot boot, and will not the next time"."""

BEAT = "beat"
ROLES = {"web": "maraudes_web", "worker": "maraudes_worker"}
"""Door → the role of its connection `default`. Beat opens no connection."""

_RIGHTS = """
SELECT current_user::text, r.rolsuper, r.rolbypassrls,
    EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
        AND pg_has_role(c.relowner, 'USAGE'))
    OR EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')),
    current_setting('row_security')
FROM pg_roles r WHERE r.rolname = current_user
"""


def wrong_with(rights: tuple[str, bool, bool, bool, str], wanted: str | None) -> str:
    """Why a server may not work with a connection of these rights; "" when it may."""
    role, superuser, bypass, owner, row_security = rights
    if superuser or bypass:
        return "is bound by no row security: run script/setup, or ALTER ROLE … NOSUPERUSER NOBYPASSRLS"
    if owner:
        return "owns the tables: set MARAUDES_DB_ROLE to web or worker"
    if wanted and role != wanted:
        return f"is not {wanted}, the role of this process: set MARAUDES_DB_ROLE"
    if row_security != "on":
        return "has row_security turned off: remove that setting of the role"
    return ""


def refuse_unsafe(process: str) -> None:
    """End this process, saying why, when it would serve unsafely as `process`: "web", "worker" or "beat"."""
    problems = [
        f"{message.id}: {message.msg} {message.hint or ''}".strip()
        for message in checks.run_checks()
        if message.is_serious()
        and not message.is_silenced()
        and not (process == BEAT and message.id == "config.E007")  # it has no password, and needs none
    ]
    if problems:
        _stop(problems)
    if process != BEAT:
        _watch_roles(process)


def _watch_roles(process: str) -> None:
    def look(connection: Any, **_kwargs: Any) -> None:
        found = _trouble(connection, process)
        if found:
            connection.connection.close()
            raise ImproperlyConfigured(found)

    connection_created.connect(look, weak=False, dispatch_uid="config.starting")
    for alias in connections:
        try:
            connections[alias].ensure_connection()
        except Error:
            continue
        except ImproperlyConfigured as found:
            _stop([str(found)])
        finally:
            connections[alias].close()  # a process that is forked from this one must not share it


def _trouble(connection: Any, process: str) -> str:
    wanted = ROLES[process] if connection.alias == "default" else None
    with connection.wrap_database_errors:
        rights = connection.connection.execute(_RIGHTS).fetchone()
    wrong = wrong_with(tuple(rights), wanted)
    return f"config.E012: the database role of the connection {connection.alias} {wrong}." if wrong else ""


def _stop(problems: list[str]) -> Never:
    for problem in problems:
        sys.stderr.write(f"refusing to start: {problem}\n")
    sys.stderr.flush()
    raise SystemExit(STATUS)
