"""A whole service to break: cluster, broker, keystore and processes in a folder of its own, and one that restarts the dead.

The processes are those of script/server and docker-compose.yml; `Keeper` starts again what ends, as `restart: unless-stopped`
does. The drill itself stands outside: it looks at the database over raw connections and lets `run` do what needs Django.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psycopg

from privacy.db.forcing import SAYING_SO
from tests import moment

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("MARAUDES_VAR", ROOT / "var"))
# Nothing of the test run's own service may reach this one.
PLAIN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("MARAUDES_", "DJANGO_SETTINGS", "PYTEST_"))
}
LIBRARY = 'for part in common system environment cluster application; do . "script/lib/$part.sh"; done; set -euo pipefail; '
POSTGRES = """find_postgres; place_folders
if is_root; then cd /; exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$PG_BIN/postgres" -D "$PG_DATA"; fi
exec "$PG_BIN/postgres" -D "$PG_DATA"
"""
REDIS = """place_folders
set -- --port 0 --unixsocket "$REDIS_SOCKET" --unixsocketperm 700 --save '' --appendonly no
if have redis-server; then exec redis-server "$@"; fi
exec -a redis-server redis-check-rdb "$@"
"""
PARTS = ("db", "broker", "web", "worker", "beat")
PARTS_OF_HEALTH = frozenset(
    ("database", "keystore", "broker", "sealed", "worker", "beat", "retention", "audit", "clock")
)
"""What /healthz of a whole service tells of."""
PATIENCE = 300
"""Seconds before a drill says that something did not happen; a shared machine can be slow."""


def until(true: Callable[[], bool], what: str, patience: float = PATIENCE, pause: float = 0.05) -> None:
    """Wait for it. Raises AssertionError naming `what` when it does not come."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"did not happen: {what}"
        time.sleep(pause)


def green(parts: dict[str, str]) -> bool:
    """Whether /healthz told of every part that must be there, and well of each."""
    return parts.keys() >= PARTS_OF_HEALTH and set(parts.values()) == {"ok"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@dataclass
class Stack:
    folder: Path
    port: int
    kept: "dict[str, Keeper]" = field(default_factory=dict)

    @classmethod
    @contextmanager
    def lent(cls) -> Iterator[Self]:
        """A service of its own for a while; all of it is gone afterwards."""
        made = cls.make()
        try:
            yield made
        finally:
            made.end()

    @classmethod
    def make(cls) -> Self:
        """An empty, migrated service; nothing runs yet."""
        folder = Path(tempfile.mkdtemp(prefix="drill.", dir="/tmp"))
        folder.chmod(0o755)
        stack = cls(folder, free_port())
        (folder / "stamps").mkdir()
        for step in ("python", "python-home", "node", "messages"):
            if (HOME / "stamps" / step).exists():
                shutil.copy(HOME / "stamps" / step, folder / "stamps" / step)
        for option in ("--without-browser", "--stop"):
            done = stack.script("script/setup", option)
            assert done.returncode == 0, done.stderr
            if option != "--stop":
                with stack.raw("owner") as owner:
                    owner.execute(moment.definition())
        return stack

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def values(self) -> dict[str, str]:
        """What var/env of this installation says."""
        return dict(line.split("=", 1) for line in (self.folder / "env").read_text().splitlines())

    def environment(self, **more: str) -> dict[str, str]:
        return PLAIN | {
            "MARAUDES_VAR": str(self.folder),
            "MARAUDES_VENV": str(HOME / "venv"),
            "DJANGO_SETTINGS_MODULE": "tests.resilience.settings",
            "MARAUDES_WEB_WORKERS": "1",
            "PYTHONPATH": str(ROOT),
            moment.AHEAD: os.environ[moment.AHEAD],
            **more,
        }

    def script(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )

    def manage(self, *command: str, days: int = 0, **more: str) -> "subprocess.CompletedProcess[str]":
        """`manage.py <command>` under the role it chooses itself, `days` ahead of the clock."""
        return subprocess.run(
            [str(HOME / "venv/bin/python"), "manage.py", *command],
            cwd=ROOT,
            env=self.environment(MARAUDES_CLOCK_OFFSET_DAYS=str(days), **more),
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, module: str, *arguments: str, role: str = "owner", days: int = 0) -> Any:
        """`python -m <module>` in this installation under `role`; gives the JSON of its last line.

        Raises AssertionError with what it printed when it fails.
        """
        done = subprocess.run(
            [str(HOME / "venv/bin/python"), "-m", module, *arguments],
            cwd=ROOT,
            env=self.environment(
                MARAUDES_DB_ROLE=role,
                MARAUDES_OWNER_WORK="on" if role == "owner" else "",
                MARAUDES_CLOCK_OFFSET_DAYS=str(days),
            ),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    def raw(self, role: str, database: str = "maraudes") -> psycopg.Connection[Any]:
        """A bare connection as `maraudes_<role>`; the owner says that it does the owner's work, and sees every row."""
        return psycopg.connect(
            options=SAYING_SO if role == "owner" else "",
            host=self.values["MARAUDES_PG_HOST"],
            port=5432,
            user=f"maraudes_{role}",
            password=self.values[f"MARAUDES_DB_PASSWORD_{role.upper()}"],
            dbname=database,
            autocommit=True,
        )

    def command(self, part: str, port: int = 0) -> list[str]:
        """How `part` is started: as script/server does it, or PostgreSQL and Redis in the foreground. `port`: another web's."""
        venv, celery = HOME / "venv/bin", ["--quiet", "-A", "config.celery"]
        match part:
            case "db":
                return ["bash", "-c", LIBRARY + POSTGRES]
            case "broker":
                return ["bash", "-c", LIBRARY + REDIS]
            case "web":
                return [
                    f"{venv}/gunicorn",
                    "config.wsgi",
                    "--config",
                    "python:config.gunicorn",
                    "--bind",
                    f"127.0.0.1:{port or self.port}",
                ]
            case "worker":
                return [
                    f"{venv}/celery",
                    *celery,
                    "worker",
                    "--without-gossip",
                    "--without-mingle",
                    "--concurrency",
                    "1",
                ]
            case "beat":
                return [
                    f"{venv}/celery",
                    *celery,
                    "beat",
                    "--schedule",
                    str(self.folder / "beat"),
                    "--pidfile=",
                ]
        raise ValueError(part)

    def start(self, *parts: str, days: int = 0, workers: int = 1) -> None:
        """Start `parts` (all of them by default), each kept alive until `stop`; database, broker and web are waited for."""
        for part in parts or PARTS:
            role = "web" if part == "web" else "worker"
            environment = self.environment(
                MARAUDES_DB_ROLE=role,
                MARAUDES_CLOCK_OFFSET_DAYS=str(days),
                MARAUDES_WEB_WORKERS=str(workers),
            )
            self.kept[part] = Keeper(part, self.command(part), environment, self.folder / "log")
            self.kept[part].start()
            if part == "db":
                until(self._db_answers, "PostgreSQL answers")
            if part == "broker":
                until(Path(self.values["MARAUDES_REDIS_URL"].removeprefix("unix://")).exists, "Redis answers")
            if part == "web":
                until(self.answers, "the web answers")

    def stop(self, *parts: str) -> None:
        """End `parts` (all by default) in order, the way an operator does; they stay down."""
        for part in reversed(parts or PARTS):
            if part in self.kept:
                self.kept.pop(part).stop()

    def _db_answers(self) -> bool:
        with suppress(psycopg.Error), self.raw("owner"):
            return True
        return False

    def answers(self) -> bool:
        return bool(self.health())

    def health(self) -> dict[str, str]:
        """What /healthz says of each part; {} while nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=20) as answer:  # noqa: S310
                return dict(json.load(answer)["parts"])
        except urllib.error.HTTPError as refused:
            with suppress(ValueError, KeyError):
                return dict(json.load(refused)["parts"])
            return {}
        except OSError:
            return {}

    def end(self) -> None:
        self.stop()
        for link in ("pg", "run"):
            with suppress(OSError):
                shutil.rmtree((self.folder / link).resolve(), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


class Keeper:
    """Keeps one process alive: starts it again when it ends, however it ended, until it is told to stop."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], logs: Path) -> None:
        self.name, self.command, self.environment = name, command, environment
        self.log = logs / f"{name}.log"
        self.starts = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _keep(self) -> None:
        while not self._ending.is_set():
            with self.log.open("ab") as output:
                self.process = subprocess.Popen(
                    self.command,
                    cwd=ROOT,
                    env=self.environment,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            self.starts += 1
            self.process.wait()
            self._ending.wait(0.2)

    def kill(self) -> bool:
        """SIGKILL to every process of this part; false when there is none at this moment.

        Of PostgreSQL only the first process is killed: its backends notice and end by themselves.
        """
        process = self.process
        if process is None or process.poll() is not None:
            return False
        with suppress(ProcessLookupError):
            if self.name == "db":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        return True

    def stop(self) -> None:
        self._ending.set()
        process = self.process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT if self.name == "db" else signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._thread.join(10)
