"""Totals as a test reads them: running ones opened, inside the association's scope or as the worker."""

from datetime import date
from typing import Any

from outreach.records.counting import TOUCHED
from outreach.records.models import RunningMonth, RunningQuarter
from privacy import sealed_sums


def _opened(rows: Any) -> dict[date, dict[str, int]]:
    return {
        start: {key: count for key, count in body.items() if key != TOUCHED}
        for start, body in sealed_sums.read(list(rows))
    }


def months() -> dict[date, dict[str, int]]:
    """The running months and their totals."""
    return _opened(RunningMonth.objects.all())


def quarters() -> dict[date, dict[str, int]]:
    """The running quarters and their answers."""
    return _opened(RunningQuarter.objects.all())
