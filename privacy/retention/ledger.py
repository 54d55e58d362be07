"""The account book of what is stored and what was destroyed: counts of rows by association, kind and day of expiry."""

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
ON CONFLICT (association_id, retention_class, expires_on) DO UPDATE SET stored = l.stored + excluded.stored
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
    with connection.cursor() as cursor:
        for (cls, day), count in sorted(lines.items(), key=lambda item: (item[0][0].value, item[0][1])):
            cursor.execute(
                "UPDATE retention_ledgerentry SET withdrawn = withdrawn + %s"
                " WHERE association_id = %s AND retention_class = %s AND expires_on = %s",
                [count, association_id, cls.value, day],
            )


def settle(today: date, classes: frozenset[RetentionClass]) -> int:
    """Close the lines whose data is gone: erased = stored - withdrawn, on `today`. Returns how many lines were closed."""
    from django.db.models import F

    return LedgerEntry.objects.filter(
        expires_on__lte=today, erased_on=None, retention_class__in=[cls.value for cls in classes]
    ).update(erased=F("stored") - F("withdrawn"), erased_on=today)
