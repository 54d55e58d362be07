"""Disks: a key folder and a database that are full or read-only, and logs nobody can write; nothing is lost or half written.

Short: the tests' own keystore, its folder on a small disk. Long: a whole service whose cluster, logs and keys are on full disks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from celery.beat import PersistentScheduler
from django.conf import settings
from django.core.management import call_command
from django.db import InternalError, connections
from django.test import Client

from config import health
from config.celery import app
from config.heartbeat import Scheduler
from outreach.records.models import Draft
from outreach.rounds.models import Round
from privacy.keystore import epochs
from privacy.keystore import health as keystore_health
from privacy.keystore import services as keystore
from privacy.keystore.kek import KEY_BYTES, FileKEK
from privacy.retention import services as retention
from tests import databases, factories
from tests.factories import Tenant
from tests.outreach.members.people import signed_in
from tests.resilience import ramdisk, weeks
from tests.resilience.conftest import Drill
from tests.resilience.needs import SMALL_DISKS, needs
from tests.resilience.ramdisk import Disk
from tests.resilience.small_disks import SmallDisks, switched
from tests.resilience.stack import PARTS, Stack, until

needs_mount = needs(SMALL_DISKS)
LATER = timedelta(days=8)
ROOM = 40 * 1024 * 1024


@pytest.fixture
def keys(db_clean: None) -> Iterator[Disk]:
    """The key folder of the tests, on a disk of sixteen pages."""
    with ramdisk.small(Path(settings.KEK_DIR), 16 * 4096, keeping=False) as disk:
        yield disk


def halves(folder: Path) -> list[str]:
    """Names of files in the key folder that are no whole key."""
    return [path.name for path in folder.glob("epoch-*.key") if len(path.read_bytes()) != KEY_BYTES]


def troubled(sentence: str) -> None:
    """/healthz and retention_status say it."""
    assert sentence in health.check(factories.NOW)["keystore"]
    with databases.as_worker(), pytest.raises(SystemExit):
        call_command("retention_status", stdout=(out := StringIO()))
    assert sentence in out.getvalue()


class Careless(FileKEK):
    """The control: makes a key as one would, without a thought for a disk that takes no more."""

    def create(self, epoch: int, key: bytes | None = None) -> bytes:
        key = key or bytes(KEY_BYTES)
        self._path(epoch).write_bytes(key)
        return key


@needs_mount
@pytest.mark.database
@pytest.mark.parametrize("how", ["full", "read-only"])
def test_a_key_folder_that_takes_no_more(lanterne: Tenant, keys: Disk, drill: Drill, how: str) -> None:
    records = weeks.fill(lanterne, factories.NIGHT)
    now = datetime.combine(factories.NIGHT, factories.NOW.timetz()) + LATER
    assert keystore_health.problems() == [] and len(weeks.opened(lanterne)) == records
    before = epochs.kek().epochs()
    keys.fill() if how == "full" else keys.read_only(True)
    troubled(keystore_health.FULL if how == "full" else keystore_health.READ_ONLY)
    if how == "full":
        with pytest.raises(OSError, match="No space left"):
            Careless(keys.folder).create(999_999)
        assert halves(keys.folder) == ["epoch-999999.key"], (
            "a careless maker leaves half a key: the check can fail"
        )
        (keys.folder / "epoch-999999.key").unlink()
    with databases.as_worker():
        with pytest.raises(OSError):
            retention.purge(now, wet=True)
        assert keystore.count_expired(now.date()) > 0
    assert halves(keys.folder) == [] and epochs.kek().epochs() == before
    assert len(weeks.opened(lanterne)) == records - weeks.RECORDS, (
        "the rows that were over are gone, the others open"
    )
    assert weeks.walk(lanterne, factories.NIGHT - timedelta(days=1)) == weeks.RECORDS, (
        "a round goes on: no file is needed to note"
    )
    keys.free() if how == "full" else keys.read_only(False)
    assert keystore_health.problems() == []
    with databases.as_worker():
        retention.purge(now, wet=True)
        assert retention.overdue(now.date()) == 0
    assert epochs.kek().epochs().isdisjoint(before) and len(weeks.opened(lanterne)) == records
    drill.say(
        f"key folder {how}: rotation refused, 0 half keys, {records} of {records} records open; purge whole once it is not"
    )


@contextmanager
def read_only_keystore() -> Iterator[None]:
    """The key database takes no writes, as after a failover or by an administrator's hand."""
    name = settings.DATABASES["keystore"]["TEST"]["NAME"]
    with databases.raw("owner", "keystore") as owner:
        owner.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        connections["keystore"].close()
        try:
            yield
        finally:
            owner.execute("SET default_transaction_read_only = off")
            owner.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
            connections["keystore"].close()


@pytest.mark.database
def test_a_read_only_key_database(lanterne: Tenant, drill: Drill) -> None:
    records = weeks.fill(lanterne, factories.NIGHT)
    with factories.tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=factories.NIGHT + timedelta(days=1))
        factories.held(round_, *(factories.sealed(round_, factories.yes(2)) for _ in range(3)))
    lead = signed_in(lanterne.people["nadia"])
    lead.raise_request_exception = False
    with read_only_keystore():
        troubled(keystore_health.NO_WRITES)
        assert len(weeks.opened(lanterne)) == records, "reading needs no writing"
        answer = _close(lead, round_)
        assert answer == 500
        assert _state(lanterne, round_) == (Round.Status.OPEN, 3, records), "nothing half written"
    assert keystore_health.problems() == []
    assert _close(lead, round_) == 200
    assert _state(lanterne, round_) == (Round.Status.CLOSED, 0, records + 3)
    now = datetime.combine(factories.NIGHT, factories.NOW.timetz()) + LATER
    with read_only_keystore(), databases.as_worker():
        with pytest.raises(InternalError, match="read-only"):
            retention.purge(now, wet=True)
        assert keystore.count_expired(now.date()) > 0
        assert len(weeks.opened(lanterne)) == records - weeks.RECORDS + 3
    with databases.as_worker():
        retention.purge(now, wet=True)
        assert retention.overdue(now.date()) == 0
    drill.say(
        f"key database read-only: {records} of {records} open; a close refused whole, its 3 drafts kept, and taken afterwards"
    )


def _close(lead: Client, round_: Round) -> int:
    body = {"phone": str(uuid4()), "counts": {"people_count": 2}}
    path = f"/api/v1/rounds/{round_.id}/close"
    return lead.post(path, body, content_type="application/json").status_code


def _state(lanterne: Tenant, round_: Round) -> tuple[str, int, int]:
    """Its status, how many drafts it holds, how many records its team can open."""
    with factories.tenant_transaction(lanterne.scope("north")):
        status = Round.objects.get(id=round_.id).status
        drafts = Draft.objects.filter(round_id=round_.id).count()
    return status, drafts, len(weeks.opened(lanterne))


@needs_mount
def test_beat_goes_on_without_its_memory(tmp_path: Path, drill: Drill) -> None:
    """Beat writes down what ran when. On a full disk it forgets that, and goes on."""
    folder = tmp_path / "beat"
    folder.mkdir()
    with ramdisk.small(folder, 64 * 4096, keeping=False) as disk:
        beats = {
            kind: kind(app, schedule_filename=str(folder / kind.__name__))
            for kind in (PersistentScheduler, Scheduler)
        }
        disk.fill()
        for beat in beats.values():
            for entry in beat.schedule.values():
                entry.args = ("x" * 9000,)  # more than the file has room for
        with pytest.raises(OSError):
            beats[PersistentScheduler].sync()
        beats[Scheduler].sync()
        disk.free()
        beats[Scheduler].sync()
        for beat in beats.values():
            beat.close()
    drill.say("beat on a full disk: goes on; Celery's own scheduler (control) ends")


@pytest.fixture(scope="module")
def outside(stack: Stack) -> Iterator[SmallDisks]:
    """One service for all of the long drills: on small disks of its own for its cluster and its keys, its logs on a full one."""
    for part in PARTS:
        (stack.folder / "log" / f"{part}.log").symlink_to("/dev/full")
    data, kek = (stack.folder / "pg").resolve(), stack.folder / "kek"
    with ramdisk.small(data, ramdisk.used(data) + ROOM), ramdisk.small(kek, 16 * 4096):
        out = SmallDisks(stack)
        try:
            assert stack.manage("purge", "--wet-run").returncode == 0
            yield out
        finally:
            stack.stop()


@pytest.mark.long
@needs_mount
def test_a_service_whose_logs_nobody_can_write(outside: SmallDisks, drill: Drill) -> None:
    outside.green()
    round_id, bodies = outside.tonight(1, 3)
    assert outside.send_all(round_id, bodies) == [200] * 3
    assert outside.phone.close(round_id, bodies[0]["phone"])[0] == 200
    drill.say("every log on a full disk: all parts ok, a round held and closed")


@pytest.mark.long
@needs_mount
def test_a_service_whose_cluster_has_no_room(outside: SmallDisks, drill: Drill) -> None:
    stack, disk = outside.stack, Disk((outside.stack.folder / "pg").resolve())
    round_id, bodies = outside.tonight(2, 40)
    before = outside.opened()
    assert outside.send_all(round_id, bodies[:2]) == [200, 200]
    disk.fill()
    statuses = outside.send_all(round_id, bodies[2:])
    refused = statuses.count(500)
    assert set(statuses) <= {200, 500} and refused, "nothing was refused: the disk was not full"
    assert "is full" in stack.health()["database"]
    assert "overdue" in stack.manage("retention_status").stdout
    status, _answer = outside.phone.close(round_id, bodies[0]["phone"])
    held = 2 + statuses.count(200)
    if status == 500:
        assert outside.held(round_id) == ("open", held), (
            "what was confirmed is kept, what was refused is not there"
        )
    assert outside.opened() == before + (held if status == 200 else 0)
    disk.free()
    outside.green()
    if status == 500:
        assert outside.send_all(round_id, bodies) == [200] * len(bodies)
        assert outside.phone.close(round_id, bodies[0]["phone"])[0] == 200
        held = len(bodies)
    assert outside.opened() == before + held
    assert stack.manage("audit_seal").returncode == stack.manage("audit_verify").returncode == 0
    drill.say(
        f"cluster on a full disk: {refused} of {len(statuses)} drafts refused with 500, close answered {status};"
        f" with room again all {held} kept, {before} older ones open, log verified"
    )


@pytest.mark.long
@needs_mount
def test_a_service_whose_wal_has_no_room(outside: SmallDisks, drill: Drill) -> None:
    """PostgreSQL stops rather than lose what it confirmed; it comes back by itself when there is room."""
    stack, disk = outside.stack, Disk((outside.stack.folder / "pg").resolve())
    round_id, bodies = outside.tonight(3, 4)
    before = outside.opened()
    assert outside.send_all(round_id, bodies[:2]) == [200, 200]
    starts = stack.kept["db"].starts
    disk.fill()
    until(
        lambda: not switched(stack) or stack.kept["db"].starts > starts,
        "PostgreSQL finds no room for its WAL",
    )
    until(lambda: stack.health().get("database", "") != "ok", "the health page says so")
    said = stack.health().get("database", "")
    assert "PostgreSQL" in said
    # The keeper starts it again and again; in between, what still fits into the segment at hand may be confirmed, and is kept.
    answers = outside.send_all(round_id, bodies[2:])
    assert set(answers) <= {200, 500, 503}
    held = 2 + answers.count(200)
    disk.free()
    outside.green()
    assert outside.held(round_id) == ("open", held) and outside.opened() == before
    assert outside.send_all(round_id, bodies) == [200] * 4
    assert outside.phone.close(round_id, bodies[0]["phone"])[0] == 200
    assert outside.opened() == before + 4
    drill.say(
        "WAL on a full disk: said so, and PostgreSQL back without a hand when there was room;"
        f" {held} of {held} confirmed drafts kept, {4 - held} refused, {before} records open"
    )


@pytest.mark.long
@needs_mount
@pytest.mark.parametrize("how", ["full", "read-only"])
def test_a_running_service_whose_key_folder_takes_no_more(
    outside: SmallDisks, drill: Drill, how: str
) -> None:
    stack, disk = outside.stack, Disk(outside.stack.folder / "kek")
    round_id, bodies = outside.tonight(4 if how == "full" else 5, 3)
    before = outside.opened()
    with stack.raw(
        "owner", "maraudes_keys"
    ) as hand:  # as after an erasure: else a purge with nothing due leaves the epoch alone
        hand.execute("UPDATE keystore_kekepoch SET owed = true WHERE current")
    disk.fill() if how == "full" else disk.read_only(True)
    purged = stack.manage("purge", "--wet-run")
    assert purged.returncode != 0
    sentence = keystore_health.FULL if how == "full" else keystore_health.READ_ONLY
    assert sentence in stack.health()["keystore"] and sentence in stack.manage("retention_status").stdout
    assert outside.send_all(round_id, bodies) == [200] * 3
    assert outside.phone.close(round_id, bodies[0]["phone"])[0] == 200, "a round goes on"
    disk.free() if how == "full" else disk.read_only(False)
    assert stack.manage("purge", "--wet-run").returncode == 0
    outside.green()
    assert outside.opened() == before + 3
    drill.say(
        f"running service, key folder {how}: purge fails and says so, the round closes, {before + 3} records open afterwards"
    )
