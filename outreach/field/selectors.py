"""Which rounds a person of the field sees: those of their own teams, tonight, in the days to come, and the ones just closed."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import Http404

from outreach.access import ActingMembership
from outreach.rounds.models import CALLED_OFF, Round, RoundSector
from outreach.rounds.services import LATE_SUBMISSION_WINDOW
from privacy.core.retention import night_of

AHEAD = timedelta(days=14)


@dataclass(slots=True)
class Rounds:
    """Rounds of a membership's teams, by what one does with them."""

    night: date
    open: list[Round] = field(default_factory=list)
    tonight: list[Round] = field(default_factory=list)
    ahead: list[Round] = field(default_factory=list)
    closed: list[Round] = field(default_factory=list)


def tonight_of(acting: ActingMembership, now: datetime) -> date:
    """The association's current night (noon to noon)."""
    return night_of(now, ZoneInfo(acting.timezone))


def rounds_of(acting: ActingMembership, now: datetime) -> Rounds:
    """Open and closed ones as long as late counts are taken, planned ones for two weeks."""
    night = tonight_of(acting, now)
    found = Rounds(night)
    rows = (
        Round.objects.filter(
            Q(night__gte=night - LATE_SUBMISSION_WINDOW) | Q(status=Round.Status.OPEN),
            team_id__in=acting.team_ids,
            night__lte=night + AHEAD,
        )
        .exclude(status__in=CALLED_OFF)
        .select_related("team")
    )
    for row in sorted(rows, key=Round.in_order):
        if row.status == Round.Status.OPEN:
            found.open.append(row)
        elif row.status == Round.Status.CLOSED:
            found.closed.insert(0, row)
        elif row.night == night:
            found.tonight.append(row)
        elif row.night > night:
            found.ahead.append(row)
    return found


def tonights_sectors(acting: ActingMembership, now: datetime) -> frozenset[UUID]:
    """The sectors that the membership's teams walk tonight, or are walking still."""
    tonight = Q(round__night=tonight_of(acting, now)) | Q(round__status=Round.Status.OPEN)
    planned = RoundSector.objects.filter(tonight, round__team_id__in=acting.team_ids, cancelled=False)
    return frozenset(planned.exclude(round__status__in=CALLED_OFF).values_list("sector_id", flat=True))


def only_closes(round_: Round, now: datetime) -> bool:
    """Whether an open round is so old that nothing more is taken for it: it was not closed at noon, and can only be closed."""
    tonight = night_of(now, ZoneInfo(round_.association.timezone))
    return round_.status == Round.Status.OPEN and tonight - round_.night >= LATE_SUBMISSION_WINDOW


def round_or_404(acting: ActingMembership, round_id: UUID) -> Round:
    """A round of one's own teams with its team and association. Raises Http404: another team's round does not exist here."""
    try:
        return Round.objects.select_related("association", "team").get(
            id=round_id, team_id__in=acting.team_ids
        )
    except Round.DoesNotExist:
        raise Http404 from None
