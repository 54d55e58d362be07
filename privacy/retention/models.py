"""What time destroys, as an account book: one line per association, kind of data and day of expiry, and the
high-water mark of time.
"""

import uuid

from django.db import models


class HighWater(models.Model):
    """The latest day the service has ever seen: a clock set back revives nothing (`app_today()` reads it)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    day = models.DateField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_high_water_mark")]


class LedgerEntry(models.Model):
    """What was stored to expire on one day, and what became of it. Counts of rows, never of people; shown in bands."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association_id = models.UUIDField()
    retention_class = models.CharField(max_length=20)
    expires_on = models.DateField()
    stored = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    erased = models.PositiveIntegerField(default=0)
    erased_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["association_id", "retention_class", "expires_on"], name="one_line_a_bucket"
            )
        ]
        indexes = [
            models.Index(fields=["expires_on"], condition=models.Q(erased_on=None), name="ledger_open")
        ]


class PurgeRun(models.Model):
    """One purge: the day it ran and whether everything due was destroyed. The watchdog reads the newest."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.DateField(unique=True)
    complete = models.BooleanField()
    overdue = models.PositiveIntegerField(default=0)
