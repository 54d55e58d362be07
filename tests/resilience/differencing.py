"""Search for what a coordinator's pages prove about few people.

The attacker plants people, reads teams, and takes back what was planted. Two searches that cannot both be wrong: `possible`
goes through every number of people that the other teams may have met in one square and keeps those under which each reading
says what it said: what is left is what the pages *prove*. `other_city` makes a second city with the same pages, all squares
and sums of the week together, in which that square has nobody or many: while there is one, the pages prove *nothing*. Rules
are functions of the teams' shares; the former one is the control.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import product
from uuid import NAMESPACE_OID, UUID, uuid5

from maps import weekly
from outreach.records.aggregates import Contribution
from privacy.core import coarsening
from privacy.core.policy import DEFAULT
from privacy.core.values import Cell
from privacy.masking import masked
from privacy.sealed_sums import Body
from tension import city

FEW = DEFAULT.few
MOST = 2 * FEW
"""People of one team in one square that the search considers; a smaller world proves more, never less."""

Shares = Mapping[str, int]
"""People by team."""
Said = int | None
Rule = Callable[[Sequence[int]], Said]


def ours(shares: Sequence[int]) -> Said:
    return masked(shares, FEW)


def former(shares: Sequence[int]) -> Said:
    """Until November 2026: the exact sum, "peu" for 1 to 4."""
    total = sum(shares)
    return None if 0 < total < FEW else total


def letter(shares: Sequence[int]) -> Said:
    """The sum rounded down, where `few` remain without the largest team; "peu" for anything else that is somebody."""
    total = sum(shares)
    if not total:
        return 0
    return total - total % FEW if total - max(shares) >= FEW else None


@dataclass
class Week:
    """One association's week: each team's people by square of a kilometre, its needs, and its people without a square."""

    teams: tuple[str, ...]
    cells: dict[str, dict[str, int]]
    needs: dict[str, dict[str, int]]
    elsewhere: dict[str, int]

    def shares(self, cell: str) -> dict[str, int]:
        return {team: self.cells[team].get(cell, 0) for team in self.teams}

    def squares(self) -> set[str]:
        return {cell for team in self.teams for cell, people in self.cells[team].items() if people}

    def body(self, plants: Mapping[str, int], where: set[str]) -> Body:
        """As the service keeps it, with so many people of each team planted in every square of `where`."""
        body: Body = {}
        for team in self.teams:
            found = dict(self.cells[team])
            for cell in where if plants.get(team) else ():
                found[cell] = found.get(cell, 0) + plants[team]
            lines = [Contribution(n, Cell.parse(cell), None, False, ()) for cell, n in found.items() if n]
            lines += [Contribution(self.elsewhere[team], None, None, False, ())]
            weekly.add(body, named(team), lines, DEFAULT, 1)
            body["teams"].setdefault(named(team).hex, {"cells": {}, "elsewhere": 0})["needs"] = self.needs[
                team
            ]
        return body


def named(team: str) -> UUID:
    return uuid5(NAMESPACE_OID, team)


def everything(body: Body) -> object:
    """All that the coordinator's page says of a week: squares, needs, people without a square, everybody."""
    return [part(body, FEW) for part in (weekly.cells, weekly.needs, weekly.elsewhere, weekly.people)]


def weeks(made: city.City, first: date, many: int) -> dict[str, list[Week]]:
    """The invented city's whole weeks, association by association, as the rounds' closes would sum them."""
    found: dict[str, list[Week]] = {}
    for one in made.params.associations:
        teams = tuple(team.name for team in one.teams)
        found[one.slug] = [
            Week(teams, {t: {} for t in teams}, {t: {} for t in teams}, dict.fromkeys(teams, 0))
            for _week in range(many)
        ]
    for round_ in city.nights(made, first, 7 * many):
        week = found[round_.association][(round_.night - first) // timedelta(days=7)]
        for met in () if round_.cancelled else round_.encounters:
            if met.answer is city.Answer.YES and not met.met_this_round:
                cell = coarsening.covering(met.spot.lon, met.spot.lat, DEFAULT.coordinator_cell).id
                _add(week.cells[round_.team], cell, met.agreeing)
                for need in met.needs:
                    _add(week.needs[round_.team], need, met.agreeing)
    return found


def _add(counts: dict[str, int], name: str, many: int) -> None:
    counts[name] = counts.get(name, 0) + many


# What the pages prove.


@dataclass(frozen=True)
class Attack:
    """Which teams the attacker reads, and whom they plant in every square: encounters by team, taken back one after another.

    Taken back only where the team is read: who only sends cannot withdraw (`blind`: as if they could).
    """

    reads: frozenset[str] = frozenset()
    plants: tuple[tuple[str, tuple[int, ...]], ...] = ()
    blind: bool = False

    def steps(self) -> Iterator[dict[str, int]]:
        """Planted people by team at each reading."""
        left = dict(self.plants)
        yield {team: sum(sizes) for team, sizes in left.items()}
        for team, sizes in self.plants:
            if team in self.reads or self.blind:
                for taken in range(1, len(sizes) + 1):
                    left[team] = sizes[taken:]
                    yield {name: sum(rest) for name, rest in left.items()}


def attacks(
    teams: Sequence[str], sizes: Sequence[tuple[int, ...]], second: Sequence[int]
) -> Iterator[Attack]:
    """Every choice of teams read but not all, of a team that plants, and of a second one."""
    for chosen in product((False, True), repeat=len(teams)):
        reads = frozenset(team for team, read in zip(teams, chosen, strict=True) if read)
        if len(reads) == len(teams):
            continue
        yield Attack(reads)
        for team, size in product(teams, sizes):
            yield Attack(reads, ((team, size),))
            for other, more in product(teams, second):
                if other != team:
                    yield Attack(reads, ((team, size), (other, (more,))))


def proved(rule: Rule, attack: Attack, shares: Shares) -> frozenset[int]:
    """How many people the teams that are not read may have met in this square, by everything the attacker saw of it."""
    unread = tuple(team for team in shares if team not in attack.reads)
    readings = []
    for planted in attack.steps():
        there = [shares[team] + planted.get(team, 0) for team in shares]
        known = tuple(there[at] for at, team in enumerate(shares) if team in attack.reads)
        readings.append((known, tuple(planted.get(team, 0) for team in unread), rule(there)))
    return possible(rule, tuple(readings), len(unread))


@cache
def possible(
    rule: Rule, readings: tuple[tuple[tuple[int, ...], tuple[int, ...], Said], ...], unread: int
) -> frozenset[int]:
    """The sums of all shares of `unread` teams under which every reading says what it said."""
    return frozenset(
        sum(others)
        for others in product(range(MOST + 1), repeat=unread)
        if all(
            rule([*known, *(one + more for one, more in zip(others, planted, strict=True))]) == said
            for known, planted, said in readings
        )
    )


@dataclass
class Score:
    """Of `asked` counts from 1 to few - 1 (`single`: of one person): how many were proved to be so, and how many exactly."""

    asked: int = 0
    proved: int = 0
    exact: int = 0
    single: int = 0
    single_exact: int = 0
    worst: dict[frozenset[int], int] = field(default_factory=dict)

    def see(self, truth: int, left: frozenset[int]) -> None:
        assert truth in left, "the truth is possible"
        self.asked += 1
        self.single += truth == 1
        if max(left) < FEW and min(left) > 0:
            self.proved += 1
            self.worst[left] = self.worst.get(left, 0) + 1
            self.exact += len(left) == 1
            self.single_exact += truth == 1 and len(left) == 1


def targets(week: Week, reads: frozenset[str]) -> Iterator[tuple[str, int]]:
    """(square, people) where the teams that are not read met 1 to few - 1 people."""
    for cell in sorted(week.squares()):
        people = sum(n for team, n in week.shares(cell).items() if team not in reads)
        if 0 < people < FEW:
            yield cell, people


def score(rule: Rule, attack: Attack, week: Week, into: Score) -> None:
    for cell, people in targets(week, attack.reads):
        into.see(people, proved(rule, attack, week.shares(cell)))


# What they do not prove.


def other_city(
    week: Week, attack: Attack, cell: str, where: set[str], leave: frozenset[str] = frozenset()
) -> Week | None:
    """A week in which the unread teams met nobody in `cell`, or `few` and more, and of which every page says the same.

    where: the squares of the territory; people move between them, and not into those of `leave`.
    """
    planted = next(attack.steps())
    other = Week(week.teams, {t: dict(c) for t, c in week.cells.items()}, week.needs, dict(week.elsewhere))
    for team in week.teams:
        there = week.cells[team].get(cell, 0)
        if team in attack.reads or not there:
            continue
        more = planted.get(team, 0)
        step = (there + more) // FEW
        # Where it lies between nobody and these people: up to its other end.
        wanted = 0 if step == more // FEW else step * FEW + FEW - 1 - more
        other.cells[team][cell] = wanted
        if not _balanced(other, team, cell, there - wanted, more, where - leave):
            return None
    people = sum(n for team, n in other.shares(cell).items() if team not in attack.reads)
    same = all(
        everything(week.body(step, where)) == everything(other.body(step, where)) for step in attack.steps()
    )
    return other if same and (people == 0 or people >= FEW) else None


def _balanced(week: Week, team: str, cell: str, spare: int, planted: int, where: set[str]) -> bool:
    """Put `spare` people (or take as many, when negative) into other squares of the team without moving one of its steps."""
    cells = week.cells[team]
    for other in sorted(where - {cell}, key=lambda one: (0 < cells.get(one, 0) < FEW, one)):
        there = cells.get(other, 0)
        over = (there + planted) % FEW
        moved = min(spare, FEW - 1 - over) if spare > 0 else -min(-spare, over, there)
        cells[other], spare = there + moved, spare - moved
    if spare < 0:  # met more than was thought: while the week's own step allows it
        everybody = sum(cells.values()) + week.elsewhere[team] + planted * len(where)
        return everybody % FEW >= -spare
    return spare == 0
