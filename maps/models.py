"""Sealed sums. One row per association and week, or month: its size does not grow with the number of records it sums."""

from django.db import models

from outreach.associations.models import Association


class WeeklySummary(models.Model):
    """Counts by 1 km square of one association's week (Monday to Sunday), sealed; read by coordinators once the week is over."""

    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    week = models.DateField()
    version = models.PositiveSmallIntegerField(default=1)
    blob = models.BinaryField()
    expires_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["association", "week"], name="one_summary_a_week")]


class MonthlyAccumulator(models.Model):
    """Bounded sums by sector of one month, sealed, fed when a round closes, so that short retention never makes silent zeros."""

    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    month = models.DateField()
    version = models.PositiveSmallIntegerField(default=1)
    blob = models.BinaryField()
    expires_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["association", "month"], name="one_accumulator_a_month")
        ]
