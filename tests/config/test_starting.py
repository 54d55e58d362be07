"""Every process refuses what `manage.py check` refuses: real gunicorn and Celery processes, each with one fault."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import starting
from tests.config.test_checks import ROOT, given

BIN = Path(sys.executable).parent
PATIENCE = 120
CELERY = ("celery", "--quiet", "-A", "config.celery")
WORKER = (*CELERY, "worker", "--without-gossip", "--without-mingle", "--concurrency", "1")
SAFE = ("maraudes_web", False, False, False, "on")


@pytest.mark.parametrize(
    ("rights", "word"),
    [
        (("maraudes_web", True, False, False, "on"), "no row security"),
        (("maraudes_web", False, True, False, "on"), "no row security"),
        (("maraudes_web", False, False, True, "on"), "owns the tables"),
        (("maraudes_worker", False, False, False, "on"), "is not maraudes_web"),
        (("maraudes_web", False, False, False, "off"), "row_security"),
    ],
)
def test_a_role_that_row_security_does_not_bind_may_not_serve(
    rights: tuple[str, bool, bool, bool, str], word: str
) -> None:
    assert starting.wrong_with(SAFE, "maraudes_web") == ""
    assert word in starting.wrong_with(rights, "maraudes_web")


def ended(folder: Path, *command: str, **fault: str) -> tuple[int | None, str]:
    """Exit status and standard error of a process that starts in production with a fault; None for one that serves on."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("MARAUDES_", "DJANGO_"))
    }
    told = {"DJANGO_SETTINGS_MODULE": "config.settings.production", "MARAUDES_WEB_WORKERS": "1"}
    said = folder / "said"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [str(BIN / command[0]), *command[1:]],
            cwd=ROOT,
            env=plain | given() | told | fault,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            if _at_work(said.read_text(errors="replace"), folder):
                return None, said.read_text(errors="replace")
            time.sleep(0.1)
        return process.poll(), said.read_text(errors="replace")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _at_work(said: str, folder: Path) -> bool:
    """It says that it is ready, or answers on its socket."""
    if "worker.ready" in said or "beat.ready" in said:
        return True
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        if connection.connect_ex(str(folder / "web")):
            return False
        try:
            connection.sendall(
                b"GET /healthz HTTP/1.0\r\nHost: any.example\r\nX-Forwarded-Proto: https\r\n\r\n"
            )
            return connection.recv(16).startswith(b"HTTP/")
        except OSError:
            return False


def web(folder: Path) -> tuple[str, ...]:
    return ("gunicorn", "config.wsgi", "--config", "python:config.gunicorn", "--bind", f"unix:{folder}/web")


@pytest.fixture
def open_folder(tmp_path: Path) -> str:
    folder = tmp_path / "kek"
    folder.mkdir()
    folder.chmod(0o755)
    return str(folder)


FAULTS = {
    "any host": ({"MARAUDES_HOSTS": "*"}, "config.E004"),
    "a short key": ({"MARAUDES_SECRET_KEY": "short"}, "config.E003"),
    "no proxy counted": ({"MARAUDES_PROXIES": "0"}, "config.E013"),
    "an open key folder": ({"MARAUDES_KEK_DIR": "open"}, "config.E010"),
    "the owner": ({"MARAUDES_DB_ROLE": "owner"}, "config.E012"),
    "another role": ({"MARAUDES_DB_ROLE": "worker"}, "config.E012"),
}


@pytest.mark.slow
def test_without_a_fault_the_web_serves(tmp_path: Path) -> None:
    status, said = ended(tmp_path, *web(tmp_path))
    assert status is None, said


SHARED = """
import os, stat
import config.wsgi
sockets = [fd for fd in range(256) if os.path.exists(f"/dev/fd/{fd}") and stat.S_ISSOCK(os.fstat(fd).st_mode)]
print("sockets", sockets)
"""


@pytest.mark.slow
def test_what_is_loaded_before_gunicorn_forks_holds_no_connection(tmp_path: Path) -> None:
    """The checks asked the databases; a connection that two processes share gives one the rows of the other."""
    status, said = ended(tmp_path, "python", "-c", SHARED)
    assert status == 0 and said.rstrip().endswith("sockets []"), said


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_gunicorn_refuses(fault: str, tmp_path: Path, open_folder: str) -> None:
    given_, code = FAULTS[fault]
    values = {name: open_folder if value == "open" else value for name, value in given_.items()}
    status, said = ended(tmp_path, *web(tmp_path), **values)
    assert status == starting.STATUS, said
    assert f"refusing to start: {code}: " in said


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["a short key", "an open key folder", "the owner"])
def test_the_worker_refuses(fault: str, tmp_path: Path, open_folder: str) -> None:
    given_, code = FAULTS[fault]
    values = {name: open_folder if value == "open" else value for name, value in given_.items()}
    status, said = ended(tmp_path, *WORKER, **values)
    assert status == starting.STATUS, said
    assert f"refusing to start: {code}: " in said


@pytest.mark.slow
def test_beat_refuses_and_needs_no_password(tmp_path: Path, open_folder: str) -> None:
    beat = (*CELERY, "beat", "--schedule", f"{tmp_path}/schedule", "--pidfile=")
    none = {f"MARAUDES_DB_PASSWORD_{role}": "" for role in ("WORKER", "KEYS", "AUDIT", "OWNER", "WEB")}
    status, said = ended(tmp_path, *beat, **none)
    assert status is None, said
    status, said = ended(tmp_path, *beat, MARAUDES_KEK_DIR=open_folder)
    assert status == starting.STATUS, said
