"""Whether beat and worker live, read from Redis. One timestamp a process kind, no name, no personal data.

A beat is sent each minute with an expiry; `STALE` seconds without one mean that beat or worker stands still. To tell the two
apart, a started worker answers Celery's own ping, which needs no beat.
"""

import time

import redis
from django.conf import settings

STALE = 180  # seconds: two missed minutes and the time a long purge batch may hold the only worker


def client() -> "redis.Redis":
    """A connection to the private Redis with short timeouts, so that a health check never hangs."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def key() -> str:
    return f"{getattr(settings, 'HEARTBEAT_PREFIX', '')}maraudes:heartbeat"


def beat() -> None:
    """Record that one scheduled task went from beat through the broker to a worker."""
    with client() as connection:
        connection.set(key(), int(time.time()), ex=24 * 3600)


def age() -> int | None:
    """Seconds since the last heartbeat, or None when there never was one. Raises `redis.RedisError` without a broker."""
    with client() as connection:
        value = connection.get(key())
    return None if value is None else max(0, int(time.time()) - int(value))  # type: ignore[arg-type]
