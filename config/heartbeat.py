"""Whether beat and worker live, read from Redis: two timestamps, no name, no personal data.

Beat writes its own key while it ticks; the worker's key is written by a task that beat sent, so it proves the whole way from beat
through the broker to a worker.
"""

import time
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
    """Seconds since the last sign of `pulse`, or None when there is none. Raises `redis.RedisError` without a broker."""
    with client() as connection:
        value: Any = connection.get(key(pulse))
    return None if value is None else max(0, int(time.time()) - int(value))


class Scheduler(PersistentScheduler):
    """Celery's scheduler, which also says that it lives."""

    _marked = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if time.monotonic() - self._marked > 30:
            self._marked = time.monotonic()
            try:
                mark(Pulse.BEAT)
            except redis.RedisError:
                self._marked = 0.0  # the broker is away: sending will say so; try again at the next tick
        wait: float = super().tick(*args, **kwargs)
        return min(wait, 30.0)
