"""Weekly summaries made again from the records that still live: after a change of format, or to check that
sums and records agree. Months cannot be (their first records may be gone): they take the size of today.

Rule of the module: run by the worker role, which sees all teams; a person's page never rebuilds anything.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Min

from maps import aggregate_listeners, weekly
from maps.models import MonthlyAccumulator, WeeklySummary
from outreach.records import selectors
from outreach.records.aggregates import Change
from outreach.records.counted import Counted, contribution
from outreach.records.models import Record
from outreach.rounds.locks import hold_books, hold_secrets
from outreach.rounds.models import Round
from privacy import sealed_sums
from privacy.db import conflicts


def weeks(*, stale_only: bool) -> Iterator[tuple[UUID, date]]:
    """(association, Monday) of the summaries to rebuild."""
    rows = WeeklySummary.objects.all()
    if stale_only:
        rows = rows.exclude(version=WeeklySummary.FORMAT)
    yield from rows.order_by("association_id", "week").values_list("association_id", "week")


@conflicts.atomic
def rebuild(association_id: UUID, week: date) -> int:
    """Empty one summary and add its rounds again; returns how many records went in."""
    hold_secrets()
    hold_books(association_id)
    row = WeeklySummary.objects.select_for_update().get(association_id=association_id, week=week)
    rounds = Round.objects.filter(
        association_id=association_id,
        night__gte=week,
        night__lt=week + timedelta(days=7),
        closed_on__isnull=False,  # also one that is open again: what came with its close is in the sums
    ).select_related("association")
    records = Record.objects.filter(round__in=rounds)
    first = records.aggregate(first=Min("expires_on"))["first"] or row.expires_on
    sealed_sums.change(WeeklySummary, association_id, week, first, weekly.empty)
    total = 0
    for round_ in rounds.order_by("id"):
        opened = selectors.open_rows(list(records.filter(round=round_).select_related("round")))
        today = Counted(round_.association.policy.coordinator_cell, None)  # a week knows no sector
        contributions = [contribution(one.encounter, one.counted or today) for one in opened]
        aggregate_listeners.add_week(Change(round_, frozenset(), contributions, closing=True))
        total += len(opened)
    WeeklySummary.objects.filter(pk=row.pk).update(version=WeeklySummary.FORMAT)
    return total


FIRST = 1
"""The format of months whose length grew with what they held."""


def grown_months() -> Iterator[tuple[UUID, date]]:
    """(association, first day) of the months that still have a length of their own."""
    rows = MonthlyAccumulator.objects.filter(version=FIRST).order_by("association_id", "month")
    yield from rows.values_list("association_id", "month")


@conflicts.atomic
def reseal(association_id: UUID, month: date) -> None:
    """Seal a month again in the one size that all have; what it holds stays."""
    hold_secrets()
    hold_books(association_id)
    row = MonthlyAccumulator.objects.select_for_update().get(association_id=association_id, month=month)
    sealed_sums.change(MonthlyAccumulator, association_id, month, None, lambda body: None)
    MonthlyAccumulator.objects.filter(pk=row.pk, version=FIRST).update(version=MonthlyAccumulator.FORMAT)
