"""The account book as an auditor reads it: by week and kind, due, done or late, in bands; through the audit connection only.

Rule of the room: exact counts never leave; a band of few says "0–19" whether it hides 1 or 19.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from privacy import bands
from privacy.db import scope
from privacy.retention import services
from privacy.retention.models import LedgerEntry, PurgeRun

ALIAS = "audit"


class State(StrEnum):
    DUE = "due"
    DONE = "done"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Line:
    """What of one kind expires in one week (Monday), how much was stored (band), and its state; `settled` is
    the last day of erasure.
    """

    week: date
    kind: str
    stored: str
    withdrawn: str
    state: State
    settled: date | None


@dataclass(frozen=True, slots=True)
class Book:
    lines: list[Line]
    late: int
    done: int
    due: int
    next_day: date | None
    last_purge: date | None
    last_purge_complete: bool | None
    """Also true while one is at work: it says what it left when it ends."""


def book(association_id: UUID, *, today: date, weeks_back: int = 13, weeks_ahead: int = 14) -> Book:
    """The lines of `association_id` around `today`, the latest first within due, late and done."""
    window = (today - timedelta(weeks=weeks_back), today + timedelta(weeks=weeks_ahead))
    with (
        scope.acting(replace(scope.current(), association_id=association_id)),
        transaction.atomic(using=ALIAS),
    ):
        late = Q(
            erased_on=None, expires_on__lte=today
        )  # however long ago: what is late never leaves the book
        rows = list(LedgerEntry.objects.using(ALIAS).filter(Q(expires_on__range=window) | late))
        run = PurgeRun.objects.using(ALIAS).order_by("-day").first()
    lines = _lines(rows, today)
    open_days = [row.expires_on for row in rows if row.erased_on is None and row.expires_on > today]
    return Book(
        lines=lines,
        late=sum(line.state is State.LATE for line in lines),
        done=sum(line.state is State.DONE for line in lines),
        due=sum(line.state is State.DUE for line in lines),
        next_day=min(open_days, default=None),
        last_purge=run.day if run else None,
        last_purge_complete=(run.complete or services.purge_is_running()) if run else None,
    )


def _lines(rows: Iterable[LedgerEntry], today: date) -> list[Line]:
    grouped: dict[tuple[date, str], list[LedgerEntry]] = defaultdict(list)
    for row in rows:
        monday = row.expires_on - timedelta(days=row.expires_on.weekday())
        grouped[(monday, row.retention_class)].append(row)
    lines = []
    for (monday, kind), group in grouped.items():
        late = any(row.erased_on is None and row.expires_on <= today for row in group)
        done = all(row.erased_on is not None for row in group)
        lines.append(
            Line(
                week=monday,
                kind=kind,
                stored=bands.label(sum(row.stored for row in group)),
                withdrawn=bands.label(sum(row.withdrawn for row in group)),
                state=State.LATE if late else State.DONE if done else State.DUE,
                settled=max((row.erased_on for row in group if row.erased_on), default=None)
                if done
                else None,
            )
        )
    order = {State.LATE: 0, State.DUE: 1, State.DONE: 2}
    return sorted(lines, key=lambda line: (order[line.state], abs((line.week - today).days), line.kind))
