"""What the worker does by itself: close forgotten rounds, freeze settled totals, destroy orphan secrets.

Rounds left open close once their night is over (noon). Orphans go once a day, those of drafts each hour. No task carries an
argument.
"""

import logging
from uuid import uuid4
from zoneinfo import ZoneInfo

from celery import shared_task

from outreach.closing import freezing
from outreach.closing.services import close_round
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy import clock
from privacy.core.retention import RetentionClass, night_of
from privacy.keystore import orphans

logger = logging.getLogger(__name__)


@shared_task(name="outreach.closing.tasks.close_forgotten", ignore_result=True)
def close_forgotten() -> int:
    """Close every open round whose night is over; returns how many. One that fails is tried again and holds up no other."""
    now = clock.now()
    closed = 0
    for round_ in list(Round.objects.filter(status=Round.Status.OPEN).select_related("association")):
        if night_of(now, ZoneInfo(round_.association.timezone)) <= round_.night:
            continue
        try:
            close_round(round_.id, phone=uuid4(), counts=Counts(), now=now)
            closed += 1
        except Exception:
            logger.exception("round_not_closed")
    return closed


@shared_task(name="outreach.closing.tasks.freeze_totals", ignore_result=True)
def freeze_totals() -> int:
    """Write the clear line of every month and quarter that nothing can change any more; returns how many."""
    return freezing.freeze(clock.now())


@shared_task(name="outreach.closing.tasks.delete_orphans", ignore_result=True)
def delete_orphans() -> None:
    orphans.delete_orphans()


@shared_task(name="outreach.closing.tasks.delete_draft_orphans", ignore_result=True)
def delete_draft_orphans() -> None:
    """What sealed the drafts of a closed round, or one set aside and taken, where a crash came between data and keys."""
    orphans.delete_orphans([RetentionClass.DRAFT, RetentionClass.QUARANTINE])
