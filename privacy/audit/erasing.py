"""The end of a body: after its year an entry keeps its place in the tree and says nothing any more.

Rule of the module: the database itself refuses to empty a body before its day (trigger `audit_only_forget`), so
this eraser cannot be used to hide something. The salts die with their key bucket, destroyed by the purge
before it comes here.
"""

from datetime import date, timedelta

from django.db import connection

from privacy.audit.models import AnonymousCounter, LogEntry, PendingEvent
from privacy.core.policy import DEFAULT
from privacy.core.retention import RetentionClass
from privacy.erasers import Eraser

_FORGET = """
UPDATE audit_logentry SET body = NULL, association_id = NULL
WHERE index IN (
    SELECT index FROM audit_logentry WHERE body IS NOT NULL AND expires_on <= %s ORDER BY index LIMIT %s)
"""


def count_due(today: date) -> int:
    """Bodies that should be gone by `today` (a UTC day)."""
    return LogEntry.objects.filter(body__isnull=False, expires_on__lte=today).count()


def erase(today: date, batch: int) -> int:
    """Empty at most `batch` of them; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [today, batch])
        return int(cursor.rowcount)


BODIES = Eraser(
    name="audit_bodies",
    classes=frozenset({RetentionClass.AUDIT_BODY}),
    tables=frozenset({"audit_logentry"}),
    count_due=count_due,
    erase=erase,
)


def _limit(today: date) -> date:
    return today - timedelta(days=DEFAULT.audit_days)


def _count_stuck(today: date) -> int:
    """What no seal ever took (the seal refused for a year, and nobody came)."""
    stuck = PendingEvent.objects.filter(day__lte=_limit(today)).count()
    return stuck + AnonymousCounter.objects.filter(day__lte=_limit(today)).count()


def _erase_stuck(today: date, batch: int) -> int:
    gone = 0
    for model in (PendingEvent, AnonymousCounter):
        ids = model._default_manager.filter(day__lte=_limit(today)).values_list("pk", flat=True)[
            : batch - gone
        ]
        gone += model._default_manager.filter(pk__in=list(ids)).delete()[0]
    return gone


STUCK = Eraser(
    name="audit_pending",
    classes=frozenset({RetentionClass.AUDIT_BODY}),
    tables=frozenset({"audit_pendingevent", "audit_anonymouscounter"}),
    count_due=_count_stuck,
    erase=_erase_stuck,
)
