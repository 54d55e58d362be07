"""What each map says, opened on read: the team its own squares, the coordinator a kilometre by completed week, masked.

Rule of the module: every reading is logged; a page receives numbers ready to show, never records. The coordinator's rows are
built from sealed summaries, so the cost does not grow with records and no record is ever opened for that role.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from maps import weekly
from maps.models import WeeklySummary
from outreach.access import ActingMembership
from outreach.associations.models import Association
from outreach.members.actors import actor
from outreach.names import natural
from outreach.places.models import SectorCell
from outreach.places.services import labels_of
from outreach.records import selectors
from outreach.rounds.models import Round
from outreach.rounds.services import LATE_SUBMISSION_WINDOW
from privacy import sealed_sums
from privacy.audit import services as audit
from privacy.audit.events import Event
from privacy.core.retention import night_of


@dataclass(frozen=True, slots=True)
class TeamSquare:
    """One square of the team: how many people in the window, the needs said there, when its last record disappears.

    label: its letter and number, as in the picker in which it was chosen; "" outside every sector.
    Notes stand on a page of their own, which asks for a reason.
    """

    cell: str
    sector: str
    label: str
    people: int
    needs: tuple[tuple[str, int], ...]
    last_night: date
    disappears: date


@dataclass(frozen=True, slots=True)
class TeamMap:
    """The team's own squares of `size` metres, and how many encounters had none."""

    size: int
    squares: list[TeamSquare]
    without_square: int
    since: date


def team_map(acting: ActingMembership, *, now: datetime, nights: int = 30) -> TeamMap:
    """The squares where own teams met people in the last `nights` nights. Opens live records, logged once with a count."""
    since = night_of(now, ZoneInfo(acting.timezone)) - timedelta(days=nights)
    opened = selectors.open_for_team(acting, selectors.Reason.TEAM_MAP, now=now, nights_from=since)
    by_cell: dict[str, list[selectors.DecryptedRecord]] = defaultdict(list)
    for one in opened:
        if one.encounter.cell is not None:
            by_cell[one.encounter.cell.id].append(one)
    size = Association.objects.get(id=acting.association_id).policy.team_cell
    places = SectorCell.objects.filter(association_id=acting.association_id, cell__in=list(by_cell))
    sectors = {
        cell: (sector_id, name)
        for cell, sector_id, name in places.values_list("cell", "sector_id", "sector__name")
    }
    labels = labels_of({sector_id for sector_id, _name in sectors.values()}, size)
    squares = [
        TeamSquare(
            cell=cell,
            sector=sectors[cell][1] if cell in sectors else "",
            label=labels.get(cell, ""),
            people=sum(one.encounter.people for one in found if not one.encounter.met_this_round),
            needs=tuple(Counter(need for one in found for need in one.encounter.needs).most_common()),
            last_night=max(one.night for one in found),
            disappears=max(one.expires_on for one in found),
        )
        for cell, found in by_cell.items()
    ]
    squares.sort(key=lambda square: (-square.people, natural(square.sector), natural(square.label)))
    without = sum(1 for one in opened if one.encounter.cell is None)
    return TeamMap(size, squares, without, since)


def _sector_names(association_id: UUID, cells: Sequence[str]) -> dict[str, str]:
    rows = SectorCell.objects.filter(association_id=association_id, cell__in=list(cells))
    return dict(rows.values_list("cell", "sector__name"))


@dataclass(frozen=True, slots=True)
class Kilometre:
    """One kilometre square in a week and the week before; numbers as `privacy.masking` gives them (None: "peu")."""

    cell: str
    sector: str
    people: int | None
    before: int | None


@dataclass(frozen=True, slots=True)
class Week:
    """One completed week as a coordinator may see it: squares of which something is said, and what is said without area.

    `few`: every number is a multiple of it. `people`: everybody together; 0 where nothing is said.
    """

    monday: date
    rounds: int
    squares: list[Kilometre]
    few: int
    people: int | None
    elsewhere: int | None
    needs: tuple[tuple[str, int | None], ...]
    disappears: date | None
    available: list[date] = field(default_factory=list)

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)


def _shown_weeks(association: Association, now: datetime) -> dict[date, date]:
    """The completed weeks of which a trusted sum is kept, each with its day of expiry.

    A sum of another format, or a stale one, is not shown: the worker makes it again within the hour. Nor is a week of which a
    round is still open (one that failed to close at noon): it would show again, with that round's encounters for a difference.
    """
    zone = ZoneInfo(association.timezone)
    trusted = WeeklySummary.objects.filter(association=association, version=WeeklySummary.FORMAT)
    ends = dict(trusted.values_list("week", "expires_on"))
    nights = Round.objects.filter(association=association, status=Round.Status.OPEN).values_list(
        "night", flat=True
    )
    moving = {night - timedelta(days=night.weekday()) for night in nights}
    return {week: end for week, end in ends.items() if completed(week, now, zone) and week not in moving}


def completed(week: date, now: datetime, zone: ZoneInfo) -> bool:
    """A week is complete when nothing can be added any more: 72 hours after the night of its Sunday (Thursday noon).

    What a late phone brings would else be the difference between two readings of one square.
    """
    return night_of(now, zone) - LATE_SUBMISSION_WINDOW >= week + timedelta(days=7)


def coordinator_week(acting: ActingMembership, *, now: datetime, monday: date | None = None) -> Week | None:
    """The asked (or latest) completed week of the membership's association; None when no week is completed yet. Logged."""
    association = Association.objects.get(id=acting.association_id)
    ends = _shown_weeks(association, now)
    available = sorted(ends, reverse=True)
    audit.record(
        Event.MAP_READ,
        association_id=acting.association_id,
        actor=actor(acting, now),
        subject_kind="weekly-summary",
        now=now,
    )
    if not available:
        return None
    chosen = monday if monday in available else available[0]
    both = [week for week in (chosen, chosen - timedelta(days=7)) if week in ends]
    bodies = dict(
        sealed_sums.read(list(WeeklySummary.objects.filter(association=association, week__in=both)))
    )
    body, before = bodies.get(chosen, {}), bodies.get(chosen - timedelta(days=7), {})
    few = association.policy.few
    return Week(
        monday=chosen,
        rounds=int(body.get("rounds", 0)),
        squares=_kilometres(acting.association_id, weekly.cells(body, few), weekly.cells(before, few)),
        few=weekly.threshold(body, few),
        people=weekly.people(body, few),
        elsewhere=weekly.elsewhere(body, few),
        needs=tuple(sorted(weekly.needs(body, few).items(), key=lambda row: (_less(row[1]), row[0]))),
        disappears=ends[chosen],
        available=available,
    )


def _less(shown: int | None) -> float:
    """Where a row stands: most first; then those of which no number is said, in no order of how many; then the rest."""
    return -0.5 if shown is None else -shown


def _kilometres(association_id: UUID, now: weekly.Masked, before: weekly.Masked) -> list[Kilometre]:
    names = _sector_names(association_id, list(now.keys() | before.keys()))
    rows = [
        Kilometre(cell, names.get(cell, ""), now.get(cell, 0), before.get(cell, 0))
        for cell in now.keys() | before.keys()
    ]
    return sorted(rows, key=lambda row: (_less(row.people), natural(row.sector), row.cell))
