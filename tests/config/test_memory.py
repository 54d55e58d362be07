"""No core file: presence first. a careless process that dies writes what it held; one of ours, dying the same way, nothing."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATTERN = Path("/proc/sys/kernel/core_pattern")
PROCESSES = {
    "gunicorn": "import config.gunicorn",
    "celery": "import config.celery",
    "django": "import django; django.setup()",
}
LIVE = """
import ctypes, os, resource, sys
held = ["{} in clear, as a form is while it is being sealed".format(word) for word in sys.argv[1:]]
"""
DIE = "os.abort()"


def run(code: str, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Python in `folder`, allowed to dump as much core as it likes."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = f'ulimit -S -c unlimited 2>/dev/null || true; exec "{sys.executable}" -c "$0" "$@"'
    return subprocess.run(
        ["bash", "-c", command, code, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def cores(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir() if path.name.startswith("core")]


def writes_files() -> bool:
    """Whether this machine puts core files beside the process, and lets this one ask for them."""
    pattern = PATTERN.read_text().strip() if PATTERN.exists() else "|"
    hard = subprocess.run(["bash", "-c", "ulimit -H -c"], capture_output=True, text=True, check=True).stdout
    return pattern.startswith("core") and hard.strip() != "0"


@pytest.mark.parametrize("process", PROCESSES)
def test_every_process_closes_the_way_to_a_core_file(process: str, tmp_path: Path) -> None:
    told = run(
        LIVE
        + PROCESSES[process]
        + "\nprint(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))",
        tmp_path,
    )
    assert told.stdout.split("\n")[-2] == "0 0", told.stderr


@pytest.mark.skipif(not writes_files(), reason="this machine keeps core files elsewhere, or keeps none")
def test_a_process_of_ours_that_dies_leaves_no_core_file(tmp_path: Path) -> None:
    word = f"held-{secrets.token_hex(8)}"
    careless, ours = tmp_path / "careless", tmp_path / "ours"
    for folder, process in ((careless, ""), (ours, PROCESSES["celery"])):
        folder.mkdir()
        done = run(f"{LIVE}{process}\n{DIE}", folder, word)
        assert done.returncode == -6, done.stderr
    assert any(word.encode() in core for core in cores(careless)), (
        "the control wrote no core: nothing is shown"
    )
    assert cores(ours) == []
