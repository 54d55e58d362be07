"""The phone's API under schemathesis: no 5xx, and no error that says more than one word of a closed list.

A whole service answers, with real sessions, CSRF tokens, rounds and sealed drafts; a weak API beside it shows that the same run
finds an echo, a crash and a shown path. It has no short form; tests/outreach/api says in every run what it found once.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from outreach.api import document
from tests.resilience.conftest import Drill
from tests.resilience.stack import ROOT, Stack
from tests.resilience.tools import tools
from tests.resilience.vulnerable_app import weak_web

pytestmark = pytest.mark.long

MINUTES = int(os.environ.get("MARAUDES_FUZZ_MINUTES", "21"))
WORDS = (
    "bad-request,not-signed-in,forbidden,too-large,not-understood,not-found,csrf,refused,lead-only,wrong-role,second-factor,no-membership,"
    "too-late,planned,cancelled,already-planned,bad-encounter"
)
TOKEN = "a" * 32
"""The CSRF pair of a client is cookie and header; whether they belong together is checked, not where they come from."""


def fuzz(
    folder: Path, schema: str, address: str, session: str, scene: dict[str, Any], seconds: int
) -> dict[str, Any]:
    """Run schemathesis for `seconds`; what it found, how often it called what, and what it printed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "api.json").write_text(schema)
    (folder / "scene.json").write_text(json.dumps(scene))
    done = subprocess.run(
        [
            str(tools("fuzz") / "st"),
            "--config-file=/dev/null",
            "run",
            str(folder / "api.json"),
            f"--url={address}",
            "--phases=examples,coverage,fuzzing",
            "--mode=all",
            "--checks=not_a_server_error,response_schema_conformance,an_error_says_one_word",
            "--continue-on-failure",
            f"--max-time={seconds}",
            "--generation-database=none",
            "--request-timeout=30",
            "--warnings=off",
            "--no-color",
            "-H",
            f"Cookie: sessionid={session}; csrftoken={TOKEN}",
            "-H",
            f"X-CSRFToken: {TOKEN}",
        ],
        cwd=folder,
        env=os.environ
        | {
            "SCHEMATHESIS_HOOKS": "tests.resilience.fuzz_hooks",
            "PYTHONPATH": str(ROOT),
            "FUZZ_SCENE": str(folder / "scene.json"),
            "FUZZ_TALLY": str(folder / "tally.json"),
            "FUZZ_WORDS": WORDS,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    (folder / "printed").write_text(done.stdout + done.stderr)
    found = json.loads((folder / "tally.json").read_text())
    return {
        "failed": done.returncode != 0,
        "printed": done.stdout,
        **found,
    }


def by_status(calls: dict[str, int]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for name, count in calls.items():
        if not name.startswith("not json"):
            sums[name.rsplit(" ", 1)[1]] = sums.get(name.rsplit(" ", 1)[1], 0) + count
    return dict(sorted(sums.items()))


def test_the_api_answers_everything_with_a_word(stack: Stack, drill: Drill, tmp_path: Path) -> None:
    stack.start("db", "broker", "web")
    scene = stack.run("tests.resilience.standing", "scene")
    sessions = stack.run("tests.resilience.standing", "sign-in", role="web")
    total = 0
    for first, share in (("omar", 0.4), ("nadia", 0.6)):
        found = fuzz(
            tmp_path / first,
            document.text(),
            stack.address,
            sessions[first],
            scene,
            int(60 * MINUTES * share),
        )
        statuses = by_status(found["calls"])
        drill.say(
            f"fuzz: as {first} {sum(statuses.values())} calls, by status {statuses},"
            f" median {found['median_ms']} ms, 99 % under {found['p99_ms']} ms"
        )
        assert not found["failed"], found["printed"][-6000:]
        # Presence first: the run reached what stands behind the gate, and each kind of refusal.
        assert {"200", "404", "409", "422"} <= statuses.keys()
        total += sum(statuses.values())
    with stack.raw("owner") as owner:
        kept = owner.execute(
            "SELECT (SELECT count(*) FROM outreach_draft) + (SELECT count(*) FROM outreach_record)"
        ).fetchone()
        closed = owner.execute("SELECT count(*) FROM outreach_round WHERE status = 'closed'").fetchone()
    assert kept and kept[0] > 0
    assert closed and closed[0] > 1
    log = (stack.folder / "log/web.log").read_text()
    assert "status=500" not in log and "Traceback" not in log
    drill.say(
        f"fuzz: {total} calls in {MINUTES} minutes, 0 answers of 5xx, 0 errors that say more than their word"
    )


def test_the_same_run_finds_an_echo_a_crash_and_a_path(stack: Stack, drill: Drill, tmp_path: Path) -> None:
    """The control."""
    if "db" not in stack.kept:
        stack.start("db", "broker")
    from tests.resilience.vulnerable_urls import weak

    schema = json.dumps(weak.get_openapi_schema(path_prefix="/weak/api/"))
    scene = {
        "open": [],
        "closed": "",
        "planned": "",
        "cancelled": "",
        "other": [],
        "drafts": [],
    }
    with weak_web(stack) as address:
        found = fuzz(tmp_path / "weak", schema, address, "", scene, 60)
    assert found["failed"]
    for what in (
        "an error with more than a code",
        "Server error",
        "an error that shows how the service is built",
    ):
        assert what in found["printed"], (what, found["printed"][-3000:])
    drill.say("fuzz: the control's echo, crash and shown path are found")
