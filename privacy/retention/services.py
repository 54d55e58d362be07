"""The purge: keys die first, then data, then the book is closed. Idempotent, batched, waiting for nothing else.

    high-water mark -> bucket keys and KEK epoch -> each registered eraser -> ledger -> audit log -> tables written anew

What is overdue is already invisible before the purge runs: row security hides it against the high-water mark of time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction

from privacy.audit import services as audit
from privacy.audit.actors import SYSTEM
from privacy.audit.events import Event
from privacy.db import conflicts
from privacy.erasers import Eraser, erasers
from privacy.keystore import services as keystore
from privacy.retention import ledger
from privacy.retention.models import HighWater, PurgeRun
from privacy.retention.rewriting import BOOK, rewrite

BATCH = 10_000
CLOCK_SKEW_TOLERANCE = timedelta(hours=1)
PURGE_LOCK = 0x707267  # "prg": two purges at once would only wait for each other's rows

Progress = Callable[[str, int, int], None]
"""Called with (name, done, due) as the purge moves."""


@dataclass(slots=True)
class Report:
    """What a purge did, or would do when dry."""

    today: date
    wet: bool
    keys: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    running_elsewhere: bool = False

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def raise_high_water(today: date) -> date:
    """Move the mark forward to `today`, never back; returns the mark. Rows that expired by it stay invisible
    whatever the clock says.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO retention_highwater AS h (id, day) VALUES (1, %s)"
            " ON CONFLICT (id) DO UPDATE SET day = greatest(h.day, excluded.day) RETURNING day",
            [today],
        )
        return date.fromisoformat(str(cursor.fetchone()[0]))


def effective_today() -> date:
    """The day by which the service hides what is over: the database's clock, or the high-water mark where that is later."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app_today()")
        return date.fromisoformat(str(cursor.fetchone()[0]))


CLOCK_BEHIND = (
    "the clock is behind a day that this installation has already seen: nothing expired comes back, but new encounters"
    " may be refused until it catches up; set the clock right (timedatectl) and see the operator's guide"
)


def clock_is_behind(now: datetime) -> bool:
    """Whether `now` lies before the effective day; in the hour before midnight the next day is no fault."""
    return effective_today() > (now.astimezone(UTC) + CLOCK_SKEW_TOLERANCE).date()


def purge_is_running() -> bool:
    """Whether somebody purges at this moment: until the end, its own line in the book of purges says "not complete"."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND (classid, objid, objsubid) = (0, %s, 1)"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [PURGE_LOCK],
        )
        return bool(cursor.fetchone()[0])


def due(today: date) -> dict[str, int]:
    """How many rows each eraser has to destroy by `today`."""
    return {eraser.name: eraser.count_due(today) for eraser in erasers()}


def purge(now: datetime, *, wet: bool, progress: Progress | None = None) -> Report:
    """Destroy everything due at `now` (UTC day), or only count it when not `wet`.

    What fails keeps nothing else alive: the rest is destroyed first, then the first failure is raised.
    """
    say = progress or (lambda name, done, of: None)
    today = now.astimezone(UTC).date()
    report = Report(today=today, wet=wet)
    if not wet:
        report.keys = keystore.count_expired(today)
        report.rows = due(today)
        return report
    today = report.today = raise_high_water(today)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [PURGE_LOCK])
        if not cursor.fetchone()[0]:
            report.running_elsewhere = True
            return report
    failures: list[Exception] = []
    first = not PurgeRun.objects.filter(day=today).exists()

    def tell(lost: int) -> None:
        """A full data disk takes no entry; keys must die all the same, and the failure is raised at the end."""
        try:
            _keys_lost(lost, now)
        except Exception as failure:
            failures.append(failure)

    try:
        try:
            _begin(today, now)
        except Exception as failure:
            failures.append(failure)
        try:
            report.keys = keystore.destroy_expired(today, tell)
        except Exception as failure:
            failures.append(failure)
        for eraser in erasers():
            try:
                report.rows[eraser.name] = _erase(eraser, today, say)
            except Exception as failure:
                failures.append(failure)
        _close(report, now, failed=bool(failures))
        _rewrite(report, everything=first)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [PURGE_LOCK])
    if failures:
        raise failures[0]
    return report


def _rewrite(report: Report, *, everything: bool) -> None:
    """Write anew what rows were erased from, and once a day everything that dies: sessions end between two purges too."""
    touched = [eraser for eraser in erasers() if everything or report.rows.get(eraser.name)]
    rewrite(frozenset(BOOK).union(*(eraser.tables for eraser in touched)))


def _begin(today: date, now: datetime) -> None:
    """Write down what is due before it goes: what a purge destroyed that is then killed, the next one says."""
    with transaction.atomic():
        last = PurgeRun.objects.order_by("-day").first()
        gone = 0 if last is None or last.complete else last.overdue - overdue(last.day)
        if gone > 0:
            _log(Event.PURGE_RUN, gone, now, outcome="interrupted")
        left = overdue(today)
        if left:
            PurgeRun.objects.update_or_create(day=today, defaults={"complete": False, "overdue": left})


def _keys_lost(count: int, now: datetime) -> None:
    """Keys that no longer open were dropped; with them went whatever they sealed."""
    with transaction.atomic():
        _log(Event.KEYS_LOST, count, now, outcome="failed")


def _log(event: Event, count: int, now: datetime, **more: str) -> None:
    audit.record(
        event, association_id=None, actor=SYSTEM, subject_kind="bucket", count=count, now=now, **more
    )


def _erase(eraser: Eraser, today: date, say: Progress) -> int:
    """Run one eraser to its end and close its lines of the book; returns how many rows went."""
    of, done = eraser.count_due(today), 0
    say(eraser.name, 0, of)
    while True:
        count = conflicts.atomic(eraser.erase)(today, BATCH)
        done += count
        say(eraser.name, done, max(of, done))
        if count < BATCH:
            break
    with transaction.atomic():
        ledger.close_lines(today, eraser.classes)
    return done


def _close(report: Report, now: datetime, *, failed: bool) -> None:
    """A purge of which any part failed is not complete, even when no row is overdue: keys may not have rotated."""
    left = overdue(report.today)
    with transaction.atomic():
        ledger.coarsen(report.today)
        PurgeRun.objects.update_or_create(
            day=report.today, defaults={"complete": left == 0 and not failed, "overdue": left}
        )
        if report.total or report.keys:
            _log(Event.PURGE_RUN, report.total, now)


def overdue(today: date) -> int:
    """How many rows and keys outlive their day at `today`. Zero is the only good answer."""
    return sum(due(today).values()) + keystore.count_expired(today)


def high_water() -> date | None:
    return HighWater.objects.values_list("day", flat=True).first()
