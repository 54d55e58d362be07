"""Sums that can no longer be trusted are made again by the worker, every hour; the task carries no argument."""

import logging

from celery import shared_task

from maps import rebuild
from maps.models import WeeklySummary

logger = logging.getLogger(__name__)


@shared_task(name="maps.tasks.rebuild_stale", ignore_result=True)
def rebuild_stale() -> int:
    """Make every stale week again; returns how many. One that fails is tried again and holds up no other."""
    made = 0
    for association_id, week in list(rebuild.weeks(stale_only=True)):
        try:
            rebuild.rebuild(association_id, week)
            made += 1
        except WeeklySummary.DoesNotExist:
            continue  # its day came meanwhile
        except Exception:
            logger.exception("summary_not_rebuilt")
    return made
