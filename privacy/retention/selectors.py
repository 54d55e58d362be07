"""The account book as an auditor reads it: by week and kind, due, done or late, in bands; through the audit connection only.

Rule of the module: exact counts never leave the database; a band of few says "0–19" whether it hides 1 or 19. A week has
bands once it is over and all of it destroyed: a band that moves while one looks tells the count at which it moved.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.db import connections, transaction

from privacy import bands
from privacy.db import scope
from privacy.retention import services
from privacy.retention.models import PurgeRun

ALIAS = "audit"


class State(StrEnum):
    DUE = "due"
    DONE = "done"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Line:
    """What of one kind expires in one week (Monday), its state, and how much was stored: a band once the week is finished, else
    None. `settled` is the last day of erasure.
    """

    week: date
    kind: str
    stored: str | None
    withdrawn: str | None
    state: State
    settled: date | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is still to come, month by kind: in how many weeks of a month (that of their Monday) something of a kind ends."""

    months: list[date]
    rows: list[tuple[str, list[int]]]


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """`lines`: all of them, in order; the page shows what was due (`past`) line by line and folds the rest (`ahead`)."""

    lines: list[Line]
    late: int
    done: int
    due: int
    next_day: date | None
    last_purge: date | None
    last_purge_complete: bool | None
    """Also true while one is at work: it says what it left when it ends."""

    @property
    def past(self) -> list[Line]:
        """What was due: late first, then what was destroyed, the latest first."""
        return [line for line in self.lines if line.state is not State.DUE]

    @property
    def ahead(self) -> Ahead:
        """What is only future. No count of rows: how many weeks, as the rules and the nights a team went out make them."""
        weeks = Counter(
            (line.kind, line.week.replace(day=1)) for line in self.lines if line.state is State.DUE
        )
        months = sorted({month for _kind, month in weeks})
        kinds = sorted({kind for kind, _month in weeks})
        return Ahead(months, [(kind, [weeks[kind, month] for month in months]) for kind in kinds])


def book(association_id: UUID, *, today: date, weeks_back: int = 13) -> LedgerReport:
    """The lines of `association_id`, in order: all that is to come, what was destroyed in the last weeks, what is late."""
    first = today - timedelta(weeks=weeks_back + 1)
    with (
        scope.use_tenant(replace(scope.current(), association_id=association_id)),
        transaction.atomic(using=ALIAS),
        connections[ALIAS].cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM retention_book(%s)", [today])
        rows = [_Row(*row) for row in cursor.fetchall()]
        run = PurgeRun.objects.using(ALIAS).order_by("-day").values_list("day", "complete").first()
    # However long ago: what is late never leaves the book.
    lines = [_line(row) for row in rows if row.late or first < row.week]
    return LedgerReport(
        lines=in_order(lines),
        late=sum(line.state is State.LATE for line in lines),
        done=sum(line.state is State.DONE for line in lines),
        due=sum(line.state is State.DUE for line in lines),
        next_day=next((row.next_day for row in rows), None),
        last_purge=run[0] if run else None,
        last_purge_complete=(run[1] or services.purge_is_running()) if run else None,
    )


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Late, due, done; by week, the first one on top, and of what is done the last one."""
    order = {State.LATE: 0, State.DUE: 1, State.DONE: 2}
    kinds = sorted(lines, key=lambda line: line.kind)
    return sorted(
        kinds,
        key=lambda line: (order[line.state], line.week.toordinal() * (-1 if line.state is State.DONE else 1)),
    )


class _Row(NamedTuple):
    """A week of one kind, as the database tells it to the auditor's role."""

    week: date
    kind: str
    late: bool
    done: bool
    stored: int | None
    withdrawn: int | None
    settled: date | None
    next_day: date | None


def _line(row: _Row) -> Line:
    return Line(
        week=row.week,
        kind=row.kind,
        stored=_label(row.stored),
        withdrawn=_label(row.withdrawn),
        state=State.LATE if row.late else State.DONE if row.done else State.DUE,
        settled=row.settled,
    )


def _label(floor: int | None) -> str | None:
    return None if floor is None else bands.label(floor)
