"""What a coordinator sees first: last night's rounds, those left open, gaps in the plan, what disappears next.

Rule of the module: plans and counts of rounds, never a record; a round closed an hour ago shows as closed and nothing more.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from outreach.access import ActingMembership
from outreach.associations.models import Association
from outreach.members.models import Team
from outreach.names import natural
from outreach.places.models import Sector
from outreach.records.models import TallyMonth
from outreach.rounds.models import CALLED_OFF, Round, RoundSector
from privacy.core.retention import RetentionClass, expires_on, night_of
from privacy.masking import rounded
from privacy.retention.models import LedgerEntry

GAP_DAYS = 7
FEW_SECTORS = 5


@dataclass(frozen=True, slots=True)
class Gap:
    """A sector that no round has planned for `GAP_DAYS` nights before or after tonight."""

    name: str
    last: date | None


@dataclass(frozen=True, slots=True)
class Dashboard:
    tonight: date
    last_night: list[Round]
    left_open: list[Round]
    this_night: list[Round]
    gaps: list[Gap]
    disappears: list[tuple[date, str]]


def dashboard(acting: ActingMembership, *, now: datetime) -> Dashboard:
    tonight = night_of(now, ZoneInfo(acting.timezone))
    rounds = list(
        Round.objects.filter(
            association_id=acting.association_id, night__gte=tonight - timedelta(days=3), night__lte=tonight
        )
        .exclude(status__in=CALLED_OFF)
        .select_related("team")
    )
    rounds.sort(key=Round.in_order)
    return Dashboard(
        tonight=tonight,
        last_night=[r for r in rounds if r.night == tonight - timedelta(days=1)],
        left_open=[
            r for r in rounds if r.night < tonight and r.status in (Round.Status.OPEN, Round.Status.PLANNED)
        ],
        this_night=[r for r in rounds if r.night == tonight],
        gaps=gaps(acting, tonight),
        disappears=soon(acting, now.astimezone(ZoneInfo(acting.timezone)).date()),
    )


def gaps(acting: ActingMembership, tonight: date) -> list[Gap]:
    """Active sectors without a plan from a week ago to a week ahead, those forgotten longest first."""
    around = Q(round__night__range=(tonight - timedelta(days=GAP_DAYS), tonight + timedelta(days=GAP_DAYS)))
    live = RoundSector.objects.filter(association_id=acting.association_id, cancelled=False).exclude(
        round__status__in=CALLED_OFF
    )
    covered = set(live.filter(around).values_list("sector_id", flat=True))
    last = dict(
        live.filter(round__night__lt=tonight)
        .order_by("round__night")
        .values_list("sector_id", "round__night")
    )
    missing = (
        Sector.objects.filter(association_id=acting.association_id, active=True)
        .exclude(id__in=covered)
        .defer("outline")
    )
    rows = [Gap(sector.name, last.get(sector.id)) for sector in missing]
    return sorted(rows, key=lambda gap: (gap.last or date.min, natural(gap.name)))


OF_ENCOUNTERS = (RetentionClass.RECORD, RetentionClass.NOTE, RetentionClass.TALLY)
"""Kinds that a round leaves only when it met somebody: that they are there says that somebody was."""


def soon(acting: ActingMembership, today: date) -> list[tuple[date, str]]:
    """(day, kind) of what the seven days from today destroy; how much is the auditor's to read, in bands.

    What encounters leave is listed for every round that was closed, by the rules of today, whether it met anybody or not.
    """
    week = (today, today + timedelta(days=7))
    lines = LedgerEntry.objects.filter(
        association_id=acting.association_id, erased_on=None, expires_on__range=week
    ).exclude(retention_class__in=[kind.value for kind in OF_ENCOUNTERS])
    policy = Association.objects.get(id=acting.association_id).policy
    oldest = today - timedelta(days=max(policy.record_days, policy.tally_days))
    closed = Round.objects.filter(
        association_id=acting.association_id, status=Round.Status.CLOSED, night__gte=oldest
    )
    ends = {
        (expires_on(kind, night, policy), kind.value)
        for night in closed.values_list("night", flat=True).distinct()
        for kind in OF_ENCOUNTERS
    }
    listed = set(lines.values_list("expires_on", "retention_class"))
    return sorted(listed | {line for line in ends if week[0] <= line[0] <= week[1]})


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """One completed month of counts, without area. `rounded` where the association is small."""

    month: date
    totals: dict[str, int]
    rounded: bool

    @property
    def meals(self) -> int:
        return self.totals.get("distributions.meal", 0)


def months(acting: ActingMembership) -> list[MonthTotal]:
    """Frozen months, newest first: multiples of `few`, and of 10 for an association with fewer than five sectors.

    Frozen when nothing can be added any more: what a late phone brings would else be the difference between two readings.
    """
    small = Sector.objects.filter(association_id=acting.association_id, active=True).count() < FEW_SECTORS
    rows = TallyMonth.objects.filter(association_id=acting.association_id, frozen=True).order_by("-month")
    return [
        MonthTotal(row.month, {key: rounded(n, 10) if small else n for key, n in row.totals.items()}, small)
        for row in rows
    ]


def agenda(
    acting: ActingMembership, *, first: date, days: int = 14, teams: Sequence[Team] | None = None
) -> list[tuple[date, list[Round]]]:
    """The nights from `first`, each with its rounds, and later ones that have some: what was planned is listed.

    A lead sees the own teams', a coordinator all.
    """
    rounds = (
        Round.objects.filter(association_id=acting.association_id, night__gte=first)
        .select_related("team")
        .prefetch_related("plan__sector")
    )
    if teams is not None:
        rounds = rounds.filter(team__in=teams)
    by_night: dict[date, list[Round]] = {first + timedelta(days=n): [] for n in range(days)}
    for round_ in sorted(rounds, key=Round.in_order):
        by_night.setdefault(round_.night, []).append(round_)
    return list(by_night.items())


def unwalked(
    acting: ActingMembership, *, before: date, teams: Sequence[Team] | None = None
) -> tuple[list[Round], list[Round]]:
    """Past nights for which nothing was noted, newest first: those still "planned", and those told "not walked".

    As long as they are kept: a plan that is listed nowhere counts in the coverage, and nobody can take it back.
    """
    rounds = Round.objects.filter(
        association_id=acting.association_id,
        night__lt=before,
        status__in=[Round.Status.PLANNED, Round.Status.NOT_WALKED],
    ).select_related("team")
    if teams is not None:
        rounds = rounds.filter(team__in=teams)
    rows = sorted(rounds, key=lambda row: natural(row.team.name))
    rows.sort(key=lambda row: row.night, reverse=True)
    planned = [row for row in rows if row.status == Round.Status.PLANNED]
    return planned, [row for row in rows if row.status == Round.Status.NOT_WALKED]


@dataclass(frozen=True, slots=True)
class Coverage:
    """One sector over a span of nights: how many rounds planned it, and the last night one did."""

    sector: str
    planned: int
    last: date | None


def coverage(acting: ActingMembership, *, first: date, last: date) -> list[Coverage]:
    """Planned sectors of the association's rounds between two nights (inclusive), the least planned first: the
    plan, not what was walked.
    """
    rounds = RoundSector.objects.filter(
        association_id=acting.association_id,
        cancelled=False,
        round__night__range=(first, last),
        round__status__in=[Round.Status.PLANNED, Round.Status.OPEN, Round.Status.CLOSED],
    ).values_list("sector_id", "round__night")
    nights: dict[UUID, list[date]] = defaultdict(list)
    for sector_id, night in rounds:
        nights[sector_id].append(night)
    rows = [
        Coverage(sector.name, len(nights[sector.id]), max(nights[sector.id], default=None))
        for sector in Sector.objects.filter(association_id=acting.association_id, active=True).defer(
            "outline"
        )
    ]
    return sorted(rows, key=lambda row: (row.planned, natural(row.sector)))
