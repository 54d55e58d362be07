"""Disks: a key folder and a database that are full or read-only, and logs nobody can write; nothing is lost or half written.

Short: the tests' own keystore, its folder on a small disk. Long: a whole house whose cluster, logs and keys are on full disks.
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
from privacy.keystore import epochs, watch
from privacy.keystore import services as keystore
from privacy.keystore.kek import KEY_BYTES, FileKEK
from privacy.retention import services as retention
from tests import cast, databases
from tests.cast import House as Home
from tests.drills import mounts, weeks
from tests.drills.conftest import Drill
from tests.drills.cramped import Cramped, switched
from tests.drills.house import PARTS, House, until
from tests.drills.mounts import Disk
from tests.drills.needs import SMALL_DISKS, needs
from tests.outreach.members.people import signed_in

needs_mount = needs(SMALL_DISKS)
LATER = timedelta(days=8)
ROOM = 40 * 1024 * 1024


@pytest.fixture
def keys(db_clean: None) -> Iterator[Disk]:
    """The key folder of the tests, on a disk of sixteen pages."""
    with mounts.small(Path(settings.KEK_DIR), 16 * 4096, keeping=False) as disk:
        yield disk


def halves(folder: Path) -> list[str]:
    """Names of files in the key folder that are no whole key."""
    return [path.name for path in folder.glob("epoch-*.key") if len(path.read_bytes()) != KEY_BYTES]


def troubled(sentence: str) -> None:
    """/healthz and retention_status say it."""
    assert sentence in health.examine(cast.NOW)["keystore"]
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
def test_a_key_folder_that_takes_no_more(home: Home, keys: Disk, drill: Drill, how: str) -> None:
    records = weeks.fill(home, cast.NIGHT)
    now = datetime.combine(cast.NIGHT, cast.NOW.timetz()) + LATER
    assert watch.troubles() == [] and len(weeks.opened(home)) == records
    before = epochs.kek().epochs()
    keys.fill() if how == "full" else keys.read_only(True)
    troubled(watch.FULL if how == "full" else watch.READ_ONLY)
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
    assert len(weeks.opened(home)) == records - weeks.RECORDS, (
        "the rows that were over are gone, the others open"
    )
    assert weeks.walk(home, cast.NIGHT - timedelta(days=1)) == weeks.RECORDS, (
        "a round goes on: no file is needed to note"
    )
    keys.free() if how == "full" else keys.read_only(False)
    assert watch.troubles() == []
    with databases.as_worker():
        retention.purge(now, wet=True)
        assert retention.overdue(now.date()) == 0
    assert epochs.kek().epochs().isdisjoint(before) and len(weeks.opened(home)) == records
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
def test_a_read_only_key_database(home: Home, drill: Drill) -> None:
    records = weeks.fill(home, cast.NIGHT)
    with cast.working(home.scope("north")):
        round_ = cast.open_round(home, night=cast.NIGHT + timedelta(days=1))
        cast.held(round_, *(cast.sealed(round_, cast.yes(2)) for _ in range(3)))
    lead = signed_in(home.people["nadia"])
    lead.raise_request_exception = False
    with read_only_keystore():
        troubled(watch.NO_WRITES)
        assert len(weeks.opened(home)) == records, "reading needs no writing"
        answer = _close(lead, round_)
        assert answer == 500
        assert _state(home, round_) == (Round.Status.OPEN, 3, records), "nothing half written"
    assert watch.troubles() == []
    assert _close(lead, round_) == 200
    assert _state(home, round_) == (Round.Status.CLOSED, 0, records + 3)
    now = datetime.combine(cast.NIGHT, cast.NOW.timetz()) + LATER
    with read_only_keystore(), databases.as_worker():
        with pytest.raises(InternalError, match="read-only"):
            retention.purge(now, wet=True)
        assert keystore.count_expired(now.date()) > 0
        assert len(weeks.opened(home)) == records - weeks.RECORDS + 3
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


def _state(home: Home, round_: Round) -> tuple[str, int, int]:
    """Its status, how many drafts it holds, how many records its team can open."""
    with cast.working(home.scope("north")):
        status = Round.objects.get(id=round_.id).status
        drafts = Draft.objects.filter(round_id=round_.id).count()
    return status, drafts, len(weeks.opened(home))


@needs_mount
def test_beat_goes_on_without_its_memory(tmp_path: Path, drill: Drill) -> None:
    """Beat writes down what ran when. On a full disk it forgets that, and goes on."""
    folder = tmp_path / "beat"
    folder.mkdir()
    with mounts.small(folder, 64 * 4096, keeping=False) as disk:
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
def outside(house: House) -> Iterator[Cramped]:
    """One house for all of the long drills: on small disks of its own for its cluster and its keys, its logs on a full one."""
    for part in PARTS:
        (house.folder / "log" / f"{part}.log").symlink_to("/dev/full")
    data, kek = (house.folder / "pg").resolve(), house.folder / "kek"
    with mounts.small(data, mounts.used(data) + ROOM), mounts.small(kek, 16 * 4096):
        out = Cramped(house)
        try:
            assert house.manage("purge", "--wet-run").returncode == 0
            yield out
        finally:
            house.stop()


@pytest.mark.long
@needs_mount
def test_a_house_whose_logs_nobody_can_write(outside: Cramped, drill: Drill) -> None:
    outside.green()
    round_id, bodies = outside.tonight(1, 3)
    assert outside.send_all(round_id, bodies) == [200] * 3
    assert outside.phone.close(round_id, bodies[0]["phone"])[0] == 200
    drill.say("every log on a full disk: all parts ok, a round held and closed")


@pytest.mark.long
@needs_mount
def test_a_house_whose_cluster_has_no_room(outside: Cramped, drill: Drill) -> None:
    house, disk = outside.house, Disk((outside.house.folder / "pg").resolve())
    round_id, bodies = outside.tonight(2, 40)
    before = outside.opened()
    assert outside.send_all(round_id, bodies[:2]) == [200, 200]
    disk.fill()
    statuses = outside.send_all(round_id, bodies[2:])
    refused = statuses.count(500)
    assert set(statuses) <= {200, 500} and refused, "nothing was refused: the disk was not full"
    assert "is full" in house.health()["database"]
    assert "overdue" in house.manage("retention_status").stdout
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
    assert house.manage("audit_seal").returncode == house.manage("audit_verify").returncode == 0
    drill.say(
        f"cluster on a full disk: {refused} of {len(statuses)} drafts refused with 500, close answered {status};"
        f" with room again all {held} kept, {before} older ones open, log verified"
    )


@pytest.mark.long
@needs_mount
def test_a_house_whose_wal_has_no_room(outside: Cramped, drill: Drill) -> None:
    """PostgreSQL stops rather than lose what it confirmed; it comes back by itself when there is room."""
    house, disk = outside.house, Disk((outside.house.folder / "pg").resolve())
    round_id, bodies = outside.tonight(3, 4)
    before = outside.opened()
    assert outside.send_all(round_id, bodies[:2]) == [200, 200]
    starts = house.kept["db"].starts
    disk.fill()
    until(
        lambda: not switched(house) or house.kept["db"].starts > starts,
        "PostgreSQL finds no room for its WAL",
    )
    until(lambda: house.health().get("database", "") != "ok", "the health page says so")
    said = house.health().get("database", "")
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
def test_a_running_house_whose_key_folder_takes_no_more(outside: Cramped, drill: Drill, how: str) -> None:
    house, disk = outside.house, Disk(outside.house.folder / "kek")
    round_id, bodies = outside.tonight(4 if how == "full" else 5, 3)
    before = outside.opened()
    with house.raw(
        "owner", "maraudes_keys"
    ) as hand:  # as after an erasure: else a purge with nothing due leaves the epoch alone
        hand.execute("UPDATE keystore_kekepoch SET owed = true WHERE current")
    disk.fill() if how == "full" else disk.read_only(True)
    purged = house.manage("purge", "--wet-run")
    assert purged.returncode != 0
    sentence = watch.FULL if how == "full" else watch.READ_ONLY
    assert sentence in house.health()["keystore"] and sentence in house.manage("retention_status").stdout
    assert outside.send_all(round_id, bodies) == [200] * 3
    assert outside.phone.close(round_id, bodies[0]["phone"])[0] == 200, "a round goes on"
    disk.free() if how == "full" else disk.read_only(False)
    assert house.manage("purge", "--wet-run").returncode == 0
    outside.green()
    assert outside.opened() == before + 3
    drill.say(
        f"running house, key folder {how}: purge fails and says so, the round closes, {before + 3} records open afterwards"
    )
