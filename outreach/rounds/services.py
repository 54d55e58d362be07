"""A round's life: planned, started, closed. Closing opens its drafts, stores its counts and ends every right to write to it.

Rule of the module: a service takes the actor and `now`, locks the round, and does all of it in one transaction.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F

from outreach.associations.models import Association
from outreach.places.models import Sector
from outreach.rounds.locks import hold_round, hold_rounds
from outreach.rounds.models import CALLED_OFF, Round, RoundSector
from privacy.core.errors import PrivacyError
from privacy.core.retention import RetentionClass, expires_on, night_of
from privacy.db import conflicts

LATE_SUBMISSION_WINDOW = timedelta(hours=72)
"""How long after its night a closed round still takes what a phone could not send."""
MOST_SEEN = 1_000
"""Where the number of phones on a round stops: it is there to be read beside a crew."""


class RoundRefused(PrivacyError):
    """The round is not in a state for this. `reason` comes from a closed list."""

    code = "round-refused"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


@conflicts.atomic
def plan_round(
    *,
    association_id: UUID,
    team_id: UUID,
    night: date,
    sector_ids: Iterable[UUID],
    planned_start: time | None = None,
    **choice: str,
) -> Round:
    """Plan a team's night with the sectors it means to walk. Raises RoundRefused when the team already has one that night."""
    shift = choice.get("shift", Round.Shift.NIGHT)
    # Held: of two who plan a night that was called off, the second would take the place of a round that has left by then.
    before = next((one for one in hold_rounds(team_id, [night]) if one.shift == shift), None)
    if before is not None and before.status not in CALLED_OFF:
        raise RoundRefused("already-planned")
    association = Association.objects.get(id=association_id)
    round_ = Round(
        association_id=association_id,
        team_id=team_id,
        night=night,
        planned_start=planned_start,
        expires_on=expires_on(RetentionClass.ITINERARY, night, association.policy),
        **choice,
    )
    if before is not None:
        round_.id, round_.pseudonym = before.id, before.pseudonym
        round_.save(force_update=True)
        RoundSector.objects.filter(round=round_).delete()
    else:
        try:
            with transaction.atomic():
                round_.save(force_insert=True)
        except IntegrityError:
            # Two people planned the same night at the same moment: the other one was first.
            raise RoundRefused("already-planned") from None
    sectors = Sector.objects.filter(id__in=list(sector_ids), active=True)
    RoundSector.objects.bulk_create(
        [RoundSector(association_id=association_id, round=round_, sector=sector) for sector in sectors]
    )
    return round_


@conflicts.atomic
def start_round(round_id: UUID, *, now: datetime, crew_count: int | None = None, **choice: str) -> Round:
    """Open the round. Starting an open one changes nothing; a closed or cancelled one is refused."""
    round_ = hold_round(round_id)
    if round_.status == Round.Status.OPEN:
        return round_
    if round_.status != Round.Status.PLANNED:
        raise RoundRefused(round_.status)
    round_.status = Round.Status.OPEN
    round_.planned_start = None
    round_.started_hour = now.astimezone(ZoneInfo(round_.association.timezone)).hour
    round_.crew_count = crew_count
    for name, value in choice.items():
        setattr(round_, name, value)
    round_.save()
    return round_


@conflicts.atomic
def cancel_round(round_id: UUID, *, now: datetime) -> Round:
    """Call a planned round off: explicitly, so that what is counted never depends on what was found.

    It is cancelled until its night is over, and from then on "not walked". Once called off, a second time changes nothing.
    """
    round_ = hold_round(round_id)
    if round_.status in CALLED_OFF:
        return round_
    if round_.status != Round.Status.PLANNED:
        raise RoundRefused(round_.status)
    over = night_of(now, ZoneInfo(round_.association.timezone)) > round_.night
    round_.status = Round.Status.NOT_WALKED if over else Round.Status.CANCELLED
    round_.save(update_fields=["status"])
    return round_


@conflicts.atomic
def restore_round(round_id: UUID) -> Round:
    """Plan a round that was called off again, with the hour and the sectors it had.

    A planned one is refused: it may be somebody's new plan, with other sectors.
    """
    round_ = hold_round(round_id)
    if round_.status not in CALLED_OFF:
        raise RoundRefused(round_.status)
    round_.status = Round.Status.PLANNED
    round_.save(update_fields=["status"])
    return round_


def phone_joined(round_id: UUID) -> None:
    """One more phone has the round on its screen: a number, so that a lead knows how many have not sent. No phone is named."""
    seen = Round.objects.filter(id=round_id, status=Round.Status.OPEN, phone_count__lt=MOST_SEEN)
    seen.update(phone_count=F("phone_count") + 1)


def refuse_unless_late(round_: Round, now: datetime) -> None:
    """Raise RoundRefused unless the round is closed and its 72 hours still run."""
    if round_.status != Round.Status.CLOSED:
        raise RoundRefused(round_.status)
    night = night_of(now, ZoneInfo(round_.association.timezone))
    if night > round_.night + LATE_SUBMISSION_WINDOW:
        raise RoundRefused("too-late")
