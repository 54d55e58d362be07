"""Foreign tools that a drill runs against a service: locked by hash, in venvs of their own, never in the application's.

They are made at the first long run (requirements/fuzz.txt, requirements/scan.txt) and kept beside the application's venv.
"""

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

from tests.resilience.stack import HOME, ROOT


def tools(name: str) -> Path:
    """The bin folder of the venv that holds requirements/<name>.txt. Raises AssertionError with pip's words."""
    lock, folder = ROOT / "requirements" / f"{name}.txt", HOME / "drills" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    stamp = folder / "stamp"
    with (folder.parent / f"{name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            python = folder / "bin" / "python"
            _run(sys.executable, "-m", "venv", "--clear", str(folder))
            _run(
                str(python),
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "--no-input",
                "--require-hashes",
                "-r",
                str(lock),
            )
            stamp.write_text(wanted)
    return folder / "bin"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
