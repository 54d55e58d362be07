"""Residue: what was planted is searched in all that a service leaves behind, core files included; found in the control only.

Short forms: tests/test_leaks.py, tests/config/test_memory.py and tests/privacy/test_errors_in_logs.py; the journeys search
after a yes and after a no. Here the long one: a whole service's own disks, its crashed processes, and then those modules again.
"""

import os
import re
import resource
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from tests import leak_search, moment
from tests.bench.memory import family
from tests.config.test_memory import writes_files
from tests.factories import CELL
from tests.outreach.members.people import LOGIN
from tests.resilience import disk_contents, weeks
from tests.resilience.conftest import Drill
from tests.resilience.phone import Phone
from tests.resilience.stack import PARTS, ROOT, Keeper, Stack, until

pytestmark = pytest.mark.long

MODULES = (
    "tests/test_leaks.py",
    "tests/e2e/test_no.py",
    "tests/e2e/test_yes.py",
    "tests/privacy/test_errors_in_logs.py",
    "tests/config/test_memory.py",
)
WRONG = "L’adresse ou le mot de passe n’est pas le bon."


def planted(*names: str) -> dict[str, str]:
    return {name: f"{name} {leak_search.word()}" for name in names}


@pytest.fixture
def running(stack: Stack) -> Iterator[Stack]:
    stack.start()
    try:
        yield stack
    finally:
        stack.stop()


def test_a_night_of_planted_words_leaves_none(running: Stack, drill: Drill) -> None:
    stack = running
    words = planted(
        "note", "refused", "withdrawn", "revised", "handover", "quote", "login", "address", "header"
    )
    phone = Phone.of(stack, stack.run("tests.resilience.weeks", "fill"))
    round_id = phone.round(1)
    hand = disk_contents.Hand(stack, phone.session)
    before = phone.opened()
    at = f"/maraude/tournee/{round_id}"
    form = f"{at}/rencontre/"

    def note(**fields: object) -> str:
        token = hand.hidden(form, "token")
        return hand.post(form, token=token, people=2, **fields)[1]

    assert "Rencontre 1" in note(zone="yes", place=CELL, note=words["note"])
    assert "Compté, rien de noté" in note(zone="no", place=CELL, note=words["refused"], quote=words["quote"])
    assert "Rencontre 2" in note(zone="yes", place=CELL, note=words["withdrawn"])
    assert words["revised"] in note(zone="yes", place=CELL, note=f"Paul, 06 12 34 56 78, {words['revised']}")
    drafts = re.findall(r'name="draft" value="([0-9a-f-]{36})"', hand.get(f"{at}/"))
    assert len(drafts) == 2
    assert "Rencontre effacée" in hand.post(f"{at}/effacer/", draft=drafts[-1])[1]
    hand.post(f"{at}/clore/", handover=words["handover"])
    passerelle = disk_contents.Hand(stack)
    passerelle.get(LOGIN)
    status, page = passerelle.post(
        LOGIN, login=f"{words['login'].replace(' ', '.')}@x.invalid", password=words["login"]
    )
    assert (status, WRONG in page) == (200, True), "a sign-in that failed"
    missing = f"/{words['address'].replace(' ', '-')}/?q={words['address'].replace(' ', '+')}"
    assert hand.ask(missing)[0] == 404
    hand.opener.addheaders = [("User-Agent", words["header"])]
    for path in ("/maraude/notes/", "/cartes/equipe/"):  # opened, and shown
        assert weeks.NOTE in hand.get(path) or path != "/maraude/notes/"
    assert phone.opened() == before + 1, "what was agreed to is kept, and opens"
    with stack.raw("owner") as owner:
        kept = owner.execute(
            "SELECT count(*) FROM outreach_handover WHERE round_id = %s", [round_id]
        ).fetchone()
    assert kept == (1,)
    sought = {name: word.split()[-1] for name, word in words.items()}
    searched = list(disk_contents.places(stack))
    found = leak_search.search(searched, sought)
    size = sum(len(data) for _place, data in searched) // 2**20
    total = sum(sum(counter.values()) for counter in found.values())
    assert total == 0, {name: dict(places) for name, places in found.items() if places}

    control = planted("control")["control"].split()[-1]
    with stack.raw("owner") as owner:
        owner.execute("CREATE TABLE residue_control (word text)")
        for _row in range(4):
            owner.execute("INSERT INTO residue_control VALUES (%s)", [control])
        owner.execute("INSERT INTO residue_control VALUES ('another')")
        owner.execute("DELETE FROM residue_control WHERE ctid = '(0,1)'")
    disk_contents.as_superuser(stack, 'SET log_statement = "all"', f'SELECT 1 AS "{control}"')
    (stack.folder / "log" / "careless.log").write_text(f"noted {control}\n")
    again = leak_search.search(list(disk_contents.places(stack)), {"control": control})["control"]
    where = {
        place.split("/")[0] + ("/pg_wal" if "pg_wal" in place else "")
        for place in leak_search.places_of(again)
    }
    assert where >= {"pg", "pg/pg_wal", "log"}, (
        "what was written in clear is not found: the search can find nothing"
    )
    drill.say(
        f"a night with {len(words)} planted words in a whole service: {len(searched)} files and keys, {size} MB: 0 found;"
        f" one word in clear (control): found in {sorted(where)}"
    )


@pytest.mark.skipif(not writes_files(), reason="this machine keeps core files elsewhere, or keeps none")
def test_no_process_of_a_service_leaves_a_core_file(stack: Stack, drill: Drill, tmp_path: Path) -> None:
    began, word = moment.machine_seconds(), f"held-{secrets.token_hex(8)}"
    mine = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (mine[1], mine[1]))  # what a careless system gives every process
    try:
        stack.start()
        assert stack.manage("purge", "--wet-run").returncode == stack.manage("audit_seal").returncode == 0
        until(
            lambda: set(stack.health().values()) == {"ok"}, "every part is ok", 600, pause=2
        )  # past its first second
        crashed = 0
        for part in PARTS[::-1]:
            process, starts = stack.kept[part].process, stack.kept[part].starts
            assert process is not None
            crashed += sum(disk_contents.crash(pid) for pid in reversed(family(process.pid)))
            until(partial(_again, stack, part, starts), f"{part} is started again")
            until(lambda: set(stack.health().values()) == {"ok"}, "every part is ok again", 600, pause=2)
        time.sleep(2)
        ours = disk_contents.core_files(stack, began)
        assert sorted(ours) == []
        # The flag holds where somebody lifts the limit of a running process.
        web = stack.kept["web"].process
        assert web is not None
        for pid in reversed(family(web.pid)):
            resource.prlimit(pid, resource.RLIMIT_CORE, (mine[1], mine[1]))
            disk_contents.crash(pid)
        time.sleep(2)
        assert sorted(disk_contents.core_files(stack, began)) == []
        control = _careless(stack, word, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, mine)
        stack.stop()
    drill.say(
        f"{crashed} processes of web, worker, beat, Redis and PostgreSQL crashed under an unlimited core size: 0 core files;"
        f" control: {control}"
    )


def _asked(stack: Stack, question: LiteralString) -> str:
    with suppress(psycopg.Error), stack.raw("owner") as owner:
        return str(owner.execute(question).fetchone())
    return ""


def _again(stack: Stack, part: str, starts: int) -> bool:
    return stack.kept[part].starts > starts


def _careless(stack: Stack, word: str, folder: Path) -> str:
    """A PostgreSQL whose limit was lifted, and a program that never lowered its own: both write what they held."""
    began = moment.machine_seconds()
    stack.stop("db")
    command = [
        word.replace("find_postgres;", "ulimit -S -c unlimited; find_postgres;")
        for word in stack.command("db")
    ]
    stack.kept["db"] = Keeper("db", command, stack.environment(), stack.folder / "log")
    stack.kept["db"].start()
    until(lambda: "on" in _asked(stack, "SHOW fsync"), "PostgreSQL answers")
    with stack.raw("owner") as owner:
        backend = owner.info.backend_pid
        owner.execute("SELECT %s AS held", [word])
        disk_contents.crash(backend)
        until(lambda: not Path(f"/proc/{backend}").exists(), "the backend is gone")
    program = "import os, sys, time; held = sys.argv[1] * 3; print('ready', flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-S", "-c", program, word], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as careless:
        assert careless.stdout is not None and careless.stdout.readline()
        disk_contents.crash(careless.pid)
    of_program = [path for path in folder.iterdir() if word.encode() in path.read_bytes()]
    of_server = [
        path for path, core in disk_contents.core_files(stack, began).items() if word.encode() in core
    ]
    assert of_program and of_server, "the controls wrote no core file: nothing is shown"
    for path in (*map(Path, of_server), *of_program):
        path.unlink()
    return "a backend and a program with the limit lifted each wrote one, the planted word in it"


def test_the_searches_of_every_run_again(drill: Drill) -> None:
    """They search the tests' own databases after a no and after a yes, and break every rule of both schemas."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", *MODULES],
        cwd=ROOT,
        env={**os.environ, "MARAUDES_DRILL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    told = re.findall(r"^.*(?:searched|refusals|requests with planted|passed).*$", done.stdout, re.MULTILINE)
    for line in told:
        drill.say(line.strip())
