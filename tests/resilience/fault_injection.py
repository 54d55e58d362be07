"""Killing: who is hit, at which moment, and what the service must do again by itself.

A moment is random within the length that the operation usually takes; or it is one of the windows between two commits, which a
lock on one table holds open until the victim is dead. After a blow nobody repairs anything: the keepers start what died, phones
send again, and the next turn of each task comes, as it does every hour.
"""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
import redis
from celery import Celery

from tests.resilience.stack import HOME, PARTS, ROOT, Stack, until

OPERATIONS = ("record", "close", "purge", "rotation", "rebuild")
VICTIMS = ("web", "worker", "broker", "db", "all", "itself")
"""`itself`: the command that does it, or for a request the phone that sent it. `all`: every process of the service at once."""

HELD_POINTS = {
    "record": (("maraudes", "outreach_draft"),),
    "close": (
        ("maraudes", "outreach_consentevent"),
        ("maraudes", "outreach_record"),
        ("maraudes", "maps_weeklysummary"),
        ("maraudes", "outreach_tally"),
        ("maraudes", "audit_pendingevent"),
    ),
    "purge": (
        ("maraudes_keys", "keystore_kekepoch"),
        ("maraudes", "outreach_sealedpart"),
        ("maraudes", "outreach_record"),
        ("maraudes", "outreach_tombstone"),
    ),
    "rotation": (("maraudes_keys", "keystore_kekepoch"), ("maraudes_keys", "keystore_bucketkey")),
    "rebuild": (("maraudes", "maps_weeklysummary"),),
}
"""Tables whose lock stops an operation in the middle: between the keystore's commit and the data's, mostly."""


class Hand:
    """A process inside the service (`scenes serve`) under one role, started when it is needed."""

    def __init__(self, stack: Stack, role: str) -> None:
        self.stack, self.role = stack, role
        self.process: subprocess.Popen[str] | None = None

    def ready(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        self.process = subprocess.Popen(
            [str(HOME / "venv/bin/python"), "-m", "tests.resilience.rpc_worker", "serve"],
            cwd=ROOT,
            env=self.stack.environment(MARAUDES_DB_ROLE=self.role),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self.stack.folder / "log" / f"hand-{self.role}.log").open("a"),
            text=True,
            start_new_session=True,
        )
        assert self._line() == {"said": "ready"}

    def _line(self) -> dict[str, Any]:
        assert self.process is not None and self.process.stdout is not None
        line = self.process.stdout.readline()
        return dict(json.loads(line)) if line else {"error": "killed"}

    def ask(self, do: str, days: int, **more: Any) -> dict[str, Any]:
        """{"said": …}, or {"error": …} when it failed or was killed."""
        self.ready()
        assert self.process is not None and self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps({"do": do, "days": days, **more}) + "\n")
            self.process.stdin.flush()
        return self._line()

    def do(self, do: str, days: int, **more: Any) -> Any:
        answer = self.ask(do, days, **more)
        assert "said" in answer, (do, answer)
        return answer["said"]

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def end(self) -> None:
        self.kill()


class HeldPoint:
    """Holds one table so that nothing is written to it; `reached` once somebody waits there."""

    def __init__(self, stack: Stack, database: str, table: str) -> None:
        self.stack, self.database, self.table = stack, database, table
        self.lock = stack.raw("owner", database)
        self.lock.autocommit = False
        self.lock.execute(f"LOCK TABLE {table} IN SHARE MODE")

    def reached(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        with self.stack.raw("owner", self.database) as watch:
            while time.monotonic() < end:
                query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
                row = watch.execute(query, [self.table]).fetchone()
                if row and row[0]:
                    return True
                time.sleep(0.02)
        return False

    def open(self) -> None:
        with suppress(psycopg.Error):
            self.lock.close()


class Striker:
    """`strike` begins an operation, kills the victim in the middle of it and waits until everything answers again."""

    def __init__(self, stack: Stack, hand: Hand, chance: random.Random) -> None:
        self.stack, self.hand, self.chance = stack, hand, chance
        self.usual: dict[str, float] = {}
        self.held = 0
        self.recoveries: list[float] = []
        self.queue = Celery(
            broker=stack.values["MARAUDES_REDIS_URL"].replace("unix://", "redis+socket://", 1),
            set_as_current=False,
        )

    def send(self, task: str) -> None:
        """Put a task into the queue as beat does; without a broker it is lost, and the next turn comes."""
        with suppress(Exception):
            self.queue.send_task(task, retry=False)

    def worker_answers(self) -> bool:
        with suppress(Exception):
            return bool(self.queue.control.ping(timeout=1))
        return False

    def strike(self, name: str, victim: str, act: Callable[[], bool], cut: Callable[[], None]) -> bool:
        """True when the operation had ended before the blow. `cut` kills what does it, for the victim `itself`."""
        self.hand.ready()
        ended: list[bool] = []
        thread = threading.Thread(target=lambda: ended.append(act()), daemon=True)
        held_point = self._held_point(name) if self.chance.random() < 0.5 else None
        begun = time.monotonic()
        thread.start()
        if held_point is None or not held_point.reached(3):
            time.sleep(self.chance.uniform(0, self.usual.get(name, 0.4)))
        else:
            self.held += 1
        late = bool(ended)
        if late:
            self.usual[name] = (self.usual.get(name, 0.4) + time.monotonic() - begun) / 2
        self._kill(victim, cut)
        if held_point is not None:
            held_point.open()
        hit = time.monotonic()
        thread.join(120)
        assert not thread.is_alive(), f"{name} hangs after {victim} was killed"
        self.recover()
        self.recoveries.append(time.monotonic() - hit)
        return late and ended[0]

    def _held_point(self, name: str) -> HeldPoint:
        return HeldPoint(self.stack, *self.chance.choice(HELD_POINTS[name]))

    def _kill(self, victim: str, cut: Callable[[], None]) -> None:
        if victim == "itself":
            cut()
            return
        for part in PARTS if victim == "all" else (victim,):
            until(self.stack.kept[part].kill, f"{part} is there to be killed")
        if victim == "all":
            self.hand.kill()

    def recover(self) -> None:
        """Wait: database, broker and web answer again, and a hand is there. Nothing is done to help."""
        until(self._database, "PostgreSQL answers again")
        until(self._broker, "Redis answers again")
        until(self.stack.answers, "the web answers again")
        self.hand.ready()

    def _database(self) -> bool:
        with suppress(psycopg.Error), self.stack.raw("owner") as one:
            one.execute("SELECT 1")
            return True
        return False

    def _broker(self) -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(self.stack.values["MARAUDES_REDIS_URL"]) as one:
            return bool(one.ping())
        return False
