"""What an association promised and what its sums must say, kept beside it by hand: the model of `test_promises`.

An act changes the real databases, under the real roles, and this model; `Life.check` compares the two. The model knows neither
the sums nor the book: only who was met, where that counted on the night, and until when each thing may live at most.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from maps import rebuild
from maps.models import MonthlyAccumulator, WeeklySummary
from outreach.associations import services
from outreach.closing import services as closing
from outreach.closing.withdrawal import withdraw
from outreach.places import territory
from outreach.places.outlines import Outline
from outreach.records import selectors
from outreach.records.models import (
    ConsentEvent,
    Handover,
    Record,
    RunningMonth,
    RunningQuarter,
    SealedPart,
    Tally,
)
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy import sealed_sums
from privacy.audit.actors import OPERATOR
from privacy.core import coarsening
from privacy.core.policy import Policy
from privacy.core.retention import RetentionClass, expires_on
from privacy.core.values import Cell
from privacy.db.scope import tenant_transaction
from privacy.keystore.models import RecordSecret
from privacy.retention import services as retention
from privacy.retention.models import LedgerEntry
from tests import databases, factories
from tests.factories import CELLS_EAST, CELLS_WEST, Tenant

MONDAY = date(2040, 1, 2)
"""Years ahead of the clock that runs the tests: the effective day is the only time there is."""
KINDS = RetentionClass
PLACES: tuple[str | None, ...] = (CELLS_EAST[0], CELLS_EAST[5], CELLS_WEST[0], CELLS_WEST[7], None)
LATE_KINDS = (KINDS.RECORD, KINDS.NOTE, KINDS.TALLY, KINDS.HANDOVER)


@dataclass
class Kept:
    """One encounter with a yes: who, where that counted, and the last day of each of its things."""

    id: UUID
    night: date
    team: str
    people: int
    again: bool
    square: str | None
    sector: str | None
    ends: dict[RetentionClass, date]


@dataclass
class Life:
    """One association from its first night: its day, its rules, everything it keeps, and how its squares lie today."""

    lanterne: Tenant
    day: date = MONDAY
    policy: Policy = field(default_factory=Policy)
    kept: list[Kept] = field(default_factory=list)
    month_people: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sums: dict[tuple[RetentionClass, date], date] = field(default_factory=dict)
    hung: dict[tuple[RetentionClass, UUID, date], date] = field(default_factory=dict)
    turned: bool = False
    nights: set[tuple[str, date]] = field(default_factory=set)

    @property
    def now(self) -> datetime:
        return datetime.combine(self.day, time(21), UTC)

    def store(self, team: str, people: list[int], place: int, again: bool) -> None:
        """A round of tonight: planned over the eastern sector, closed with some encounters (a second one comes late)."""
        scope = self.lanterne.scope(team)
        night, cell = self.day, PLACES[place]
        said = [
            factories.yes(number, cell, note="duvet", met_this_round=again and number == people[0])
            for number in people
        ]
        with tenant_transaction(scope):
            if (team, night) in self.nights:
                round_ = Round.objects.select_related("association").get(
                    team=self.lanterne.teams[team], night=night
                )
            else:
                round_ = factories.open_round(self.lanterne, team, night, ("east",))
            before = set(Record.objects.values_list("id", flat=True))
            closing.close_round(
                round_.id,
                phone=uuid4(),
                counts=Counts(people_count=sum(people)),
                now=self.now,
                drafts=[factories.sealed(round_, one) for one in said],
                handover=f"clé {uuid4()}",
            )
            fresh = Record.objects.exclude(id__in=before).select_related("round")
            for one in selectors.open_rows(list(fresh)):
                self._keep(one, night, team, cell)
        self.nights.add((team, night))
        for cls in (KINDS.TALLY, KINDS.HANDOVER):
            key, end = (cls, self.lanterne.teams[team].id, night), expires_on(cls, night, self.policy)
            self.hung[key] = min(self.hung.get(key, end), end)
        monday, first = night - timedelta(days=night.weekday()), night.replace(day=1)
        for cls, start in ((KINDS.SUMMARY, monday), (KINDS.ACCUMULATOR, first)):
            end = expires_on(cls, start, self.policy)
            # A sum that is gone already and whose term is over is not begun again.
            if end > self.day or (cls, start) in self.sums:
                self.sums[cls, start] = min(
                    self.sums.get((cls, start), end), max(end, self.day + timedelta(days=1))
                )

    def _keep(self, one: selectors.DecryptedRecord, night: date, team: str, cell: str | None) -> None:
        again, people = one.encounter.met_this_round, one.encounter.people
        square = coarsening.parent(Cell.parse(cell), 1000).id if cell else None
        in_east = cell is not None and (cell in CELLS_EAST) != self.turned
        sector = str(self.lanterne.sectors["east"].id) if in_east and not again else None
        ends = {cls: expires_on(cls, night, self.policy) for cls in LATE_KINDS}
        self.kept.append(Kept(one.id, night, team, people, again, square, sector, ends))
        if sector:
            self.month_people[night.replace(day=1)][sector] += people

    def turn(self) -> None:
        """The territory imported again, each sector on the other's ground."""
        self.turned = not self.turned
        lies = {"E": CELLS_WEST, "O": CELLS_EAST} if self.turned else {"E": CELLS_EAST, "O": CELLS_WEST}
        outlines = {
            one.code: Outline(1, one.code, one.name, one.outline, one.outline)
            for one in self.lanterne.sectors.values()
        }
        cells = {Cell.parse(cell): code for code, those in lies.items() for cell in those}
        with databases.as_worker():
            territory.replace(
                self.lanterne.association.id, outlines, cells, actor=factories.ACTOR, now=self.now
            )

    def shorten(self, **days: int) -> None:
        """Rules made shorter; a number that would make one longer is left out."""
        standing = self.policy.to_dict()
        rules = {name: count for name, count in days.items() if count <= standing[name]}
        with databases.as_worker():
            services.shorten(self.lanterne.association.id, rules, actor=OPERATOR, now=self.now, wet=True)
        self.policy = Policy.from_dict(standing | rules)
        for one in self.kept:
            for cls in LATE_KINDS:
                one.ends[cls] = min(one.ends[cls], self._ends(cls, one.night))
        for cls, team, night in self.hung:
            self.hung[cls, team, night] = min(self.hung[cls, team, night], self._ends(cls, night))
        for cls, start in self.sums:
            self.sums[cls, start] = min(self.sums[cls, start], self._ends(cls, start))

    def _ends(self, cls: RetentionClass, start: date) -> date:
        return max(expires_on(cls, start, self.policy), self.day)

    def take_back(self, which: int) -> None:
        """One of those that live, if any, withdrawn."""
        living = [one for one in self.kept if one.ends[KINDS.RECORD] > self.day]
        if not living:
            return
        one = living[which % len(living)]
        with tenant_transaction(self.lanterne.scope(one.team)):
            assert withdraw(one.id, actor=factories.ACTOR, now=self.now)
        self.kept.remove(one)
        if one.sector:
            self.month_people[one.night.replace(day=1)][one.sector] -= one.people

    def wait(self, days: int, *, purged: bool) -> None:
        """Time passes; the purge comes by, or the service only knows the day."""
        self.day += timedelta(days=days)
        with databases.as_worker():
            if purged:
                retention.purge(self.now, wet=True)
            else:
                retention.raise_high_water(self.day)
        if purged:
            self.kept = [one for one in self.kept if one.ends[KINDS.RECORD] > self.day]
            self.sums = {key: end for key, end in self.sums.items() if end > self.day}

    def check(self) -> None:
        """Everything that must hold after any act."""
        with databases.as_worker():
            self._nothing_outlives_its_promise()
            self._the_book_balances()
            weeks = self._weeks()
            self._sums_say_who_lives(weeks)
            self._sums_equal_what_is_made_again(weeks)

    def _nothing_outlives_its_promise(self) -> None:
        ends = {one.id: one.ends for one in self.kept}
        for id_, day in Record.objects.values_list("id", "expires_on"):
            assert day <= ends[id_][KINDS.RECORD], "a record"
        for id_, cls, day in SealedPart.objects.values_list("record_id", "retention_class", "expires_on"):
            assert day <= ends[id_][RetentionClass(cls)], "a part"
        for id_, day in ConsentEvent.objects.filter(subject__in=ends).values_list("subject", "expires_on"):
            assert day <= ends[id_][KINDS.RECORD], "a consent"
        keys = RecordSecret.objects.filter(subject_id__in=ends)
        for id_, cls, day in keys.values_list("subject_id", "retention_class", "bucket__expires_on"):
            assert day <= ends[id_][RetentionClass(cls)], "a key"
        rows: tuple[tuple[RetentionClass, Any], ...] = ((KINDS.TALLY, Tally), (KINDS.HANDOVER, Handover))
        for cls, model in rows:
            for team, night, day in model.objects.values_list("team_id", "round__night", "expires_on"):
                assert day <= self.hung[cls, team, night], "counts and transmissions"
        for model in (WeeklySummary, MonthlyAccumulator):
            for row in model._default_manager.all():
                promised = self.sums[row.RETENTION_CLASS, row.start]
                name = sealed_sums.subject(model, row.association_id, row.start)
                [key] = RecordSecret.objects.filter(subject_id=name).values_list(
                    "bucket__expires_on", flat=True
                )
                assert max(row.expires_on, key) <= promised, "a sum and its key"
                if model is WeeklySummary:
                    assert all(row.expires_on <= one.ends[KINDS.RECORD] for one in self._of(row.start))

    def _of(self, week: date) -> Iterator[Kept]:
        end = week + timedelta(days=7)
        return (one for one in self.kept if week <= one.night < end)

    def _the_book_balances(self) -> None:
        lines = LedgerEntry.objects.filter(erased_on=None)
        booked = {(one.retention_class, one.expires_on): one.stored - one.withdrawn for one in lines}
        lives: Counter[tuple[str, date]] = Counter(
            SealedPart.objects.values_list("retention_class", "expires_on")
        )
        rows: tuple[tuple[str, Any], ...] = (
            ("record", Record), ("tally", Tally), ("handover", Handover), ("summary", WeeklySummary),
            ("accumulator", MonthlyAccumulator), ("running_month", RunningMonth), ("running_quarter", RunningQuarter),
        )  # fmt: skip
        for cls, model in rows:
            lives.update((cls, day) for day in model.objects.values_list("expires_on", flat=True))
        booked = {
            key: count for key, count in booked.items() if key[0] in {cls for cls, _day in lives} | {"record"}
        }
        assert {key: count for key, count in booked.items() if count} == dict(lives), "the book"

    def _weeks(self) -> dict[date, Any]:
        rows = WeeklySummary.objects.filter(expires_on__gt=self.day)
        assert set(rows.values_list("version", flat=True)) <= {WeeklySummary.FORMAT}
        return dict(sealed_sums.read(list(rows)))

    def _sums_say_who_lives(self, weeks: dict[date, Any]) -> None:
        for week, body in weeks.items():
            said: Counter[str | None] = Counter()
            for share in body.get("teams", {}).values():
                said.update(share["cells"])
                said[None] += share["elsewhere"]
            lives: Counter[str | None] = Counter()
            for one in self._of(week):
                lives[one.square] += 0 if one.again else one.people
            assert +said == +lives, "a week"
        months = MonthlyAccumulator.objects.filter(expires_on__gt=self.day)
        for month, body in sealed_sums.read(list(months)):
            assert (
                +Counter({sector: line["s"] for sector, line in body.items()}) == +self.month_people[month]
            ), "a month"

    def _sums_equal_what_is_made_again(self, weeks: dict[date, Any]) -> None:
        for week in weeks:
            rebuild.rebuild(self.lanterne.association.id, week)
        assert self._weeks() == weeks, "made again"
