"""/healthz against the real PostgreSQL and Redis: each part is seen well, then broken, and the answer names that part alone."""

import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from config import health
from config.heartbeat import STALE, Pulse, key, mark
from config.heartbeat import client as client_of_redis
from config.tasks import heartbeat
from privacy.audit import sealing
from privacy.audit import services as audit
from privacy.audit.actors import SYSTEM
from privacy.audit.events import Event
from privacy.core.retention import RetentionClass
from privacy.keystore import services as keystore
from privacy.keystore.models import BucketKey, KekEpoch
from privacy.retention import services as retention
from privacy.retention.models import PurgeRun
from tests import databases, factories
from tests.resilience.stack import PARTS_OF_HEALTH

pytestmark = pytest.mark.database
NOW = factories.NOW.replace(hour=15)


@pytest.fixture(autouse=True)
def healthy(db_clean: None) -> Iterator[None]:
    """Everything in order on NOW."""
    mark(Pulse.BEAT)
    heartbeat()
    with databases.as_worker():
        PurgeRun.objects.create(day=NOW.date(), complete=True)
    yield
    with client_of_redis() as connection:
        connection.delete(key(Pulse.BEAT), key(Pulse.WORKER))


def failing() -> dict[str, str]:
    found = health.check(NOW)
    assert set(found) == PARTS_OF_HEALTH
    return {name: state for name, state in found.items() if state != "ok"}


def test_a_service_in_order_fails_nowhere() -> None:
    assert failing() == {}


def test_the_page_answers_200_and_then_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privacy.clock.now", lambda: NOW)
    well = client.get("/healthz")
    assert (
        well.status_code == 200 and well.json()["ok"] is True and set(well.json()["parts"]) == PARTS_OF_HEALTH
    )
    assert "no-store" in well["Cache-Control"]
    monkeypatch.setattr("privacy.clock.now", lambda: NOW + timedelta(days=2))
    ill = client.get("/healthz")
    assert ill.status_code == 503 and ill.json()["ok"] is False
    assert client.post("/healthz").status_code == 405


@pytest.mark.parametrize("pulse", list(Pulse))
def test_a_silent_process_is_named(pulse: Pulse) -> None:
    with client_of_redis() as connection:
        connection.set(key(pulse), int(time.time()) - STALE - 60)
        assert set(failing()) == {pulse.value}
        assert "restart" in failing()[pulse.value]
        connection.delete(key(pulse))
    assert "no sign of life" in failing()[pulse.value]


def test_the_heartbeat_holds_a_timestamp_and_nothing_else() -> None:
    with client_of_redis() as connection:
        values = [connection.get(key(pulse)) for pulse in Pulse]
        assert all(isinstance(value, bytes) and value.isdigit() and len(value) == 10 for value in values)
        assert all(0 < int(connection.ttl(key(pulse))) <= 24 * 3600 for pulse in Pulse)


def test_a_broker_that_is_away_is_named(tmp_path: Path) -> None:
    with override_settings(REDIS_URL=f"unix://{tmp_path}/none.sock"):
        found = failing()
    assert set(found) == {"broker", "worker", "beat"}
    assert all("Redis does not answer" in reason for reason in found.values())
    with pytest.raises(redis.RedisError), override_settings(REDIS_URL=f"unix://{tmp_path}/none.sock"):
        mark(Pulse.BEAT)


@pytest.mark.parametrize(
    ("alias", "part"),
    [("default", {"database", "retention", "audit", "clock"}), ("keystore", {"keystore"})],
)
def test_a_database_that_refuses_is_named(alias: str, part: set[str]) -> None:
    connection = connections[alias]
    connection.close()
    right = connection.settings_dict["PASSWORD"]
    connection.settings_dict["PASSWORD"] = "wrong"
    try:
        found = failing()
    finally:
        connection.close()
        connection.settings_dict["PASSWORD"] = right
    assert set(found) == part
    assert all("PostgreSQL" in reason and "wrong" not in reason for reason in found.values())
    assert failing() == {}


@override_settings(HEALTH_HELD_SECONDS=60)
def test_however_often_strangers_ask_the_parts_are_looked_at_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_last", (0.0, {}))
    assert client.get("/healthz").status_code == 200
    with client_of_redis() as connection:
        connection.delete(key(Pulse.BEAT))
    with CaptureQueriesContext(connections["default"]) as asked:
        assert client.get("/healthz").status_code == 200
    assert not asked.captured_queries
    asked_before, found = health._last
    monkeypatch.setattr(health, "_last", (asked_before - 61, found))
    assert client.get("/healthz").json()["parts"]["beat"] != "ok"


def test_a_lost_key_file_is_named() -> None:
    KekEpoch.objects.create(number=7, started_on=NOW.date(), current=True)
    file = Path(settings.KEK_DIR) / "epoch-000007.key"
    file.write_bytes(bytes(32))
    assert failing() == {}
    file.unlink()
    assert set(failing()) == {"keystore"} and "key file" in failing()["keystore"]


def test_a_wrong_key_file_is_named_even_after_keys_were_made_under_it() -> None:
    """A clone's volume mounted in place of ours: whatever is made from then on opens, what was there does not."""
    tenant = uuid4()
    day = NOW.date() + timedelta(days=30)
    with databases.as_worker():
        keystore.issue_secrets(tenant, [(uuid4(), RetentionClass.RECORD, day)])
        assert failing() == {}
        [file] = Path(settings.KEK_DIR).glob("epoch-*.key")
        right = file.read_bytes()
        file.write_bytes(bytes(32))
        keystore.issue_secrets(tenant, [(uuid4(), RetentionClass.RECORD, day + timedelta(days=1))])
    assert set(failing()) == {"keystore"} and "right file" in failing()["keystore"]
    file.write_bytes(right)
    with databases.as_worker():
        # The right one came back: the keys made under the wrong one are the strangers now, and later than those that are tried.
        BucketKey.objects.filter(expires_on=day + timedelta(days=1)).delete()
    assert failing() == {}


@pytest.mark.parametrize(
    ("day", "complete", "reason"),
    [(-2, True, "earlier day"), (-1, True, "earlier day"), (0, False, "overdue rows")],
)
def test_overdue_retention_is_named(day: int, complete: bool, reason: str) -> None:
    with databases.as_worker():
        PurgeRun.objects.update(day=NOW.date() + timedelta(days=day), complete=complete)
    assert set(failing()) == {"retention"} and reason in failing()["retention"]


def test_a_purge_at_work_is_no_purge_that_left_rows() -> None:
    """It writes down that it is not complete before it destroys anything, in case it is killed."""
    with databases.as_worker():
        PurgeRun.objects.update(complete=False)
    assert set(failing()) == {"retention"}
    with databases.raw("worker") as worker:
        worker.execute("SELECT pg_advisory_lock(%s)", [retention.PURGE_LOCK])
        assert failing() == {}
    assert set(failing()) == {"retention"}


def test_two_hours_of_a_new_day_are_granted() -> None:
    midnight = NOW.replace(hour=0) + timedelta(days=1)
    assert health.check(midnight + timedelta(hours=1, minutes=59))["retention"] == "ok"
    assert "earlier day" in health.check(midnight + timedelta(hours=2))["retention"]


def test_a_log_that_is_not_sealed_any_more_is_named() -> None:
    def happened(day: timedelta) -> None:
        with databases.as_worker():
            audit.record(Event.PURGE_RUN, association_id=None, actor=SYSTEM, now=NOW + day)

    happened(timedelta(days=-2))
    assert failing() == {}
    happened(timedelta(days=-3))
    assert set(failing()) == {"audit"} and "manage.py audit_seal" in failing()["audit"]
    with databases.as_worker():
        sealing.publish_checkpoint(NOW)
    assert failing() == {}
    with databases.raw("worker") as worker:
        worker.execute("SELECT audit_count_denied(%s, 'sign-in')", [NOW.date() - timedelta(days=3)])
    assert set(failing()) == {"audit"}


def test_a_clock_behind_what_the_service_has_seen_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the afternoon: in the last hour of a day the next one is no fault."""
    monkeypatch.setattr("privacy.clock.now", lambda: NOW)
    with databases.as_worker():
        retention.raise_high_water(NOW.date())
        assert failing() == {}
        retention.raise_high_water(NOW.date() + timedelta(days=1))
        assert failing()["clock"].startswith("the clock is behind")
        with pytest.raises(SystemExit):
            call_command("retention_status", stdout=(out := StringIO()))
    assert "the clock is behind" in out.getvalue() and "Nothing is overdue" not in out.getvalue()


def test_a_pulse_of_next_week_is_no_sign_of_life() -> None:
    with client_of_redis() as connection:
        connection.set(key(Pulse.BEAT), int(time.time()) + 7 * 86400)
    assert set(failing()) == {"beat"} and "no sign of life" in failing()["beat"]


def test_a_key_database_that_takes_no_writes_is_named() -> None:
    connection = connections["keystore"]
    connection.close()
    options = connection.settings_dict["OPTIONS"]
    connection.settings_dict["OPTIONS"] = {**options, "options": "-c default_transaction_read_only=on"}
    try:
        found = failing()
    finally:
        connection.close()
        connection.settings_dict["OPTIONS"] = options
    assert set(found) == {"keystore"} and "default_transaction_read_only" in found["keystore"]
    assert failing() == {}


def test_a_service_that_never_purged_is_not_in_order(db_clean: None) -> None:
    databases.empty()
    assert "no purge has ever run" in failing()["retention"]
