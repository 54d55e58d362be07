"""The control beside a search for residue: one string written in clear everywhere a careless program might write it.

Rule of the module: invented strings only, and everything is taken away again at the end of the block.
"""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from tests import databases
from tests.leak_places import STORES, VAR, broker, superuser

MARK = f"residue_{os.getpid()}"


@contextmanager
def planted(clear: str) -> Iterator[frozenset[str]]:
    """Write `clear` in all these ways for the length of the block; gives the places at which it must be found."""
    log, core = VAR / "log" / f"{MARK}.log", Path("/tmp") / f"core.{MARK}"  # noqa: S108
    key = Path(settings.KEK_DIR) / f"{MARK}.note"
    for alias in STORES.values():
        with databases.raw("owner", alias) as connection:
            connection.execute("CREATE TABLE residue_control (id serial, place text)")
            for _ in range(4):  # often enough for the statistics to keep it as a common value
                connection.execute("INSERT INTO residue_control (place) VALUES (%s)", [clear])
            connection.execute("INSERT INTO residue_control (place) VALUES ('elsewhere')")
            connection.execute("DELETE FROM residue_control WHERE id = 1")
    with databases.raw("owner") as connection:
        session = SessionStore().encode({"place": clear})
        connection.execute(
            "INSERT INTO django_session VALUES ('residue-control', %s, now() + interval '1 hour')", [session]
        )
    superuser("SET log_statement = 'all'", f"SELECT '{clear.replace(chr(39), '')}'")
    with broker() as connection:
        connection.set(f"residue:{clear}", clear)
        connection.lpush("residue-list", json.dumps({"args": [clear]}))
    log.write_text(f"INFO noted {clear}\n")
    core.write_bytes(clear.encode("utf-16-le"))
    key.write_bytes(base64.b64encode(b"x" + clear.encode()))
    try:
        yield frozenset(
            {
                *(
                    f"{store} {where}"
                    for store in STORES
                    for where in ("dump", "heap residue_control", "statistics")
                ),
                "wal",
                "redis",
                "redis file",
                "session",
                "log/postgresql.log",
                f"log/{log.name}",
                f"core file {core.name}",
                f"key file {key.name}",
            }
        )
    finally:
        for path in (log, core, key):
            path.unlink(missing_ok=True)
        for alias in STORES.values():
            with databases.raw("owner", alias) as connection:
                connection.execute("DROP TABLE IF EXISTS residue_control")
        with broker() as connection:
            connection.delete(f"residue:{clear}", "residue-list")
