"""Nights of rounds: who goes out, where it was planned, whom it meets, and what is said.

The plan never follows people: sectors rotate by calendar. What is *true* of an encounter (household,
exact spot, minute) stands beside what a worker could enter, so that leaks can be measured later.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tension.city.drawing import seeded
from tension.city.encounters import Encounter, meet
from tension.city.moving import Present, Whereabouts, cold_level
from tension.city.parameters import AssociationParameters, TeamParameters
from tension.city.people import City
from tension.city.territory import Spot
from tension.city.vocabulary import HANDOVERS

REACH = {"foot": 800.0, "vehicle": 2_000.0}
"""How far a team readily goes from where it starts, metres, by means of transport. ASSUMPTION."""


@dataclass(frozen=True)
class PlannedRound:
    """One team, one night (noon to noon). Encounters are in walking order: a truth no service may keep."""

    association: str
    team: str
    night: date
    sectors: tuple[str, ...]
    cancelled_sectors: tuple[str, ...]
    cancelled: bool
    shift: str
    transport: str
    cold_level: int
    started_hour: int
    ended_hour: int
    crew_count: int
    encounters: tuple[Encounter, ...]
    handover_note: str

    @property
    def people_count(self) -> int:
        """People met, each counted once (the tick "already met this round" leaves the second out)."""
        return sum(e.people_count for e in self.encounters if not e.met_this_round)


def nights(city: City, first_night: date, n: int) -> Iterator[PlannedRound]:
    """Yield every round of `n` nights from `first_night`, in order of night, association, team."""
    whereabouts = Whereabouts(city)
    for offset in range(n):
        night = first_night + timedelta(days=offset)
        out = [pair for pair in teams(city) if night.weekday() in pair[1].nights]
        present = list(whereabouts.on(night)) if out else []
        for association, team in out:
            yield _round(city, association, team, night, present)


def plans(city: City, first_night: date, n: int) -> Iterator[PlannedRound]:
    """Yield the same rounds as an agenda shows them beforehand: no encounter, nothing called off."""
    for offset in range(n):
        night = first_night + timedelta(days=offset)
        for association, team in teams(city):
            if night.weekday() in team.nights:
                yield _round(city, association, team, night, None)


def teams(city: City) -> Iterator[tuple[AssociationParameters, TeamParameters]]:
    """Yield every team with its association, in the order of the parameters."""
    for association in city.params.associations:
        for team in association.teams:
            yield association, team


def planned_sectors(city: City, team: TeamParameters, night: date) -> tuple[str, ...]:
    """Return the sector codes a team's rota gives for a night: by calendar alone, never by who is where."""
    numbered = city.territory.by_number()
    if all(number in numbered for number in team.territory):
        codes = [numbered[number].code for number in team.territory]
    else:
        zones = city.territory.zones
        codes = list(dict.fromkeys(zones[number % len(zones)].code for number in team.territory))
    week, _ = divmod(night.toordinal() - 1, 7)
    turn = week * len(team.nights) + team.nights.index(night.weekday())
    size = min(team.sectors_per_round, len(codes))
    return tuple(codes[(turn * size + step) % len(codes)] for step in range(size))


def _handover(team: TeamParameters, night: date, rng: Random) -> str:
    """Give a team another text on each of a dozen nights in a row.

    The number is drawn and left unused: what is drawn after it, and so every figure measured on a city, stays as it was.
    """
    rng.choice(HANDOVERS)
    return HANDOVERS[(night.toordinal() + len(team.name)) % len(HANDOVERS)]


def _round(
    city: City,
    association: AssociationParameters,
    team: TeamParameters,
    night: date,
    present: list[Present] | None,
) -> PlannedRound:
    params = city.params.rounds
    rng = seeded(city.seed, "round", association.slug, team.name, night.toordinal())
    sectors = planned_sectors(city, team, night)
    cancelled = rng.random() < params.round_cancelled
    called_off = tuple(code for code in sectors if rng.random() < params.sector_cancelled)
    crew = rng.randint(*team.crew)
    handover = _handover(team, night, rng) if rng.random() < params.handover else ""
    met: tuple[Encounter, ...] = ()
    if present is None:
        cancelled, called_off, handover = False, (), ""
    elif cancelled:
        handover = ""
    else:
        met = _walk(city, association, team, night, set(sectors) - set(called_off), present, rng)
    return PlannedRound(
        association=association.slug,
        team=team.name,
        night=night,
        sectors=sectors,
        cancelled_sectors=called_off,
        cancelled=cancelled,
        shift=team.shift,
        transport=team.transport,
        cold_level=cold_level(city.params.season, city.seed, night),
        started_hour=team.started_hour,
        ended_hour=(team.started_hour + team.hours) % 24,
        crew_count=crew,
        encounters=met,
        handover_note=handover,
    )


def _walk(
    city: City,
    association: AssociationParameters,
    team: TeamParameters,
    night: date,
    sectors: set[str],
    present: list[Present],
    rng: Random,
) -> tuple[Encounter, ...]:
    params = city.params.rounds
    known = _known(city, association, team)
    found = [one for one in present if one.zone in sectors and rng.random() < params.found]
    if not found:
        return ()
    start = _start(city, sorted(sectors), rng)
    reach = REACH.get(team.transport, REACH["foot"])
    keyed = []
    for one in found:
        weight = math.exp(-start.metres_to(one.spot) / reach)
        if one.household.number in known:
            weight *= params.known_weight
        # Weighted draw without replacement (Efraimidis–Spirakis): the largest u^(1/w) win.
        keyed.append((math.log(1 - rng.random()) / max(weight, 1e-9), one))
    keyed.sort(key=lambda pair: pair[0], reverse=True)
    chosen = [one for _, one in keyed[: rng.randint(*params.capacity)]]
    route = _route(start, chosen)
    route += [one for one in route if rng.random() < params.met_again]
    minutes = team.hours * 60
    step = minutes / max(1, len(route))
    seen: set[int] = set()
    encounters = []
    for index, one in enumerate(route):
        number = one.household.number
        encounters.append(meet(city, one, night, int(index * step), number in known, number in seen, rng))
        seen.add(number)
    return tuple(encounters)


def _known(city: City, association: AssociationParameters, team: TeamParameters) -> frozenset[int]:
    rng = seeded(city.seed, "known", association.slug, team.name)
    share = city.params.rounds.known
    return frozenset(household.number for household in city.households if rng.random() < share)


def _start(city: City, sectors: list[str], rng: Random) -> Spot:
    return rng.choice(city.hubs[rng.choice(sectors)])


def _route(start: Spot, chosen: list[Present]) -> list[Present]:
    """Nearest first, as one walks."""
    left, route, here = list(chosen), [], start
    while left:
        nearest = min(range(len(left)), key=lambda index: here.metres_to(left[index].spot))
        one = left.pop(nearest)
        route.append(one)
        here = one.spot
    return route
