"""What a whole service leaves on its disks, byte by byte: every file of its folder (cluster, WAL, logs, keys) and Redis's memory.

Rule of the module: presence first. A search counts only beside a control of the same run that was found.
"""

import http.cookiejar
import os
import signal
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import redis

from tests.resilience.stack import LIBRARY, ROOT, Stack


class Hand:
    """A browser without scripts that keeps its cookies, signed in with a session that exists or with none."""

    def __init__(self, stack: Stack, session: str = "") -> None:
        self.stack = stack
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        if session:
            self._put("sessionid", session)

    def _put(self, name: str, value: str) -> None:
        self.jar.set_cookie(
            http.cookiejar.Cookie(
                0,
                name,
                value,
                None,
                False,
                "127.0.0.1",
                True,
                False,
                "/",
                True,
                False,
                None,
                False,
                None,
                None,
                {},
            )
        )

    def get(self, path: str) -> str:
        return self.ask(path)[1]

    def ask(self, path: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(self.stack.address + path))  # noqa: S310

    def post(self, path: str, **fields: object) -> tuple[int, str]:
        token = next((cookie.value for cookie in self.jar if cookie.name == "csrftoken"), "") or ""
        data = urllib.parse.urlencode(fields, doseq=True).encode()
        request = urllib.request.Request(self.stack.address + path, data, {"X-CSRFToken": token})  # noqa: S310
        return self._open(request)

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def hidden(self, path: str, name: str) -> str:
        return self.get(path).split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


def as_superuser(stack: Stack, *statements: str) -> str:
    """What the cluster's superuser is answered."""
    asked = " ".join(f"-c '{statement}'" for statement in statements)
    told = stack.script("bash", "-c", LIBRARY + f"find_postgres; place_folders; sql -At -d postgres {asked}")
    assert told.returncode == 0, told.stderr
    return told.stdout


def places(stack: Stack) -> Iterator[tuple[str, bytes]]:
    """Every file, after PostgreSQL and Redis wrote down all they hold."""
    with stack.raw("owner") as owner:
        owner.execute("ANALYZE")
    as_superuser(stack, "CHECKPOINT")
    socket = stack.values["MARAUDES_REDIS_URL"]
    with redis.Redis.from_url(socket) as connection:
        for key in connection.scan_iter():
            with suppress(redis.RedisError):
                yield "redis", bytes(key) + b" " + bytes(connection.dump(key) or b"")
    for path in sorted(stack.folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield str(path.relative_to(stack.folder)), path.read_bytes()


def core_files(stack: Stack, since: float) -> Mapping[str, bytes]:
    """Core files written since, wherever a process of the service works."""
    folders = (
        ROOT,
        Path("/tmp"),  # noqa: S108
        (stack.folder / "pg").resolve(),
        (stack.folder / "run").resolve(),
        stack.folder,
    )
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in folder.glob("core*")
        if path.is_file() and path.suffix != ".py" and path.stat().st_mtime >= since
    }


def crash(pid: int) -> bool:
    """As a fault of the machine would: the signal whose default is to dump core."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSEGV)
        return True
    return False
