"""Whether beat and worker live, read from Redis: two timestamps, no name, no personal data.

Beat writes its own key while it ticks; the worker's key is written by a task that beat sent, so it proves the whole way from beat
through the broker to a worker.
"""

import logging
import time
from datetime import timedelta
from enum import StrEnum
from typing import Any

import redis
from celery.beat import PersistentScheduler
from django.conf import settings

STALE = 180  # seconds: two missed minutes, and time for a purge batch that holds the only worker
KEEP = 24 * 3600  # seconds a timestamp stays in Redis


class Pulse(StrEnum):
    BEAT = "beat"
    WORKER = "worker"


def client() -> "redis.Redis":
    """A connection to the private Redis with short timeouts, so that a health check never hangs."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def key(pulse: Pulse) -> str:
    return f"{getattr(settings, 'HEARTBEAT_PREFIX', '')}maraudes:{pulse.value}"


def mark(pulse: Pulse) -> None:
    """Record that `pulse` lives now. Raises `redis.RedisError` without a broker."""
    with client() as connection:
        connection.set(key(pulse), int(time.time()), ex=KEEP)


def age(pulse: Pulse) -> int | None:
    """Seconds since the last sign of `pulse`, or None when there is none. Raises `redis.RedisError` without a broker.

    A sign from the future was given before the clock was put back: it says nothing about now, and is none.
    """
    with client() as connection:
        value: Any = connection.get(key(pulse))
    seconds = None if value is None else int(time.time()) - int(value)
    return None if seconds is None or seconds < -STALE else max(0, seconds)


class Scheduler(PersistentScheduler):
    """Celery's scheduler, which also says that it lives, waits for no future that a wrong clock promised, and needs no disk."""

    _marked = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        self.forget_the_future()
        if time.monotonic() - self._marked > 30:
            self._marked = time.monotonic()
            try:
                mark(Pulse.BEAT)
            except redis.RedisError:
                self._marked = 0.0  # the broker is away: sending will say so; try again at the next tick
        wait: float = super().tick(*args, **kwargs)
        return min(wait, 30.0)

    def forget_the_future(self) -> None:
        """After the clock was put back, a task that last ran "next week" would wait until then: it ran just now."""
        now = self.app.now()
        ahead = [
            entry
            for entry in self.schedule.values()
            if entry.last_run_at and entry.last_run_at > now + timedelta(seconds=STALE)
        ]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self.populate_heap()

    def sync(self) -> None:
        """Remember on disk what ran when. A full disk costs that memory, and not the next purge."""
        try:
            super().sync()
        except OSError:
            logging.getLogger("maraudes.beat").error("beat.not_remembered")
