"""Background work: what beat sends exists, takes no argument and leaves nothing behind in the broker."""

import inspect
import json
import time
from collections.abc import Iterator

import pytest
import redis

from config.celery import BEAT, app
from config.heartbeat import Pulse, Scheduler, client, key


@pytest.fixture
def broker() -> Iterator["redis.Redis"]:
    """The test run's own numbered database of Redis, emptied."""
    with client() as connection:
        connection.flushdb()
        yield connection
        connection.flushdb()


def test_every_scheduled_task_exists_and_every_task_is_scheduled() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert {task for task, _when in BEAT.values()} == ours


def test_no_task_takes_an_argument_or_keeps_a_result() -> None:
    app.loader.import_default_modules()
    for task, _when in BEAT.values():
        assert not inspect.signature(app.tasks[task].run).parameters, (
            f"{task} could carry a value through the broker"
        )
        assert app.tasks[task].ignore_result
    assert app.conf.result_backend is None


def test_a_message_holds_the_name_of_a_task_and_no_value(broker: "redis.Redis") -> None:
    app.send_task("config.tasks.heartbeat", ignore_result=True)
    (message,) = [json.loads(raw) for raw in broker.lrange("celery", 0, -1)]
    assert message["headers"]["task"] == "config.tasks.heartbeat"
    assert message["headers"]["argsrepr"] == "()" and message["headers"]["kwargsrepr"] == "{}"
    assert message["properties"].get("reply_to") is None or not app.conf.result_backend


def test_beat_says_that_it_lives(broker: "redis.Redis", tmp_path: object) -> None:
    assert broker.get(key(Pulse.BEAT)) is None
    scheduler = Scheduler(app=app, schedule_filename=f"{tmp_path}/schedule")
    try:
        assert scheduler.tick() <= 30
    finally:
        scheduler.close()
    assert abs(int(broker.get(key(Pulse.BEAT))) - time.time()) < 5  # type: ignore[arg-type]
