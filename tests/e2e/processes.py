"""The real processes of a journey: gunicorn, Celery's worker and beat, and manage.py, on the tests' databases.

Rule of the module: everything a process prints is collected, because what it prints is one of the things a journey searches.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from tests.leak_places import ROOT

BIN = Path(sys.executable).parent
PATIENCE = 180
"""Seconds a process may take to start: a shared machine can be slow."""


@dataclass
class Processes:
    """What a journey started, and where each one's output goes."""

    folder: Path
    outputs: dict[str, Path] = field(default_factory=dict)

    def environment(self, role: str, days: int) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.e2e.settings",
            "MARAUDES_DB_ROLE": role,
            "MARAUDES_KEK_DIR": str(settings.KEK_DIR),
            "MARAUDES_AUDIT_KEY_DIR": str(settings.AUDIT_KEY_DIR),
            "MARAUDES_CLOCK_OFFSET_DAYS": str(days),
            "MARAUDES_WEB_WORKERS": "1",
            "PYTHONPATH": str(ROOT),
        }

    def printed(self) -> dict[str, bytes]:
        """What every process printed so far, by the name of its place."""
        return {f"output of {name}": path.read_bytes() for name, path in self.outputs.items()}

    def wait_for(self, name: str, line: bytes) -> None:
        """Until the process `name` has printed `line`."""
        _until(lambda: line in self.outputs[name].read_bytes())

    @contextmanager
    def running(self, name: str, role: str, days: int, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A process of this installation, in its own session; ended, and waited for, at the end of the block."""
        self.outputs[name] = self.folder / f"{name}.log"
        with self.outputs[name].open("ab") as output:
            process = subprocess.Popen(
                [str(BIN / command[0]), *command[1:]],
                cwd=ROOT,
                env=self.environment(role, days),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    @contextmanager
    def web(self, days: int = 0) -> Iterator[str]:
        """gunicorn as script/server starts it, `days` ahead of the clock; gives its address."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        options = ("config.wsgi", "--config", "python:config.gunicorn", "--bind", f"127.0.0.1:{port}")
        with self.running(f"web-{days}", "web", days, "gunicorn", *options) as process:
            _until(lambda: answers(address), process)
            yield address

    @contextmanager
    def background(self, days: int = 0) -> Iterator[None]:
        """Celery's worker with beat in a thread, as script/server starts it."""
        celery = ("celery", "--quiet", "-A", "config.celery")
        worker = ("worker", "--without-gossip", "--without-mingle", "--concurrency", "1")
        beat = ("--beat-thread", str(self.folder / "beat-schedule"))
        with self.running("worker", "worker", days, *celery, *worker, *beat) as process:
            said = self.outputs["worker"]
            _until(lambda: said.read_bytes().count(b".ready") == 2, process)
            yield

    def manage(self, *command: str, days: int = 0) -> "subprocess.CompletedProcess[str]":
        """`manage.py <command>` under the database role it chooses itself, `days` ahead of the clock."""
        environment = self.environment("", days)
        del environment["MARAUDES_DB_ROLE"]
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=10):  # noqa: S310
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _until(true: Callable[[], bool], process: "subprocess.Popen[bytes] | None" = None) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert process is None or process.poll() is None, "the process ended by itself"
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
