"""What a process of this service holds in memory stays there: a crash writes no core file, no neighbour looks in.

Rule of the module: called wherever a process starts (gunicorn's configuration, Celery's, Django's own set-up); what a
process forks inherits limit and flag, what it executes the limit. A form exists in clear in the web's memory until it is sealed,
and a core file would keep it.
"""

import contextlib
import ctypes
import resource

PR_SET_DUMPABLE = 4


def keep_off_disk() -> None:
    """No core file, wherever the system would send one: the limit stops files, the flag also what a pipe collects (Linux)."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
