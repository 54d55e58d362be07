"""Which numbered database of Redis a test run empties: its own, held by a lock that ends with the process however it ends.

Number 0 is never given: it belongs to script/server. What a run starts inherits the number through the environment.
"""

import fcntl
import os
from pathlib import Path
from typing import IO
from zlib import crc32

from django.core.exceptions import ImproperlyConfigured

LAST = 15
"""Redis has sixteen databases unless it is told otherwise."""

_held: list[IO[str]] = []


def claim(folder: Path, run: str) -> int:
    """The number of `run`, 1 to 15. Raises ImproperlyConfigured when fifteen runs are at work."""
    folder.mkdir(parents=True, exist_ok=True)
    first = crc32(run.encode())
    for step in range(LAST):
        number = 1 + (first + step) % LAST
        lock = (folder / str(number)).open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _held.append(lock)
        return number
    raise ImproperlyConfigured("fifteen test runs are at work on this machine: wait until one of them ends")


def number_of(folder: Path, run: str) -> int:
    """The number that this process or the one that started it claimed for `run`."""
    name = f"MARAUDES_TEST_REDIS_{run}"
    if name not in os.environ:
        os.environ[name] = str(claim(folder, run))
    return int(os.environ[name])
