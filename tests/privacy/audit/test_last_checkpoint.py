"""A database older than the last promise is told: by the command, by the seal, on the auditor's page and by the page of health.

The promise lies in a folder that only the worker has; whoever reads the database alone sees it within an hour, when the worker
has told it again. The controls: a service where nothing was put back is in order everywhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from config import health
from privacy.audit import keys, last_checkpoint, sealing, selectors
from privacy.audit.last_checkpoint import LogContradicted
from privacy.audit.selectors import Standing
from privacy.audit.tasks import publish_checkpoint
from privacy.core import note as notes
from tests import databases
from tests.factories import Tenant
from tests.outreach.members.people import strong
from tests.privacy.audit.scenes import NOON, sealed
from tests.privacy.audit.test_commands import run

pytestmark = pytest.mark.database

TABLES = ("audit_logentry", "audit_checkpoint", "audit_lastpromise")


@contextmanager
def put_back(*tables: str) -> Iterator[None]:
    """What is written in the block is forgotten by those tables again, as by a restored dump."""
    with databases.raw("owner") as owner:
        for table in tables:
            owner.execute(f"CREATE TABLE public.kept_{table} AS TABLE {table}")
        try:
            yield
            for table in tables:
                owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                owner.execute(f"DELETE FROM {table}")
                owner.execute(f"INSERT INTO {table} SELECT * FROM public.kept_{table}")
                owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        finally:
            for table in tables:
                owner.execute(f"DROP TABLE public.kept_{table}")


def standing() -> Standing:
    for alias in ("default", "audit"):
        connections[alias].close()
    found = {selectors.standing("audit"), selectors.standing("default")}
    assert len(found) == 1, "the auditor's role and the web's see the same"
    return found.pop()


def told() -> None:
    """The worker's hourly word."""
    with databases.as_worker():
        last_checkpoint.publish(NOON)


def files() -> Path:
    return Path(settings.AUDIT_KEY_DIR)


def test_nothing_put_back_is_in_order_everywhere() -> None:
    sealed(4, 3)
    told()
    code, said = run("audit_verify")
    assert code == 0, said
    assert "Rien n’a été modifié" in said and "dernière promesse" not in said
    assert standing() is Standing.KEPT
    with databases.as_worker():
        assert sealing.publish_checkpoint(NOON) is None


@pytest.mark.parametrize(
    "tables",
    [TABLES, TABLES[:2], TABLES[:1], TABLES[1:2], TABLES[1:]],
    ids=[
        "the whole database",
        "log and checkpoints",
        "the log alone",
        "checkpoints alone",
        "all but the log",
    ],
)
def test_a_database_that_is_older_than_the_promise_says_so(tables: tuple[str, ...]) -> None:
    sealed(4, until=NOON - timedelta(days=1))
    with put_back(*tables):
        sealed(3)
    code, said = run("audit_verify")
    assert code == 1
    assert "Rien n’a été modifié" not in said
    assert "plus ancienne que la dernière promesse" in said or "manque dans la base de données" in said
    told()
    assert standing() is Standing.OLDER
    code, said = run("audit_verify", "--database", "audit")
    assert code == 1, "an auditor who has the database alone"
    with databases.as_worker(), pytest.raises(LogContradicted):
        sealing.publish_checkpoint(NOON)  # nothing is pending, and it looked all the same


def test_the_pages_say_so_too(lanterne: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(4, until=NOON - timedelta(days=1))
    auditor = strong(lanterne.people["victor"])
    with put_back(*TABLES):
        sealed(3)
        assert (
            "Le registre tient la dernière promesse signée"
            in auditor.get("/control/registre/").content.decode()
        )
        assert health.check(NOON)["audit"] == "ok"
    told()
    assert (
        "plus ancienne que la dernière promesse signée" in auditor.get("/control/registre/").content.decode()
    )
    assert "older than the last signed promise" in health.check(NOON)["audit"]


def test_the_daily_task_tells_before_it_refuses() -> None:
    sealed(4, until=NOON - timedelta(days=1))
    with put_back(*TABLES):
        sealed(3)
    assert standing() is Standing.KEPT, "nobody has told the database yet"
    with databases.as_worker(), pytest.raises(LogContradicted):
        publish_checkpoint()
    assert standing() is Standing.OLDER


def test_a_promise_whose_file_is_gone_stops_the_seal_and_is_a_finding() -> None:
    sealed(4)
    (files() / keys.LAST_FILE).unlink()
    code, said = run("audit_verify")
    assert code == 1 and "La dernière promesse, gardée près de la clé du registre, a disparu" in said
    with databases.as_worker(), pytest.raises(LogContradicted):
        sealing.publish_checkpoint(NOON)


def test_a_promise_older_than_the_database_is_what_a_crash_leaves_and_no_finding() -> None:
    first, _second = sealed(4, 3)
    keys.remember_note(first)
    code, said = run("audit_verify")
    assert code == 0, said
    with databases.as_worker():
        assert sealing.publish_checkpoint(NOON) is None


def test_a_promise_of_another_log_is_a_finding() -> None:
    sealed(4)
    other = notes.sign_checkpoint(notes.Checkpoint("elsewhere.example/audit", 4, bytes(32)), bytes(32))
    keys.remember_note(other)
    code, said = run("audit_verify")
    assert code == 1 and "n’est pas signée par la clé de ce registre" in said
    with databases.as_worker(), pytest.raises(LogContradicted):
        sealing.publish_checkpoint(NOON)


def test_a_crash_in_the_first_seal_leaves_a_promise_over_nothing() -> None:
    """So that a missing file always means a loss."""
    with databases.as_worker():
        empty = last_checkpoint.known(keys.signing_key())
    assert notes.open_checkpoint(empty, keys.signing_key().verifier).size == 0
    sealed(2)
    keys.remember_note(empty)
    assert run("audit_verify")[0] == 0


def test_after_people_decided_the_new_name_stands() -> None:
    sealed(4, until=NOON - timedelta(days=1))
    with put_back(*TABLES):
        sealed(3)
    run("audit_seal", "--new-origin")
    assert standing() is Standing.KEPT
    code, said = run("audit_verify")
    assert code == 0, said


def test_nobody_looked_for_two_days() -> None:
    sealed(4)
    with databases.raw("owner") as owner:
        owner.execute("UPDATE audit_lastpromise SET day = app_today() - 3")
    assert standing() is Standing.UNLOOKED
    assert "two days" in health.check(NOON)["audit"]
    told()
    assert standing() is Standing.KEPT


def test_a_clock_behind_a_day_already_seen_is_no_reason_to_miss_the_promise() -> None:
    """After a clock that ran a week ahead, /healthz asked for beat and worker until that week was over."""
    sealed(4)
    with databases.raw("owner") as owner:
        owner.execute("INSERT INTO retention_highwater (id, day) VALUES (1, app_today() + 7)")
    assert standing() is Standing.UNLOOKED
    told()
    assert standing() is Standing.KEPT


def test_a_verifier_with_another_key_leaves_the_files_of_this_machine_alone(tmp_path: Path) -> None:
    sealed(2)
    passerelle = notes.verifier_key("elsewhere.example/audit", bytes(range(32)))
    file = tmp_path / "key.txt"
    file.write_text(str(passerelle))
    said = run("audit_verify", "--public-key", str(file))[1]
    assert "ne se lit pas d’ici" in said
