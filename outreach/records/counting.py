"""How many consented, refused and withdrew, by quarter: what auditors read in bands once the quarter is over."""

from datetime import date
from uuid import UUID

from django.db import connection


def count_consent(
    association_id: UUID, day: date, *, given: int = 0, refused: int = 0, withdrawn: int = 0
) -> None:
    """Add to the counters of the quarter of `day`, through the one function that may."""
    if given or refused or withdrawn:
        quarter = day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT outreach_add_consent(%s, %s, %s, %s, %s)",
                [association_id, quarter, given, refused, withdrawn],
            )
