"""Sealed sums. One row per association and week, or month: its size does not grow with the number of records it sums."""

from typing import ClassVar

from django.db import models

from outreach.associations.models import Association
from privacy.core.retention import RetentionClass
from privacy.sealed_sums import SealedSum


class WeeklySummary(SealedSum):
    """Counts by 1 km square of one association's week (Monday to Sunday), sealed; read by coordinators once the week is over."""

    RETENTION_CLASS: ClassVar = RetentionClass.SUMMARY
    PERIOD: ClassVar = "week"

    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    week = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["association", "week"], name="one_summary_a_week")]


class MonthlyAccumulator(SealedSum):
    """Bounded sums by sector of one month, sealed, fed when a round closes, so that short retention never makes silent zeros."""

    RETENTION_CLASS: ClassVar = RetentionClass.ACCUMULATOR
    PERIOD: ClassVar = "month"

    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["association", "month"], name="one_accumulator_a_month")
        ]
