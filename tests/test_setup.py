"""The scripts that make a machine ready: what the running cluster allows, and that a second run changes nothing.

The running cluster is the one `script/test` made. Further clusters are made beside it, in a deep folder and in one that only root
can enter, to show that both traps of Unix sockets and of PostgreSQL as root are handled.
"""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import DataError

from tests import databases
from tests.resilience.stack import PARTS_OF_HEALTH, free_port

pytestmark = pytest.mark.alone
ROOT = Path(__file__).resolve().parents[1]
VAR = ROOT / "var"
# A script started from a test must not inherit the settings, the clock or the time zone of the test run.
OURS = ("MARAUDES_", "DJANGO_", "PYTEST_", "TZ")
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
ROLES = ("owner", "web", "worker", "audit", "keys")
PARTS = 'for part in common system environment cluster application; do . "script/lib/$part.sh"; done; set -euo pipefail; '


def bash(
    code: str, environment: dict[str, str] | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", code],
        cwd=cwd,
        env={**PLAIN, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def given() -> dict[str, str]:
    return dict(line.split("=", 1) for line in (VAR / "env").read_text().splitlines())


@pytest.mark.slow
def test_a_second_setup_does_nothing() -> None:
    first = bash("script/setup")
    assert first.returncode == 0, first.stderr
    before = {path: path.read_text() for path in (VAR / "stamps").iterdir()}
    second = bash("script/setup")
    assert second.returncode == 0 and len(second.stderr.splitlines()) == 1, second.stderr
    assert {path: path.read_text() for path in (VAR / "stamps").iterdir()} == before


def test_secrets_are_readable_by_their_owner_only() -> None:
    assert stat.S_IMODE((VAR / "env").stat().st_mode) == 0o600
    assert stat.S_IMODE((VAR / "kek").stat().st_mode) == 0o700
    values = given()
    passwords = [values[f"MARAUDES_DB_PASSWORD_{role.upper()}"] for role in ROLES]
    assert len(set(passwords)) == len(ROLES) and min(map(len, passwords)) >= 32
    assert len(values["MARAUDES_SECRET_KEY"]) >= 50


def test_the_cluster_listens_on_its_socket_alone() -> None:
    folder = Path(given()["MARAUDES_PG_HOST"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in (".s.PGSQL.5432", "redis.sock"):
        assert stat.S_ISSOCK((folder / name).stat().st_mode)
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o700


@pytest.mark.database
def test_the_cluster_logs_no_statement_and_no_value() -> None:
    expected = {
        "listen_addresses": "",
        "log_statement": "none",
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_min_duration_statement": "-1",
        "log_parameter_max_length_on_error": "0",
        "password_encryption": "scram-sha-256",
        "shared_preload_libraries": "postgis-3",
    }
    with databases.raw("web") as connection:
        query = "SELECT name, setting FROM pg_settings WHERE name = ANY (%s)"
        found = dict(connection.execute(query, [list(expected)]).fetchall())
        assert found.pop("shared_preload_libraries", "postgis-3") == "postgis-3"  # hidden from ordinary roles
    assert found == {name: value for name, value in expected.items() if name in found} and len(found) >= 8


@pytest.mark.database
def test_a_failing_statement_leaves_no_trace_in_the_log() -> None:
    planted, log = "Ousmane-48.85341", VAR / "log" / "postgresql.log"
    # Presence first: PostgreSQL tells the client the value.
    with databases.raw("web") as connection, pytest.raises(DataError, match=planted):
        connection.execute(f"SELECT '{planted}'::uuid")
    assert log.stat().st_size > 0 and planted not in log.read_text(errors="replace")


@pytest.mark.database
def test_no_role_is_more_than_it_must_be() -> None:
    with databases.raw("owner") as connection:
        rows = connection.execute(
            "SELECT rolname, rolsuper, rolcreaterole, rolbypassrls, rolreplication, rolcreatedb, rolcanlogin"
            " FROM pg_roles WHERE rolname LIKE 'maraudes%'"
        ).fetchall()
    found = {row[0]: row[1:] for row in rows}
    assert set(found) == {f"maraudes_{role}" for role in ROLES}
    for name, (superuser, createrole, bypass, replication, createdb, login) in found.items():
        assert not (superuser or createrole or bypass or replication) and login
        assert createdb == (name == "maraudes_owner")


@pytest.mark.parametrize(
    ("role", "database", "allowed"),
    [
        ("web", "maraudes", True),
        ("keys", "maraudes_keys", True),
        ("web", "maraudes_keys", False),
        ("worker", "maraudes_keys", False),
        ("audit", "maraudes_keys", False),
        ("keys", "maraudes", False),
        ("web", "postgres", False),
    ],
)
def test_who_may_connect_to_what(role: str, database: str, allowed: bool) -> None:
    code = f'psql -X -At -h "$MARAUDES_PG_HOST" -U maraudes_{role} -d {database} -c "SELECT 1"'
    found = bash(code, {**given(), "PGPASSWORD": given()[f"MARAUDES_DB_PASSWORD_{role.upper()}"]})
    assert (found.returncode == 0) == allowed, found.stderr
    if not allowed:
        assert "permission denied" in found.stderr


def test_a_wrong_password_and_the_superuser_by_password_are_refused() -> None:
    for user in ("maraudes_web", "maraudes_owner"):
        found = bash(
            f'psql -X -h "$MARAUDES_PG_HOST" -U {user} -d maraudes -c "SELECT 1"',
            {**given(), "PGPASSWORD": "wrong"},
        )
        assert found.returncode != 0 and "password authentication failed" in found.stderr
    found = bash(
        'psql -X -h "$MARAUDES_PG_HOST" -U nobody -d maraudes -c "SELECT 1"',
        {**given(), "PGPASSWORD": "wrong"},
    )
    assert found.returncode != 0


MAKE = (
    "find_postgres; mkdir -p $STAMPS $VAR/log; place_folders; write_env; start_pg; start_redis; make_roles; "
)


@pytest.fixture(params=["a deep folder", "a folder only root can enter"])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A copy of the scripts somewhere else; its cluster is stopped and removed afterwards."""
    base = Path(tempfile.mkdtemp(prefix="maraudes-setup."))
    deep = request.param == "a deep folder"
    base.chmod(0o755 if deep else 0o700)
    folder = base / "x".join(["a-long-name"] * 9) if deep else base
    shutil.copytree(ROOT / "script", folder / "script")
    yield folder
    bash(PARTS + "find_postgres; place_folders; stop_redis; stop_pg", cwd=folder)
    for far in {
        path.resolve() for path in (folder / "var" / "pg", folder / "var" / "run") if path.is_symlink()
    }:
        shutil.rmtree(far)
        if far.parent.name.startswith("maraudes-") and not any(far.parent.iterdir()):
            far.parent.rmdir()
    shutil.rmtree(base)


@pytest.mark.slow
def test_a_cluster_is_made_started_again_and_stopped_wherever_it_lies(elsewhere: Path) -> None:
    made = bash(PARTS + MAKE + 'echo "$RUN_DIR"', cwd=elsewhere)
    assert made.returncode == 0, made.stderr
    run = Path(made.stdout.strip())
    assert len(f"{run}/.s.PGSQL.5432") <= 107 and (run / ".s.PGSQL.5432").exists()
    assert (elsewhere / "var" / "run").resolve() == run
    secrets = (elsewhere / "var" / "env").read_text()

    again = bash(PARTS + MAKE + 'echo "started:$STARTED_PG$STARTED_REDIS"', cwd=elsewhere)
    assert again.stdout.strip() == "started:" and again.stderr == ""
    assert (elsewhere / "var" / "env").read_text() == secrets

    look = (
        PARTS
        + "find_postgres; place_folders; sql -d maraudes -At -c 'SELECT postgis_lib_version() IS NOT NULL'"
    )
    assert bash(look, cwd=elsewhere).stdout.strip() == "t", "PostGIS came from template1"

    # A server killed without a word still leaves its pid file: pg_ctl would call it running.
    pid = int(bash(PARTS + 'place_folders; head -1 "$PG_DATA/postmaster.pid"', cwd=elsewhere).stdout)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    os.kill(pid, 9)
    until = time.monotonic() + 60
    while any(map(runs, [str(pid), *children])) and time.monotonic() < until:
        time.sleep(0.1)  # the last child frees the memory that a new server would find taken
    revived = bash(
        PARTS + MAKE + 'echo "started:$STARTED_PG"; stop_what_we_started; pg_up || echo down', cwd=elsewhere
    )
    assert revived.stdout.split() == ["started:1", "down"], revived.stderr


def runs(pid: str) -> bool:
    """Whether a process is there and no zombie, which a container's first process may leave for good."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_busy_port_is_said_before_anything_starts() -> None:
    listen = (
        "import socket,subprocess,sys; s=socket.create_server(('127.0.0.1',0)); p=str(s.getsockname()[1]);"
    )
    run = "r=subprocess.run(['script/server'],env={**__import__('os').environ,'MARAUDES_PORT':p},capture_output=True,text=True);"
    found = bash(f'"{VAR}/venv/bin/python" -c "{listen}{run}print(r.returncode,r.stderr)"')
    assert re.search(r"1 error: port \d+ is busy, use MARAUDES_PORT=\d+", found.stdout), (
        found.stdout + found.stderr
    )


def committed(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


@pytest.mark.parametrize("name", ["requirements/base.txt", "requirements/dev.txt", "package-lock.json"])
def test_a_lock_holds_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert text.count("sha256:") + text.count("sha512-") > 5, "no hash is in the lock"
    assert "http" not in text and "--index" not in text and '"resolved"' not in text and "file:" not in text


def test_no_registry_and_no_place_of_this_machine_is_committed() -> None:
    registry = re.compile(
        r"https?://(?:registry|[a-z0-9.]*pypi|[a-z0-9.]*npmjs|proxy)[a-z0-9.]*\.[a-z]+|/root/\.pyenv"
    )
    assert registry.search("https://" + "registry.npmjs.org/x")
    guilty = []
    for path in committed():
        if path.is_file() and path.suffix not in {".png", ".gpkg", ".mo", ".zip", ".xlsx"}:
            text = path.read_text(errors="replace")
            if registry.search(text) or (str(ROOT) + "/" in text):
                guilty.append(path.relative_to(ROOT))
    assert guilty == []


def start_server(port: int, said: Path, **more: str) -> "subprocess.Popen[bytes]":
    """script/server as a person types it; returns once it has said its address."""
    with said.open("w") as output:
        server = subprocess.Popen(
            ["script/server"],
            cwd=ROOT,
            env={**PLAIN, "MARAUDES_PORT": str(port), **more},
            stdout=output,
            stderr=output,
            # A run in the background of a shell ignores Ctrl-C, and its children would inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    until = time.monotonic() + 300
    while "maraudes runs on" not in said.read_text() and server.poll() is None and time.monotonic() < until:
        time.sleep(0.5)
    if f"http://127.0.0.1:{port}/" not in said.read_text():
        server.terminate()
        raise AssertionError(said.read_text())
    return server


@pytest.mark.slow
def test_the_server_starts_says_where_it_is_and_stops_cleanly(tmp_path: Path) -> None:
    """The first command of the README, as a person types it, killed once without a word, and ended with Ctrl-C."""
    port, said = free_port(), tmp_path / "said"
    server = start_server(port, said)
    if shutil.which("setpriv"):  # its processes end with it, so the port is free again
        server.kill()
        server.wait()
        server = start_server(port, said)
    try:
        until = time.monotonic() + 300
        health = answer(port)
        while health != PARTS_OF_HEALTH and time.monotonic() < until:
            time.sleep(1)  # worker and beat may still be on their way
            health = answer(port)
        assert health == PARTS_OF_HEALTH
    finally:
        server.send_signal(signal.SIGINT)
    try:
        assert server.wait(timeout=300) == 0, said.read_text()
    except subprocess.TimeoutExpired:
        server.terminate()
        raise
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    left = bash(f"ps -eo args | grep -F '127.0.0.1:{port}' | grep -v grep")
    assert left.stdout == "", "a process outlived its server"
    running = bash(PARTS + "find_postgres; place_folders; pg_up && redis_up && echo running")
    assert running.stdout.strip() == "running", "what the server did not start is not its to stop"


@pytest.mark.slow
def test_the_server_starts_without_the_demonstration(tmp_path: Path) -> None:
    """Nothing is seeded, nothing dies, and the last words are what to do next."""
    port, said = free_port(), tmp_path / "said"
    server = start_server(port, said, MARAUDES_DEMO="0")
    until = time.monotonic() + 60
    while not re.search(r"create_association|connectez-vous", said.read_text()) and time.monotonic() < until:
        time.sleep(0.2)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response:
        page = response.read().decode()
    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=300) == 0, said.read_text()
    told = said.read_text()
    assert "demo" not in told and re.search(r"create_association|connectez-vous", told), told
    assert ("create_association" in page) is ("create_association" in told)


def answer(port: int) -> set[str]:
    """The parts that /healthz calls well."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as response:
            found = json.load(response)
    except urllib.error.HTTPError as error:
        found = json.load(error)
    return {name for name, state in found["parts"].items() if state == "ok"}
