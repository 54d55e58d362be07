"""Sealed sums die on their day: a week with the first of the records it sums, a month after its own days (docs/adr/0013)."""

from maps.models import MonthlyAccumulator, WeeklySummary
from outreach.erasers import by_day
from privacy.core.retention import RetentionClass
from privacy.erasers import Eraser
from privacy.erasers import register as add


def register() -> None:
    for name, model, cls in (
        ("weekly summaries", WeeklySummary, RetentionClass.SUMMARY),
        ("monthly accumulators", MonthlyAccumulator, RetentionClass.ACCUMULATOR),
    ):
        due, erase = by_day(model)
        add(Eraser(name, frozenset({cls}), frozenset({model._meta.db_table}), due, erase))
