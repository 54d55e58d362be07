"""The account book of what is stored and what was destroyed: counts of rows by association, kind and day of expiry.

Rule of the module: a count is exact while its rows live and for a week after, then no finer than the page that shows it.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import connection

from privacy.core.retention import RetentionClass
from privacy.retention.models import LedgerEntry

Line = tuple[RetentionClass, date]

_STORED = """
INSERT INTO retention_ledgerentry AS l (id, association_id, retention_class, expires_on, stored, withdrawn, erased)
SELECT gen_random_uuid(), %s, cls, day, n, 0, 0 FROM unnest(%s::text[], %s::date[], %s::int[]) AS t(cls, day, n)
ON CONFLICT (association_id, retention_class, expires_on) DO UPDATE SET
    stored = least(l.stored::bigint + excluded.stored, 2147483647)
"""

_WITHDRAWN = """
UPDATE retention_ledgerentry SET withdrawn = least(withdrawn::bigint + %s, 2147483647)
WHERE association_id = %s AND retention_class = %s AND expires_on = %s
"""
_DECREMENT_STORED = """
UPDATE retention_ledgerentry SET stored = stored - %s
WHERE association_id = %s AND retention_class = %s AND expires_on = %s
"""

# A line of which nothing is left goes along whole: no count of what was withdrawn stays longer than the rest. A day that was
# settled already (today's, by a purge of this morning) is open again.
_MOVED = """
WITH moved AS (
    SELECT cls, old, new, n FROM unnest(%(classes)s::text[], %(olds)s::date[], %(news)s::date[], %(counts)s::int[])
        AS t(cls, old, new, n)
), off AS (
    UPDATE retention_ledgerentry l SET stored = greatest(l.stored - t.n, 0)
      FROM (SELECT cls, old, max(new) AS new, sum(n)::int AS n FROM moved GROUP BY 1, 2) t
     WHERE l.association_id = %(association)s AND l.retention_class = t.cls AND l.expires_on = t.old
    RETURNING t.cls, t.old, t.new, l.stored, l.withdrawn
), rest AS (
    SELECT * FROM off WHERE stored <= withdrawn
), added AS (
    INSERT INTO retention_ledgerentry AS l (id, association_id, retention_class, expires_on, stored, withdrawn, erased)
    SELECT gen_random_uuid(), %(association)s, cls, new, sum(n), sum(withdrawn), 0 FROM (
        SELECT cls, new, n, 0 AS withdrawn FROM moved UNION ALL SELECT cls, new, stored, withdrawn FROM rest
    ) t GROUP BY cls, new
    ON CONFLICT (association_id, retention_class, expires_on) DO UPDATE SET
        stored = l.stored + excluded.stored, withdrawn = l.withdrawn + excluded.withdrawn, erased = 0, erased_on = NULL
)
SELECT cls, old FROM rest
"""

COARSE_AFTER = 7
"""Days after a week is over and all its lines are settled, until they become one."""

# The first statement removes whole settled weeks, the second writes each as one line; the bands are those of `privacy.bands`.
_COARSEN = """
WITH week AS (
    SELECT association_id, retention_class, date_trunc('week', expires_on)::date AS monday,
           sum(stored) AS stored, sum(withdrawn) AS withdrawn, max(erased_on) AS erased_on
      FROM retention_ledgerentry
     GROUP BY 1, 2, 3
    HAVING bool_and(erased_on IS NOT NULL)
       AND greatest(max(erased_on), date_trunc('week', expires_on)::date + 6) + %(after)s < %(today)s
       AND (count(*) > 1 OR bool_or(expires_on > date_trunc('week', expires_on)::date)
            OR sum(stored) NOT IN (0, 20, 50) OR sum(withdrawn) NOT IN (0, 20, 50))
), gone AS (
    DELETE FROM retention_ledgerentry l USING week w
     WHERE l.association_id = w.association_id AND l.retention_class = w.retention_class
       AND l.expires_on BETWEEN w.monday AND w.monday + 6
    RETURNING l.id
), coarse AS (
    SELECT *, CASE WHEN stored >= 50 THEN 50 WHEN stored >= 20 THEN 20 ELSE 0 END AS s,
           CASE WHEN withdrawn >= 50 THEN 50 WHEN withdrawn >= 20 THEN 20 ELSE 0 END AS w
      FROM week WHERE (SELECT count(*) FROM gone) > 0
)
INSERT INTO retention_ledgerentry (id, association_id, retention_class, expires_on, stored, withdrawn, erased, erased_on)
SELECT gen_random_uuid(), association_id, retention_class, monday, s, w, greatest(s - w, 0), erased_on FROM coarse
"""


def stored(association_id: UUID, lines: Mapping[Line, int]) -> None:
    """Add rows just stored, in the caller's transaction."""
    ordered = sorted((cls.value, day, count) for (cls, day), count in lines.items() if count)
    if not ordered:
        return
    with connection.cursor() as cursor:
        classes, days, counts = zip(*ordered, strict=True)
        cursor.execute(_STORED, [association_id, list(classes), list(days), list(counts)])


def withdrawn(association_id: UUID, lines: Mapping[Line, int]) -> None:
    """Count rows that a person took back before their day."""
    _change(_WITHDRAWN, association_id, lines)


def decrement_stored(association_id: UUID, lines: Mapping[Line, int]) -> None:
    """Take rows out that became something else, booked there: on this day there will be nothing of them to destroy.

    For the worker: nobody else may make a count smaller.
    """
    _change(_DECREMENT_STORED, association_id, lines)


def moved(association_id: UUID, moves: Mapping[tuple[RetentionClass, date, date], int]) -> None:
    """Book rows on an earlier day than they were stored for: (class, the old day, the new one). For the worker."""
    rows = [(cls.value, old, new, count) for (cls, old, new), count in sorted(moves.items()) if count]
    if not rows:
        return
    classes, olds, news, counts = (list(column) for column in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVED,
            {
                "association": association_id,
                "classes": classes,
                "olds": olds,
                "news": news,
                "counts": counts,
            },
        )
        emptied = cursor.fetchall()
    for cls, old in emptied:
        LedgerEntry.objects.filter(
            association_id=association_id, retention_class=cls, expires_on=old
        ).delete()


def _change(statement: str, association_id: UUID, lines: Mapping[Line, int]) -> None:
    with connection.cursor() as cursor:
        for (cls, day), count in sorted(lines.items(), key=lambda item: (item[0][0].value, item[0][1])):
            cursor.execute(statement, [count, association_id, cls.value, day])


def close_lines(today: date, classes: frozenset[RetentionClass]) -> int:
    """Close the lines whose data is gone: erased = stored - withdrawn, on `today`. Returns how many lines were closed.

    A line that says more was withdrawn than stored is wrong, and no reason for the purge to stop: nothing of it is called erased.
    """
    from django.db.models import F
    from django.db.models.functions import Greatest

    return LedgerEntry.objects.filter(
        expires_on__lte=today, erased_on=None, retention_class__in=[cls.value for cls in classes]
    ).update(erased=Greatest(F("stored") - F("withdrawn"), 0), erased_on=today)


def coarsen(today: date) -> int:
    """Make one line of every week that is over and settled for COARSE_AFTER days: its Monday, counts at their band's floor.

    Day by day and exact they would be the number of encounters of each night, kept for good. Returns how many weeks were folded.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COARSEN, {"after": COARSE_AFTER, "today": today})
        return int(cursor.rowcount)
