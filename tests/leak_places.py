"""What a run leaves behind, searched byte by byte: both databases, their files, the WAL, statistics, logs, Redis, sessions, keys.

Rule of the module: presence first. A search that finds nothing proves something only beside a control that wrote the same kind of
string in clear and was found everywhere it went (`planted`). Absence is told per place: where a string stood before (a
territory's own squares), nothing may have been added.

Limits: only this machine, this PostgreSQL and this Redis; memory, swap and the disk's own copies are not read. Compressed or
encrypted copies are not opened, except sessions, which are decoded.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from privacy.db.forcing import SAYING_SO
from tests import databases, moment, wal

ROOT = Path(__file__).resolve().parents[1]
VAR = Path(os.environ.get("MARAUDES_VAR", ROOT / "var"))
STORES = {"data": "default", "keystore": "keystore"}
SLOT = f"residue_{os.getpid()}"


def superuser(*statements: str, database: str = "postgres") -> list[str]:
    """Lines that the cluster's superuser is answered; only the system user who owns the cluster may be it."""
    command = ["psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", *_where(), "-U", "postgres", "-d", database]
    done: subprocess.CompletedProcess[str] = subprocess.run(
        [*command, *(part for one in statements for part in ("-c", one))],
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
        **_as_cluster(),
    )
    return done.stdout.splitlines()


def _where() -> list[str]:
    return ["-h", settings.DATABASES["default"]["HOST"], "-p", str(settings.DATABASES["default"]["PORT"])]


def _as_cluster() -> dict[str, Any]:
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def name_of(store: str) -> str:
    return str(settings.DATABASES[STORES[store]]["TEST"]["NAME"])


def broker() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL)


@dataclass(frozen=True)
class Watch:
    """One stretch of a run: WAL is searched from `start` on, files when they changed after `began`."""

    start: int
    timeline: str
    began: float
    folder: Path

    def places(self, extra: Mapping[str, bytes] | None = None) -> list[tuple[str, bytes]]:
        """Everything there is to read, by the name of its place, after telling PostgreSQL to write down all it holds in memory.

        extra: further bytes by the name of their place, such as what a process printed.
        """
        return [*self._places(), *(extra or {}).items()]

    def from_here(self) -> "Watch":
        """The same, but WAL from now on only: after a first look, whose own ANALYZE is in the WAL too."""
        return replace(self, **_start())

    def _places(self) -> Iterator[tuple[str, bytes]]:
        yield from self.journal()  # first: what follows writes WAL itself
        for alias in STORES.values():
            with databases.raw("owner", alias) as connection:
                connection.execute(f"ANALYZE {', '.join(_tables(connection))}")
        superuser("CHECKPOINT")
        for store in STORES:
            yield f"{store} dump", dump(store)
            yield from _heap(self.folder, store)
            statistics = (
                "SELECT c.relname || ' ' || s::text FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid"
            )
            yield f"{store} statistics", "\n".join(superuser(statistics, database=name_of(store))).encode()
        yield from _redis()
        yield from session_places()
        yield from _files(self.began)

    def journal(self) -> Iterator[tuple[str, bytes]]:
        """The WAL since `start`: changes, and apart from them the copies of whole pages by the table they belong to."""
        lines = superuser("SELECT pg_logical_emit_message(true, 'residue', '')", "SELECT pg_switch_wal()")
        names = {int(_oid(store)): (store, _filenodes(store)) for store in STORES}
        # 0: what belongs to no table or to the whole cluster. Other databases of the machine are not this service's.
        changes, copies = wal.sorted_out(self._records(wal.number(lines[-1])), {0, *names})
        yield "wal", changes
        for (database, file), images in copies.items():
            store, tables = names.get(database, ("cluster", {}))
            yield f"wal page of {store} {tables.get(str(file), file)}", images

    def writes(self, since: str, until: str) -> list[str]:
        """What transactions changed in our databases between two positions of the WAL: ["data outreach_draft INSERT", …].

        PostgreSQL's own catalogue is left out: its autovacuum changes that whenever it likes.
        """
        names = {int(_oid(store)): (store, _filenodes(store)) for store in STORES}
        found, seen = [], 0
        for record in self._records(wal.number(until)):
            if record.lsn >= wal.number(since):
                seen += 1
                database, file = record.relation
                if record.xid and database in names:
                    store, tables = names[database]
                    table = tables.get(str(file), str(file))
                    if not table.startswith("pg_") or table.startswith("pg_toast"):
                        found.append(f"{store} {table} {record.word}")
        assert seen, "no WAL between the two positions could be read"
        return found

    def _records(self, until: int) -> Iterator[wal.Record]:
        return wal.read(self.folder / "pg_wal", self.timeline, self.start, until)


def position() -> str:
    """Where the WAL stands now, everything before it written."""
    return superuser("SELECT pg_current_wal_insert_lsn() FROM pg_logical_emit_message(true, 'residue', '')")[
        0
    ]


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch from here on. A temporary slot keeps the WAL from being recycled; it ends with its connection."""
    # Otherwise the first change of a page would copy the whole page, with what it held before, into our stretch of the WAL.
    for store in STORES:
        superuser("VACUUM (FREEZE, ANALYZE)", database=name_of(store))
    superuser("CHECKPOINT")
    command = ["psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", *_where(), "-U", "postgres", "-d", "postgres"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        cwd="/",
        **_as_cluster(),
    ) as session:
        assert session.stdin and session.stdout
        session.stdin.write(
            f"SELECT slot_name FROM pg_create_physical_replication_slot('{SLOT}', true, true);\n"
        )
        assert session.stdout.readline().strip() == SLOT
        folder = Path(superuser("SHOW data_directory")[0])
        try:
            yield Watch(folder=folder, **_start())
        finally:
            session.stdin.close()


def _start() -> dict[str, Any]:
    """A fresh segment of the WAL, its timeline, and the time (seconds since 1970)."""
    lines = superuser(
        "SELECT pg_logical_emit_message(true, 'residue', '')",
        "SELECT pg_switch_wal()",
        "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)",
    )
    start = -(-wal.number(lines[-2]) // wal.SEGMENT) * wal.SEGMENT
    return {"start": start, "timeline": lines[-1], "began": moment.machine_seconds()}


TERRITORY = frozenset({"outreach_sector", "outreach_sectorcell"})
"""Reference tables: every square of every sector stands there in clear, whether anybody was met or not."""


COPIES = ("data heap pg_statistic", *(f"wal page of data {table}" for table in ("pg_statistic", *TERRITORY)))
"""Where PostgreSQL itself copies what stood in the territory's tables before: whole pages, beside whatever changed on them."""


def of_tonight(added: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What was added to any place but `COPIES`."""
    left = {
        name: [place for place in places if not place.startswith(COPIES)] for name, places in added.items()
    }
    return {name: places for name, places in left.items() if places}


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    """Tables whose statistics are to be made now; those of the territory were made before the stretch began."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return [f'"{name}"' for (name,) in rows if name not in TERRITORY | {"spatial_ref_sys"}]


def dump(store: str) -> bytes:
    """What a backup would hold, as SQL."""
    environment = os.environ | {
        "PGPASSWORD": os.environ["MARAUDES_DB_PASSWORD_OWNER"],
        "PGOPTIONS": SAYING_SO,
    }
    command = ["pg_dump", "--enable-row-security", *_where(), "-U", databases.OWNER, name_of(store)]
    return subprocess.run(command, check=True, capture_output=True, env=environment).stdout


def _oid(store: str) -> str:
    return superuser(f"SELECT oid FROM pg_database WHERE datname = '{name_of(store)}'")[0]


def _filenodes(store: str) -> dict[str, str]:
    lines = superuser("SELECT pg_relation_filenode(oid), relname FROM pg_class", database=name_of(store))
    return dict(line.split("|") for line in lines if not line.startswith("|"))


def _heap(folder: Path, store: str) -> Iterator[tuple[str, bytes]]:
    """The files of every table and index, dead rows included; reference tables of PostGIS apart, whose text is published."""
    names = _filenodes(store)
    for path in sorted((folder / "base" / _oid(store)).iterdir()):
        name = names.get(path.name.split(".")[0].split("_")[0], path.name)
        if path.is_file() and not name.startswith("spatial_ref_sys"):
            yield f"{store} heap {name}", path.read_bytes()


def _redis() -> Iterator[tuple[str, bytes]]:
    """Every key and value of this run's numbered database, then Redis's own file on disk (which is never written otherwise)."""
    with broker() as connection:
        for key in connection.scan_iter(count=1000):
            pulse = bytes(key).endswith((b"maraudes:beat", b"maraudes:worker"))
            yield "redis pulse" if pulse else "redis", bytes(key) + b"\n" + _value(connection, key)
        before: Any = connection.config_get("*")
        target = Path(before["dir"]) / before["dbfilename"]
        assert not target.exists(), "Redis is set up to write nothing to disk"
        connection.config_set("rdbcompression", "no")
        try:
            connection.save()
            yield "redis file", target.read_bytes()
        finally:
            target.unlink(missing_ok=True)
            connection.config_set("rdbcompression", before["rdbcompression"])


def _value(connection: "redis.Redis", key: bytes) -> bytes:
    readers: dict[bytes, Any] = {
        b"string": lambda: connection.get(key),
        b"list": lambda: connection.lrange(key, 0, -1),
        b"hash": lambda: connection.hgetall(key),
        b"set": lambda: connection.smembers(key),
        b"zset": lambda: connection.zrange(key, 0, -1, withscores=True),
        b"stream": lambda: connection.xrange(key),
    }
    found = readers.get(connection.type(key), lambda: b"")()  # type: ignore[arg-type]
    return found if isinstance(found, bytes) else _joined(found)


def _joined(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict):
        value = [part for pair in value.items() for part in pair]
    if isinstance(value, list | set | tuple):
        return b"\n".join(_joined(part) for part in value)
    return str(value).encode()


def sessions() -> dict[str, dict[str, Any]]:
    """What every session holds, by its key."""
    with databases.raw("owner") as connection:
        rows = connection.execute("SELECT session_key, session_data FROM django_session").fetchall()
    return {key: SessionStore().decode(data) for key, data in rows}


def session_places() -> Iterator[tuple[str, bytes]]:
    """The sessions alone, as places to search."""
    for held in sessions().values():
        yield "session", json.dumps(held, ensure_ascii=False, default=str).encode()


def _files(began: float) -> Iterator[tuple[str, bytes]]:
    """Logs, key files, and whatever else of ours changed in var/ or was left as a core file."""
    for path in sorted(Path(settings.KEK_DIR).rglob("*")):
        if path.is_file():
            yield f"key file {path.name}", path.read_bytes()
    for folder in ("log", "run", "kek"):
        for path in sorted((VAR / folder).rglob("*")):
            if path.is_file() and path.stat().st_mtime >= began - 1:
                yield f"{folder}/{path.name}", path.read_bytes()
    for pattern in (ROOT.glob("core*"), Path("/tmp").glob("core*"), Path("/var/crash").glob("*")):  # noqa: S108
        for path in pattern:
            if path.is_file() and path.stat().st_mtime >= began:
                yield f"core file {path.name}", path.read_bytes()
