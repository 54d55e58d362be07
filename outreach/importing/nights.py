"""Which nights of a team an import may fill, and the round that takes each of them.

Rule of the module: what a team noted here is never added to. A night that was planned and not walked is free once it is over.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from outreach.importing.errors import Reason
from outreach.members.models import Team
from outreach.rounds import services as rounds
from outreach.rounds.locks import hold_rounds
from outreach.rounds.models import CALLED_OFF, Round


def taken(team: Team, nights: Iterable[date], tonight: date) -> dict[date, Reason]:
    """Nights that take no line, and why. A round made by an import never started; a plan of the past was never walked.

    Tonight takes none: its lines would close a round that the team has still to walk.
    """
    rows = Round.objects.filter(team=team, night__in=list(nights)).exclude(status__in=CALLED_OFF)
    found: dict[date, Reason] = {}
    for night, status, started in rows.values_list("night", "status", "started_hour"):
        if status == Round.Status.PLANNED and night >= tonight:
            found.setdefault(night, Reason.PLANNED)
        elif status == Round.Status.OPEN or started is not None:
            found[night] = Reason.HAS_ROUND
    for night in nights:
        if night >= tonight:
            found.setdefault(night, Reason.NOT_OVER)
    return found


def rounds_for(association_id: UUID, team: Team, nights: Iterable[date]) -> dict[date, Round]:
    """The closed round of each night, else the one planned, else a new one; all held before anything is written.

    What is not closed yet is closed by the caller.
    """
    wanted = sorted(nights)
    usable: dict[date, Round] = {}
    for round_ in hold_rounds(team.id, wanted):
        if round_.status == Round.Status.CLOSED:
            usable[round_.night] = round_
        elif round_.status == Round.Status.PLANNED and round_.shift == Round.Shift.NIGHT:
            usable.setdefault(round_.night, round_)
    return {
        night: usable.get(night)
        or rounds.plan_round(association_id=association_id, team_id=team.id, night=night, sector_ids=[])
        for night in wanted
    }
