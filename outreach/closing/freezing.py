"""A running month or quarter becomes its one clear line when nothing can change it any more: rounded, banded, written once.

    nights over, late phones over, no open round, nothing added for a day -> open -> round down -> clear line -> sealed row goes
    -> commit -> its key goes

Rule of the module: run by the worker. Until then the numbers stand sealed, so that two dumps differ by nothing that one
phone sent.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from outreach.associations.models import Association
from outreach.records.counting import TOUCHED, add, running_until
from outreach.records.models import ConsentCounter, RunningMonth, RunningQuarter, TallyMonth
from outreach.rounds.locks import hold_books, hold_secrets
from outreach.rounds.models import Round
from outreach.rounds.services import LATE_SUBMISSION_WINDOW
from privacy import bands, sealed_sums
from privacy.core.retention import night_of
from privacy.db import conflicts
from privacy.keystore import services as keystore
from privacy.masking import rounded
from privacy.retention import ledger
from privacy.retention.rewriting import rewrite
from privacy.retention.services import effective_today
from privacy.sealed_sums import Body, SealedSum

logger = logging.getLogger(__name__)

PURPOSE = "zone"
ALWAYS_YES_FROM = 50
"""Answers from which on hardly any refusal deserves a question, and their share is told in tenths."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A kind of running sum: how many months it lasts, what may still come after its last night, the clear line it becomes."""

    running: type[SealedSum]
    months: int
    grace: timedelta
    write: Callable[[Association, date, Body], None]

    def end(self, start: date) -> date:
        """The first day after the period."""
        return (start + timedelta(days=31 * self.months)).replace(day=1)


def _month(association: Association, start: date, body: Body) -> None:
    few = association.policy.few
    totals = {key: rounded(int(count), few) for key, count in body.items() if key != TOUCHED}
    TallyMonth.objects.create(
        association=association, month=start, totals={key: count for key, count in totals.items() if count}
    )


def _quarter(association: Association, start: date, body: Body) -> None:
    given, refused, withdrawn = (int(body.get(key, 0)) for key in ("given", "refused", "withdrawn"))
    asked = given + refused
    ConsentCounter.objects.create(
        association=association,
        quarter=start,
        purpose=PURPOSE,
        asked=bands.floor(asked),
        given=bands.floor(given),
        refused=bands.floor(refused),
        withdrawn=bands.floor(withdrawn),
        always_yes=asked >= ALWAYS_YES_FROM and refused * 20 < asked,
        refused_tenth=min(refused * 10 // asked, 9) if asked >= ALWAYS_YES_FROM else None,
    )


# A draft set aside may be tried again until three days after its week (`set_aside`): that yes is still of its quarter.
PERIODS = (
    Period(RunningMonth, 1, LATE_SUBMISSION_WINDOW + DAY, _month),
    Period(RunningQuarter, 3, timedelta(days=6) + LATE_SUBMISSION_WINDOW + DAY, _quarter),
)


def freeze(now: datetime, *, quiet: timedelta = DAY) -> int:
    """Freeze every running sum that is settled; returns how many. quiet: how long nothing may have come (a long import).

    One that fails (a damaged key, until the purge drops it) is tried again and holds up no other.
    """
    if _take_over():
        rewrite(model._meta.db_table for model in (TallyMonth, ConsentCounter))
    done = 0
    for period in PERIODS:
        for row in list(period.running._default_manager.order_by("association_id", period.running.PERIOD)):
            try:
                done += _freeze_one(period, row, now, quiet)
            except Exception:
                logger.exception("total_not_frozen")
    return done


@conflicts.atomic
def _freeze_one(period: Period, found: SealedSum, now: datetime, quiet: timedelta) -> bool:
    hold_books(found.association_id)
    row: Any = period.running._default_manager.select_for_update().filter(pk=found.pk).first()
    if row is None or not _settled(period, row.association, row.start, now):
        return False
    # It began again half way, without what a damaged key had sealed: a part is never written as the whole.
    if row.version == sealed_sums.STALE:
        return False
    opened = sealed_sums.read([row])
    # Its key is lost: there is nothing to write, and the eraser takes the row on its day.
    if not opened:
        return False
    [(start, body)] = opened
    if date.fromisoformat(body.get(TOUCHED, "0001-01-01")) + quiet > effective_today():
        return False
    period.write(row.association, start, body)
    row.delete()
    ledger.decrement_stored(row.association_id, {(period.running.RETENTION_CLASS, row.expires_on): 1})
    # Only once the clear line is there for good; cut off before, the key is an orphan, which the reaper takes.
    name = sealed_sums.subject(period.running, row.association_id, start)
    transaction.on_commit(partial(keystore.destroy_subject, name))
    return True


def _settled(period: Period, association: Association, start: date, now: datetime) -> bool:
    end = period.end(start)
    if night_of(now, ZoneInfo(association.timezone)) - period.grace < end:
        return False
    nights = Round.objects.filter(association=association, night__gte=start, night__lt=end)
    return not nights.filter(status=Round.Status.OPEN).exists()


def _take_over() -> int:
    """Seal what a version before kept in clear; from then on it is frozen like any other. Returns how many lines."""
    done = 0
    for line in list(TallyMonth.objects.filter(frozen=False).select_related("association")):
        done += _seal(PERIODS[0], line, line.month, line.totals)
    for counter in list(ConsentCounter.objects.filter(frozen=False).select_related("association")):
        totals = {key: getattr(counter, key) for key in ("given", "refused", "withdrawn")}
        done += _seal(PERIODS[1], counter, counter.quarter, totals)
    return done


def _seal(period: Period, line: TallyMonth | ConsentCounter, start: date, totals: dict[str, int]) -> bool:
    try:
        return _sealed(period, line, start, totals)
    except Exception:
        logger.exception("total_not_sealed")
        return False


@conflicts.atomic
def _sealed(period: Period, line: TallyMonth | ConsentCounter, start: date, totals: dict[str, int]) -> bool:
    """False where the sealed total takes nothing more: then the clear line stays, being all there is."""
    model = period.running
    hold_secrets()
    hold_books(line.association_id)
    day = running_until(model.RETENTION_CLASS, start, line.association.policy)
    taken = sealed_sums.change(model, line.association_id, start, day, partial(add, more=totals))
    if taken:
        line.delete()
    return taken
