"""Bare machines: both commands on Debian 12 and 13, as root and by sudo, without network, wherever the repository lies.

Each machine starts as debootstrap leaves it. Whoever follows the README types `script/server`, looks at it, ends it with Ctrl-C
and types `script/test`; here the same, then once more with nothing but the loopback. The whole of script/test runs on one machine
of each release, a part of it on the other.
"""

import json
import os
import re
from pathlib import Path

import pytest

from tests.resilience import debian_root
from tests.resilience.conftest import Drill
from tests.resilience.needs import ROOT, needs
from tests.resilience.stack import free_port, green, until

PART = ("-q", "tests/test_setup.py", "tests/config", "tests/outreach/members", "tests/privacy/core")
OFFLINE = ("-q", "tests/config", "tests/privacy/core", "tests/e2e/test_no.py")
LOOK = """
import sys, urllib.error, urllib.request
try:
    answer = urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/healthz", timeout=20)
except urllib.error.HTTPError as refused:
    answer = refused
print(answer.read().decode())
"""


def outside() -> str:
    """A program that ends well where there is a network."""
    return f"import urllib.request; urllib.request.urlopen({debian_root.mirror()!r}, timeout=10)"


def health(machine: debian_root.Machine, port: int, offline: bool) -> dict[str, str]:
    """What /healthz says, asked from inside."""
    asked = machine.run("python3", "-c", LOOK, str(port), offline=offline)
    return dict(json.loads(asked.stdout)["parts"]) if asked.returncode == 0 else {}


def serve(
    machine: debian_root.Machine, where: str, user: str, said: Path, offline: bool = False
) -> list[str]:
    """script/server until it is green, then Ctrl-C; gives who ran what while it was up. Raises AssertionError otherwise."""
    port = free_port()
    command = f"echo $$ >/tmp/server.pid; export MARAUDES_PORT={port}; exec script/server"
    server = machine.start(said, "bash", "-c", command, user=user, cwd=where, offline=offline)
    long_enough = 3600.0  # a first start installs; it ends by itself when something is wrong
    until(
        lambda: "maraudes runs on" in said.read_text() or server.poll() is not None, "an address", long_enough
    )
    assert f"http://127.0.0.1:{port}/" in said.read_text(), said.read_text()
    until(lambda: green(health(machine, port, offline)), "a green /healthz", 600)
    running = machine.processes()
    pid = (machine.root / "tmp/server.pid").read_text().strip()
    assert machine.run("bash", "-c", f"kill -INT {pid}").returncode == 0
    assert server.wait(300) == 0, said.read_text()
    assert machine.processes() == [], "something outlived its server"
    return [f"{who} {re.sub('.*/', '', command.split()[0])}" for who, command in running]


def suite_of(
    machine: debian_root.Machine, where: str, user: str, arguments: tuple[str, ...], offline: bool
) -> str:
    """The last lines of `script/test`. Raises AssertionError with its end when a test fails."""
    done = machine.run("script/test", *arguments, user=user, cwd=where, offline=offline)
    kept = os.environ.get("MARAUDES_DRILL_LOGS")
    if kept:
        name = f"{machine.release}-{user}-{'offline' if offline else 'online'}.txt"
        Path(kept, name).write_text(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    found = re.findall(r"(\d+ passed[^\n]*)", done.stdout)
    found += [f"{count} in JavaScript" for count in re.findall(r"^# pass (\d+)", done.stdout, re.MULTILINE)]
    assert found, done.stdout[-2000:]
    return "; ".join(found)


MACHINES = [
    ("trixie", "root", ()),
    ("bookworm", debian_root.USER, ()),
    ("bookworm", "root", PART),
    ("trixie", debian_root.USER, PART),
]


@pytest.mark.long
@needs(ROOT, "debootstrap")
@pytest.mark.parametrize(
    ("release", "user", "arguments"), MACHINES, ids=[f"{release}-{user}" for release, user, _ in MACHINES]
)
def test_both_commands_on_a_bare_machine(
    release: str, user: str, arguments: tuple[str, ...], drill: Drill, tmp_path: Path
) -> None:
    name = f"machines: {debian_root.RELEASES[release]}, {'root' if user == 'root' else 'sudo'}"
    with debian_root.machine(release) as machine:
        assert machine.run("sh", "-c", "command -v psql redis-cli node python3 git").stdout == "", "not bare"
        where = machine.clone("/root/maraudes" if user == "root" else f"/home/{user}/maraudes", user)
        running = serve(machine, where, user, tmp_path / "first")
        drill.say(f"{name}: script/server green; {', '.join(sorted(set(running)))}")
        drill.say(
            f"{name}: script/test {' '.join(arguments) or '(all)'}: {suite_of(machine, where, user, arguments, False)}"
        )
        assert machine.run("python3", "-c", outside(), offline=True).returncode != 0, (
            "this is not without network"
        )
        serve(machine, where, user, tmp_path / "offline", offline=True)
        drill.say(f"{name}: without network green again; {suite_of(machine, where, user, OFFLINE, True)}")
