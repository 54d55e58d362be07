"""Rounds left open close by themselves once their night is over (noon), and totals that are settled become their clear line.

The tasks carry no argument.
"""

import logging
from uuid import uuid4
from zoneinfo import ZoneInfo

from celery import shared_task

from outreach.rounds import freezing
from outreach.rounds.models import Round
from outreach.rounds.services import close_round
from outreach.rounds.tally import Counts
from privacy import clock
from privacy.core.retention import night_of

logger = logging.getLogger(__name__)


@shared_task(name="outreach.rounds.tasks.close_forgotten", ignore_result=True)
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


@shared_task(name="outreach.rounds.tasks.freeze_totals", ignore_result=True)
def freeze_totals() -> int:
    """Write the clear line of every month and quarter that nothing can change any more; returns how many."""
    return freezing.freeze(clock.now())
