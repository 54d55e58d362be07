"""Sums that can no longer be trusted are made again by the worker, every hour; the task carries no argument."""

import logging
from collections.abc import Callable
from datetime import date
from uuid import UUID

from celery import shared_task
from django.core.exceptions import ObjectDoesNotExist

from maps import rebuild

logger = logging.getLogger(__name__)


@shared_task(name="maps.tasks.rebuild_stale", ignore_result=True)
def rebuild_stale() -> int:
    """Make every stale week again, and seal months of a former size anew; returns how many."""
    stale = list(rebuild.weeks(stale_only=True))
    return _each(rebuild.rebuild, stale) + _each(rebuild.reseal, list(rebuild.grown_months()))


def _each(make: Callable[[UUID, date], object], sums: list[tuple[UUID, date]]) -> int:
    """One that fails is tried again and holds up no other."""
    made = 0
    for association_id, start in sums:
        try:
            make(association_id, start)
            made += 1
        except ObjectDoesNotExist:
            continue  # its day came meanwhile
        except Exception:
            logger.exception("summary_not_rebuilt")
    return made
