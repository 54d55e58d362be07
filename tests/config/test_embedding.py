"""On one machine the scheduler is a thread of the worker, and ends with it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.heartbeat import Pulse, age, client, key
from tests.bench.memory import family

ROOT = Path(__file__).resolve().parents[2]
CELERY = str(Path(sys.executable).parent / "celery")
WORKER = (
    "--quiet",
    "-A",
    "config.celery",
    "worker",
    "--without-gossip",
    "--without-mingle",
    "--concurrency",
    "1",
)
PATIENCE = 120


def until(happens: Callable[[], bool], process: "subprocess.Popen[bytes]", said: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happens():
        assert process.poll() is None and time.monotonic() < deadline, said.read_text(errors="replace")
        time.sleep(0.1)


@pytest.mark.slow
def test_a_worker_runs_the_scheduler_without_a_process_more(tmp_path: Path) -> None:
    said, schedule = tmp_path / "said", tmp_path / "schedule"
    with client() as connection:
        connection.delete(key(Pulse.BEAT))
    with said.open("wb") as output:
        process = subprocess.Popen(
            [CELERY, *WORKER, "--beat-thread", str(schedule)],
            cwd=ROOT,
            env=os.environ | {"MARAUDES_DB_ROLE": "worker", "DJANGO_SETTINGS_MODULE": "tests.e2e.settings"},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        until(lambda: "worker.ready" in said.read_text(errors="replace"), process, said)
        until(lambda: age(Pulse.BEAT) is not None, process, said)
        if Path("/proc").is_dir():
            assert len(family(process.pid)) == 2, "a worker and its pool of one"
    finally:
        process.terminate()
    assert process.wait(60) == 0, said.read_text(errors="replace")
    assert list(tmp_path.glob("schedule*")), "what ran when was not written down"
