"""What one machine pays: how long `script/server` takes, and what it holds.

It starts in a folder of its own, is stopped and started again under the clock, from nothing running to its address. Then a
person of each role looks at their pages, eight at once, and everybody leaves; a minute and a half later each process is counted,
the databases' too. Two figures, because neither alone is honest: private pages (what would be free if one process ended; shared
by two, a page is nobody's), and pages in proportion (Pss), which add up to what the machine lacks. Whatever else runs on the
machine makes it slower, not larger.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep

from tests.bench.memory import family
from tests.resilience.http_browser import Visitor
from tests.resilience.stack import free_port

ROOT = Path(__file__).resolve().parents[2]
QUIET = 90
"""Seconds after the last visitor: the web's connections are given back after sixty."""
PAGES = {
    "worker": ("/", "/maraude/cette-nuit/?toutes=1", "/maraude/notes/", "/cartes/equipe/"),
    "coordinator": ("/", "/cartes/coordination/", "/coordination/"),
    "admin": ("/", "/membres/"),
    "auditor": ("/", "/controle/"),
}
"""Who looks at what; a page that a renamed address no longer finds is still a page."""
SECONDS, MEGABYTES, PROCESSES = 6, 350, 12


def start(folder: Path, port: int) -> tuple["subprocess.Popen[str]", float]:
    """script/server until it says its address, and how long that took."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("MARAUDES_", "DJANGO_"))
    }
    ours = {"MARAUDES_VAR": str(folder), "MARAUDES_VENV": sys.prefix, "MARAUDES_PORT": str(port)}
    began = perf_counter()
    server = subprocess.Popen(
        ["script/server"],
        cwd=ROOT,
        env=plain | ours,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert server.stdout is not None
    for line in server.stdout:
        if "maraudes runs on" in line:
            return server, perf_counter() - began
    raise AssertionError("script/server did not start")


def stop(server: "subprocess.Popen[str]") -> None:
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=120)


@contextmanager
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="idle.", dir="/tmp"))
    folder.chmod(0o755)  # PostgreSQL is another user when root measures
    (folder / "stamps").mkdir()
    for step in ("python", "python-home", "node", "messages"):
        made = Path(os.environ.get("MARAUDES_VAR", ROOT / "var")) / "stamps" / step
        if made.exists():
            shutil.copy(made, folder / "stamps" / step)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def walk(port: int, account: str) -> None:
    visitor = Visitor(port, "127.0.0.1")
    visitor.get("/demo/")
    token = dict(visitor.form("demo_account").sends)["csrfmiddlewaretoken"]
    visitor.ask("POST", "/demo/", [("csrfmiddlewaretoken", token), ("demo_account", account)])
    assert visitor.status == 200, f"{account}: {visitor.status}"
    for path in PAGES[account] * 3:
        visitor.ask("GET", path)
        assert visitor.status < 500, f"{path}: {visitor.status}"


def private(pid: int) -> tuple[int, int]:
    """Bytes that are this process's alone, and bytes in proportion."""
    own = share = 0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in ("Private_Clean", "Private_Dirty"):
            own += 1024 * int(rest.split()[0])
        if name == "Pss":
            share += 1024 * int(rest.split()[0])
    return own, share


def roots(server: int, folder: Path) -> list[int]:
    """The server itself, and its PostgreSQL and Redis, which leave its family."""
    run = (folder / "run").resolve()
    database = (folder / "pg").resolve() / "postmaster.pid"
    return [server, int(database.read_text().split()[0]), int((run / "redis.pid").read_text())]


def report(server: int, folder: Path) -> None:
    rows = []
    for root in roots(server, folder):
        for pid in family(root):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().split()
                rows.append((*private(pid), " ".join(Path(word).name for word in words[:3])))
            except OSError:
                continue  # it ended meanwhile
    for own, share, name in sorted(rows, reverse=True):
        print(f"  {own / 1e6:6.1f} MB private, {share / 1e6:6.1f} MB in proportion: {name}")
    alone, shared = sum(row[0] for row in rows) / 1e6, sum(row[1] for row in rows) / 1e6
    kept = alone <= MEGABYTES and len(rows) <= PROCESSES
    print(
        f"idle: {alone:.0f} MB private, {shared:.0f} MB in proportion, {len(rows)} processes"
        f"   aim ≤ {MEGABYTES} MB private, ≤ {PROCESSES}: {'met' if kept else 'NOT met'}"
    )


def main() -> None:
    if not Path("/proc/self/smaps_rollup").exists():
        print("idle: only Linux tells what a process holds")
        return
    with place() as folder:
        port = free_port()
        first, seconds = start(folder, port)
        print(f"first start, the city made: {seconds:.1f} s on this machine, now")
        stop(first)
        server, seconds = start(folder, port)
        try:
            met = "met" if seconds <= SECONDS else "NOT met"
            print(f"start with the city there: {seconds:.1f} s on this machine, now   aim ≤ {SECONDS}: {met}")
            with ThreadPoolExecutor(8) as people:
                list(people.map(lambda account: walk(port, account), [*PAGES, *PAGES]))
            sleep(QUIET)
            report(server.pid, folder)
        finally:
            stop(server)


if __name__ == "__main__":
    main()
