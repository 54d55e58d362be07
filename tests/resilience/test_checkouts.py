"""Wherever the repository lies: in a path with spaces, in one of 120 characters, beside another; and after its server was killed.

Each checkout is a clone of the last commit with libraries, databases and sockets of its own, as somebody would make it by hand.
"""

import json
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.resilience import debian_root
from tests.resilience.conftest import Drill
from tests.resilience.needs import needs
from tests.resilience.stack import LIBRARY, PLAIN, ROOT, green, until

PART = ("-q", "tests/test_setup.py", "tests/config", "tests/outreach/members")
TIMES = 5


@dataclass
class Server:
    """`script/server` of a checkout on a port of its own; what it says goes to a file."""

    root: Path
    port: int
    said: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self) -> "subprocess.Popen[bytes]":
        with self.said.open("w") as output:
            self.process = subprocess.Popen(
                ["script/server"],
                cwd=self.root,
                env=PLAIN | {"MARAUDES_PORT": str(self.port)},
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                # A run in the background of a shell ignores Ctrl-C, and its children would inherit that.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        return self.process

    def up(self) -> None:
        """Started, with its address said and all of it green. Raises AssertionError with what it said."""
        process = self.start()
        until(
            lambda: "maraudes runs on" in self.said.read_text() or process.poll() is not None,
            "an address",
            3600,
        )
        assert f"http://127.0.0.1:{self.port}/" in self.said.read_text(), self.said.read_text()
        until(lambda: green(self.health()), "a green /healthz", 300)

    def health(self) -> dict[str, str]:
        address = f"http://127.0.0.1:{self.port}/healthz"
        with suppress(OSError), urllib.request.urlopen(address, timeout=20) as answer:
            return dict(json.load(answer)["parts"])
        return {}

    def kill(self) -> None:
        """SIGKILL to the script alone: it can tell nobody."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(300)

    def processes(self) -> list[str]:
        """Commands of the web, worker and beat that this checkout runs, PostgreSQL and Redis aside."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                mine = (entry / "cwd").resolve() == self.root.resolve()
                if mine and ("config.wsgi" in command or "config.celery" in command):
                    found.append(command)
        return found


def quiet_port() -> int:
    """A free port that the system gives to nobody who asks for any: the first start of a checkout takes minutes."""
    for port in random.sample(range(20000, 30000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no port is free")


def bash(root: Path, code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-c", LIBRARY + code], cwd=root, env=PLAIN, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="checkouts.", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def cloned(where: Path) -> Path:
    where.parent.mkdir(parents=True)
    debian_root.checked("git", "clone", "--quiet", "--no-hardlinks", f"file://{ROOT}", where)
    debian_root.checked("git", "-C", where, "remote", "remove", "origin")
    return where


def gone(root: Path) -> None:
    """Its private servers stopped, and the folders that lie elsewhere removed."""
    bash(root, "script/setup --stop")
    for link in ("pg", "run"):
        target = (root / "var" / link).resolve()
        if not target.is_relative_to(root.resolve()):
            shutil.rmtree(target, ignore_errors=True)


@pytest.mark.long  # tests/test_setup.py kills it once in every run
@needs("setpriv")  # with it Linux ends the children of a killed script
def test_a_killed_server_takes_its_processes_along_and_starts_again(drill: Drill, tmp_path: Path) -> None:
    server = Server(ROOT, quiet_port(), tmp_path / "said")
    before = server.processes()
    server.up()
    try:
        assert len(server.processes()) > len(before), "presence first"
        for _time in range(TIMES):
            server.kill()
            assert (ROOT / f"var/server-{server.port}.pid").exists()
            server.up()
    finally:
        assert server.stop() == 0, server.said.read_text()
    assert not (ROOT / f"var/server-{server.port}.pid").exists()
    until(lambda: len(server.processes()) <= len(before), "no process outlives its server")
    drill.say(f"checkouts: a killed script/server green again on its port {TIMES} of {TIMES} times")


def too_long_without_us(root: Path) -> bool:
    """Whether PostgreSQL refuses the socket this checkout would have without the short folder."""
    plain = root / "var/plain"
    code = (
        f'find_postgres; place_folders; mkdir -p "{plain}"; chmod 777 "{plain}"; '
        f'as_pg timeout 10 "$PG_BIN/postgres" -D "$PG_DATA" -c unix_socket_directories=\'{plain}\''
    )
    refused = bash(root, code)
    return refused.returncode != 0 and "too long" in refused.stderr


@pytest.mark.long
def test_a_path_with_spaces_and_a_long_one_side_by_side(drill: Drill, tmp_path: Path, folder: Path) -> None:
    spaced = cloned(folder / "a folder with spaces" / "ma raude")
    deep = cloned(folder / "/".join(["a-name-of-thirty-two-characters-x"] * 4) / "maraudes")
    assert " " in str(spaced) and len(str(deep)) >= 120
    one, two = Server(spaced, quiet_port(), tmp_path / "one"), Server(deep, quiet_port(), tmp_path / "two")
    try:
        one.up()
        two.up()
        assert green(one.health()) and green(two.health())
        assert (spaced / "var/env").read_text() != (deep / "var/env").read_text()
        one.kill()
        assert green(two.health()), "what happens to one must not reach the other"
        one.up()
        assert green(one.health()) and green(two.health())
        busy = Server(spaced, two.port, tmp_path / "busy")
        assert busy.start().wait(60) == 1 and f"port {two.port} is busy" in busy.said.read_text()
        assert green(two.health())
        assert two.stop() == 0 and two.processes() == [] and green(one.health())
        drill.say(
            f"checkouts: a path with spaces and one of {len(str(deep))} characters, up side by side, one killed and up again"
        )
        for name, root in (("spaces", spaced), ("long", deep)):
            tested = subprocess.run(
                ["script/test", *PART], cwd=root, env=PLAIN, capture_output=True, text=True, check=False
            )
            assert tested.returncode == 0, tested.stdout[-5000:] + tested.stderr[-2000:]
            drill.say(
                f"checkouts: {name}: script/test {' '.join(PART)}: {tested.stdout.strip().splitlines()[-1]}"
            )
        assert too_long_without_us(deep), "the control: without the short folder PostgreSQL has no socket"
        assert not too_long_without_us(spaced)
    finally:
        for server in (one, two):
            if server.process:
                server.stop()
            gone(server.root)
