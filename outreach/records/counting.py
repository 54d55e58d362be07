"""How many were asked, said yes, said no and withdrew, by quarter: sealed while it runs, in bands once it is over."""

from datetime import date, timedelta

from outreach.associations.models import Association
from outreach.records.models import ConsentCounter, RunningQuarter
from privacy import sealed_sums
from privacy.core.policy import Policy
from privacy.core.retention import RetentionClass, expires_on
from privacy.retention.services import effective_today
from privacy.sealed_sums import Body

TOUCHED = "touched"
"""Key of a running sum that holds the day of its last change: it is frozen when nothing came for a day."""


OLD = timedelta(days=92)


def running_until(cls: RetentionClass, start: date, policy: Policy) -> date:
    """When a running sum that begins on `start` dies at the latest, should nobody freeze it.

    One of long ago (an import brings old lines) lives as if it had begun a quarter ago: it is to be frozen, not lost.
    """
    return expires_on(cls, max(start, (effective_today() - OLD).replace(day=1)), policy)


def quarter_of(day: date) -> date:
    """The first day of the quarter of `day`."""
    return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)


def count_consent(
    association: Association, day: date, *, given: int = 0, refused: int = 0, withdrawn: int = 0
) -> bool:
    """Add to the quarter of `day`, or take out (negative). False, and nothing counted, when that quarter is frozen."""
    more = {"given": given, "refused": refused, "withdrawn": withdrawn}
    quarter = quarter_of(day)
    if ConsentCounter.objects.filter(association=association, quarter=quarter, frozen=True).exists():
        return False
    if any(more.values()):
        ends = running_until(RetentionClass.RUNNING_QUARTER, quarter, association.policy)
        sealed_sums.change(RunningQuarter, association.id, quarter, ends, lambda body: add(body, more))
    return True


def add(body: Body, more: dict[str, int]) -> None:
    """Add `more` to a running body, never below zero, and note the day."""
    for key, count in more.items():
        body[key] = max(0, int(body.get(key, 0)) + count)
    body[TOUCHED] = effective_today().isoformat()
