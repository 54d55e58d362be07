"""Is the house in order? One answer for a monitor and for the person on duty: /healthz.

Each part is "ok" or failing with a plain reason and what to do; one that fails makes the answer 503. The page is public:
no personal data, no count, no version. It opens its own reads and never the scope of a person.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.db import Error, connections
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.heartbeat import STALE, Pulse, age, client
from outreach.access import public
from privacy import clock
from privacy.keystore.kek import FileKEK

GRACE = timedelta(
    hours=2
)  # after midnight UTC, before which the purge of the new day may still be on its way


class Failing(Exception):
    """A part that is not in order; its text is a sentence of ours, shown as it is."""


def check_database() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")


def check_keystore() -> None:
    """The key database answers, and the file of the epoch it names is there."""
    with connections["keystore"].cursor() as cursor:
        cursor.execute("SELECT number FROM keystore_kekepoch WHERE current")
        row = cursor.fetchone()
    if row is not None and row[0] not in FileKEK(Path(settings.KEK_DIR)).epochs():
        raise Failing(
            "the key file of the current epoch is missing: sealed records cannot be read; see the operator's guide"
        )


def check_broker() -> None:
    with client() as connection:
        connection.ping()


def check_pulse(pulse: Pulse) -> None:
    seconds = age(pulse)
    if seconds is None:
        raise Failing(f"the {pulse.value} has given no sign of life yet: start it, or wait a minute")
    if seconds > STALE:
        raise Failing(f"the {pulse.value} has been silent for {seconds // 60} minutes: restart it")


def check_retention(now: datetime) -> None:
    """The newest purge ran today and left nothing behind. Rows themselves are invisible here, as they should be."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT day, complete FROM retention_purgerun ORDER BY day DESC LIMIT 1")
        row = cursor.fetchone()
    if row is None:
        raise Failing("no purge has ever run: run manage.py purge --wet-run")
    day, complete = row
    if day < (now - GRACE).date():
        raise Failing(
            "the last purge is from an earlier day: look at worker and beat, or run manage.py purge --wet-run"
        )
    if not complete:
        raise Failing("the last purge left overdue rows: run manage.py retention_status")


def examine(now: datetime) -> dict[str, str]:
    """Every part by name, "ok" or why not."""
    parts: dict[str, Callable[[], None]] = {
        "database": check_database,
        "keystore": check_keystore,
        "broker": check_broker,
        "worker": lambda: check_pulse(Pulse.WORKER),
        "beat": lambda: check_pulse(Pulse.BEAT),
        "retention": lambda: check_retention(now),
    }
    found = {}
    for name, check in parts.items():
        try:
            check()
            found[name] = "ok"
        except Failing as failing:
            found[name] = str(failing)
        except Error:
            found[name] = (
                "PostgreSQL does not answer as it should: is it running and migrated? (script/setup)"
            )
        except redis.RedisError:
            found[name] = "Redis does not answer: is it running? (script/setup)"
    return found


@public
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    parts = examine(clock.now())
    healthy = all(state == "ok" for state in parts.values())
    return JsonResponse({"ok": healthy, "parts": parts}, status=200 if healthy else 503)


healthz.without_database = True  # type: ignore[attr-defined]
