"""Sending nights through the house: plan, start, seal, close; tonight open for the demo team, the week ahead planned.

Idempotent: a round that is closed or cancelled is never touched again; one that an interruption left half way
is finished. Each round is one transaction (its keys commit first, as always), so a killed seed loses nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from demo import past, phone
from demo.associations import DemoTenant
from outreach.closing import services as closing
from outreach.records.tally import Counts
from outreach.rounds import services as rounds
from outreach.rounds.models import CALLED_OFF, Round, RoundSector
from privacy import clock
from privacy.core.retention import night_of
from privacy.db.scope import use_tenant
from tension import city

DONE = (Round.Status.CLOSED, *CALLED_OFF)
AHEAD = 7
"""Nights planned ahead of tonight."""
DEMO_ASSOCIATION, DEMO_TEAM = "lanternes", "Équipe Nord"
"""The team whose round is always open tonight, for whoever tries the phone."""


@dataclass(slots=True)
class Report:
    """What a seed did. `rounds` were closed, `records` kept, `planned` put in the agenda, `known` left alone."""

    rounds: int = 0
    cancelled: int = 0
    records: int = 0
    planned: int = 0
    known: int = 0
    opened: int = 0
    quarantined: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seed:
    """One invented city in the house's associations."""

    made: city.City
    tenants: dict[str, DemoTenant]

    def past(self, first: date, n: int, report: Report) -> Iterator[city.PlannedRound]:
        """Send every round of `n` nights from `first` that is not finished; yield each after it is done.

        A night is a function of its date, so those before the first unfinished one are not lived through again.
        """
        finished = self._finished(first, n)
        end = first + timedelta(days=n)
        planned = city.plans(self.made, first, n)
        begin = next((one.night for one in planned if not self._is_in(finished, one)), end)
        for one in city.plans(self.made, first, (begin - first).days):
            report.known += 1
            yield one
        for one in city.nights(self.made, begin, (end - begin).days):
            tenant = self.tenants[one.association]
            if self._is_in(finished, one):
                report.known += 1
            else:
                with use_tenant(tenant.scope):
                    self._send(tenant, one, report)
            yield one

    def _is_in(self, finished: set[tuple[UUID, date]], one: city.PlannedRound) -> bool:
        return (self.tenants[one.association].teams[one.team], one.night) in finished

    def ahead(self, tonight: date, report: Report) -> None:
        """Plan tonight and the next nights, where nobody planned yet."""
        for one in city.plans(self.made, tonight, AHEAD + 1):
            tenant = self.tenants[one.association]
            with use_tenant(tenant.scope):
                try:
                    self._plan(tenant, one)
                except rounds.RoundRefused:
                    report.known += 1
                else:
                    report.planned += 1

    def open_tonight(self, tonight: date, *, now: datetime, report: Report) -> None:
        """Leave the demo team with a round that is open tonight, planned on its rota or beside it."""
        tenant = self.tenants[DEMO_ASSOCIATION]
        team = next(
            team
            for association in self.made.params.associations
            for team in association.teams
            if association.slug == DEMO_ASSOCIATION and team.name == DEMO_TEAM
        )
        with use_tenant(tenant.scope), transaction.atomic():
            round_ = Round.objects.filter(team_id=tenant.teams[DEMO_TEAM], night=tonight).first()
            if round_ is None:
                every_night = city.TeamParameters(team.name, tuple(range(7)), team.territory)
                codes = city.planned_sectors(self.made, every_night, tonight)
                round_ = rounds.plan_round(
                    association_id=tenant.association.id,
                    team_id=tenant.teams[DEMO_TEAM],
                    night=tonight,
                    sector_ids=[tenant.sectors[code] for code in codes],
                    planned_start=time(team.started_hour),
                )
            if round_.status == Round.Status.PLANNED:
                rounds.start_round(round_.id, now=now, crew_count=3)
                report.opened += 1

    def close_left_open(self, tonight: date, *, now: datetime) -> None:
        """Close demo rounds of nights that are over, as the hourly task does."""
        for tenant in self.tenants.values():
            with use_tenant(tenant.scope):
                with transaction.atomic():
                    left = list(Round.objects.filter(status=Round.Status.OPEN, night__lt=tonight))
                for round_ in left:
                    closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=now)

    def _finished(self, first: date, n: int) -> set[tuple[UUID, date]]:
        found: set[tuple[UUID, date]] = set()
        for tenant in self.tenants.values():
            with use_tenant(tenant.scope), transaction.atomic():
                rows = Round.objects.filter(
                    association=tenant.association,
                    night__gte=first,
                    night__lt=first + timedelta(days=n),
                    status__in=DONE,
                )
                found.update(rows.values_list("team_id", "night"))
        return found

    def _plan(self, tenant: DemoTenant, one: city.PlannedRound) -> Round:
        return rounds.plan_round(
            association_id=tenant.association.id,
            team_id=tenant.teams[one.team],
            night=one.night,
            sector_ids=_ids(tenant, one.sectors),
            planned_start=time(one.started_hour),
            shift=one.shift,
            transport=one.transport,
            cold_level=phone.COLD[one.cold_level],
        )

    def _send(self, tenant: DemoTenant, one: city.PlannedRound, report: Report) -> None:
        """One round from plan to close, in one transaction."""
        zone = ZoneInfo(tenant.association.timezone)
        policy = tenant.association.policy
        with transaction.atomic():
            round_ = Round.objects.filter(team_id=tenant.teams[one.team], night=one.night).first()
            if round_ is None:
                round_ = self._plan(tenant, one)
            if one.cancelled and round_.status == Round.Status.PLANNED:
                rounds.cancel_round(round_.id, now=_at(one.night, one.started_hour, zone))
                report.cancelled += 1
                return
            called_off = _ids(tenant, one.cancelled_sectors)
            RoundSector.objects.filter(round=round_, sector_id__in=called_off).update(cancelled=True)
            started = _at(one.night, one.started_hour, zone)
            round_ = rounds.start_round(round_.id, now=started, crew_count=one.crew_count)
            receipt = closing.close_round(
                round_.id,
                phone=uuid4(),
                counts=phone.counts(one.encounters),
                now=_at(one.night, one.ended_hour, zone),
                drafts=phone.drafts(round_, one.encounters, policy),
                handover=one.handover_note,
            )
            past.log(round_, now=_at(one.night, one.started_hour, zone))
            past.book(round_, len(receipt.stored), told=bool(one.handover_note), today=clock.today())
        report.rounds += 1
        report.records += len(receipt.stored)
        for reason in receipt.quarantined.values():
            report.quarantined[reason] = report.quarantined.get(reason, 0) + 1


def tonight_of(tenants: Iterable[DemoTenant], now: datetime) -> date:
    """Return the night that `now` belongs to where the demonstration takes place."""
    zones = {tenant.association.timezone for tenant in tenants}
    return night_of(now, ZoneInfo(zones.pop()))


def _ids(tenant: DemoTenant, codes: Iterable[str]) -> list[UUID]:
    return [tenant.sectors[code] for code in codes if code in tenant.sectors]


def _at(night: date, hour: int, zone: ZoneInfo) -> datetime:
    """Return the instant of a whole hour of a night: hours before noon belong to the next morning."""
    day = night if hour >= 12 else night + timedelta(days=1)
    return datetime.combine(day, time(hour), zone)
