"""Sealed sums. One row per association and week, or month, of one size: it does not grow with what it sums."""

from typing import ClassVar

from django.db import models
from django.db.models import Func, IntegerField, Q
from django.db.models.lookups import GreaterThanOrEqual

from outreach.associations.models import Association
from privacy.core.retention import RetentionClass
from privacy.sealed_sums import SealedSum


def one_size(name: str, sealed: int) -> models.CheckConstraint:
    """No body of today's format is shorter than `sealed` bytes (SIZE and what sealing adds); older ones are made again."""
    long_enough = GreaterThanOrEqual(
        Func("blob", function="octet_length", output_field=IntegerField()), sealed
    )
    return models.CheckConstraint(condition=Q(version__lt=2) | Q(long_enough), name=name)


class WeeklySummary(SealedSum):
    """Counts of each team by 1 km square of one association's week (Monday to Sunday), sealed: see `maps.weekly`.

    Read by coordinators once the week is over, masked.
    """

    RETENTION_CLASS: ClassVar = RetentionClass.SUMMARY
    PERIOD: ClassVar = "week"
    FORMAT: ClassVar = 2
    SIZE: ClassVar = 65_536
    """Some 1,700 pairs of a team and a square; the demonstration's largest week has about 50."""

    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    week = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["association", "week"], name="one_summary_a_week"),
            one_size("summary_has_one_size", 65_673),
        ]


class MonthlyAccumulator(SealedSum):
    """Bounded sums by sector of one month, sealed, fed when a round closes, so that short retention never makes silent zeros."""

    RETENTION_CLASS: ClassVar = RetentionClass.ACCUMULATOR
    PERIOD: ClassVar = "month"
    FORMAT: ClassVar = 2
    SIZE: ClassVar = 32_768
    """Some 500 sectors; Paris is counted in 355."""

    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["association", "month"], name="one_accumulator_a_month"),
            one_size("accumulator_has_one_size", 32_873),
        ]
