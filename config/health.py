"""Is everything in order? One answer for a monitor and for the person on duty: /healthz.

Each part is "ok" or failing with a plain reason and what to do; one that fails makes the answer 503. The page is public:
no personal data, no count, no version. It opens its own reads and never the scope of a person.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

import redis
from django.conf import settings
from django.db import Error, connections, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.heartbeat import STALE, Pulse, age, client
from outreach.access import login_not_required
from privacy import clock, sealed_rows
from privacy.keystore import health
from privacy.retention import services as retention

GRACE = timedelta(
    hours=2
)  # after midnight UTC, before which the purge of the new day may still be on its way

SEALED_LATE = timedelta(
    days=2
)  # a finished day is sealed at the next noon; two days later something is stuck
DISK_FULL = "53100"
SPILL = (
    "SELECT count(*) FROM (SELECT n FROM generate_series(1, 20000) AS n ORDER BY n DESC OFFSET 0) AS spilled"
)
"""Sorts more than it may hold in memory: PostgreSQL writes half a megabyte and takes it away again, with no table or right."""


class Failing(Exception):
    """A part that is not in order; its text is a sentence of ours, shown as it is."""


def check_database() -> None:
    """PostgreSQL answers, and its disk has room to write."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64kB'")
        cursor.execute(SPILL)


def check_keystore() -> None:
    """The key database answers and takes writes; the file of the epoch it names is there, in a folder that can change."""
    if found := health.problems():
        raise Failing("; ".join(found))


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
    if not complete and not retention.purge_is_running():
        raise Failing("the last purge left overdue rows: run manage.py retention_status")


def check_audit(now: datetime) -> None:
    """Finished days become part of the log. Until then nobody outside could see a change of what happened on them."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT audit_oldest_pending()")
        oldest = cursor.fetchone()[0]
        cursor.execute("SELECT audit_standing()")
        standing = cursor.fetchone()[0]
    if standing == "older":
        raise Failing(
            "the database is older than the last signed promise of the audit log, and nothing more is sealed: run"
            " manage.py audit_verify; see docs/operations/backup-and-restore.md"
        )
    if standing == "unlooked":
        raise Failing(
            "nothing has compared the audit log with its last promise for two days: look at worker and beat"
        )
    if oldest is not None and oldest < (now - SEALED_LATE).date():
        raise Failing(
            "days that are over wait to be sealed in the audit log: run manage.py audit_seal and read what it says;"
            " look at worker and beat"
        )


def check_sealed() -> None:
    """Nobody met, within a day, a sealed row that lives and does not open."""
    if tables := sealed_rows.damaged_lately():
        raise Failing(
            f"some rows do not open and were skipped, in: {', '.join(tables)}; the rest is there; see the operator's guide"
        )


def check_clock(now: datetime) -> None:
    if retention.clock_is_behind(now):
        raise Failing(retention.CLOCK_BEHIND)


def check(now: datetime) -> dict[str, str]:
    """Every part by name, "ok" or why not."""
    parts: dict[str, Callable[[], None]] = {
        "database": check_database,
        "keystore": check_keystore,
        "broker": check_broker,
        "worker": lambda: check_pulse(Pulse.WORKER),
        "beat": lambda: check_pulse(Pulse.BEAT),
        "retention": lambda: check_retention(now),
        "sealed": check_sealed,
        "audit": lambda: check_audit(now),
        "clock": lambda: check_clock(now),
    }
    found = {}
    for name, part in parts.items():
        try:
            part()
            found[name] = "ok"
        except Failing as failing:
            found[name] = str(failing)
        except Error as error:
            found[name] = _told(error)
        except redis.RedisError:
            found[name] = "Redis does not answer: is it running? (script/setup)"
    return found


def _told(error: Error) -> str:
    """What PostgreSQL's refusal means for the person on duty; its text stays here."""
    if getattr(error.__cause__, "sqlstate", None) == DISK_FULL:
        return "the disk of PostgreSQL is full: nothing can be noted and nothing destroyed; free space on it"
    return "PostgreSQL does not answer as it should: is it running and migrated? (script/setup)"


_looking = Lock()
_last: tuple[float, dict[str, str]] = (0.0, {})


def held(now: datetime) -> dict[str, str]:
    """What `check` said in the last seconds, or says now: strangers may ask as often as they like, PostgreSQL sorts once."""
    global _last
    with _looking:
        asked, found = _last
        if not found or time.monotonic() - asked >= settings.HEALTH_HELD_SECONDS:
            found = check(now)
            _last = (time.monotonic(), found)
        return found


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django hands it to every view
    parts = held(clock.now())
    healthy = all(state == "ok" for state in parts.values())
    return JsonResponse({"ok": healthy, "parts": parts}, status=200 if healthy else 503)


healthz.without_database = True  # type: ignore[attr-defined]
