"""Where everybody is on a given night. A pure function of the city and the date, whatever came before.

Nothing is carried from night to night: stays, evictions and weather are drawn from the seed and the
period they fall in, so a city topped up later gives the very nights a single long run would have given.
"""

import math
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import NamedTuple

from tension.city import counts
from tension.city.drawing import seeded
from tension.city.parameters import SeasonParameters
from tension.city.people import Camp, City, Household
from tension.city.territory import Spot


class Present(NamedTuple):
    """One household outside tonight, at an exact invented place."""

    household: Household
    spot: Spot
    zone: str


def cold_level(season: SeasonParameters, seed: int, night: date) -> int:
    """Return the cold-plan level (0–3) of a night, from the month's mean and a drawn deviation."""
    day = night.toordinal()
    spell = seeded(seed, "spell", day // season.spell_nights).gauss(0, 0.8 * season.deviation)
    alone = seeded(seed, "cold", day).gauss(0, 0.6 * season.deviation)
    minimum = season.minimum[night.month - 1] + spell + alone
    return sum(minimum < threshold for threshold in season.thresholds)


def inside_share(season: SeasonParameters, night: date, level: int) -> float:
    """Return the extra share of people who are inside that night (negative in summer closures)."""
    closures = season.summer_closures if night.month in (7, 8) else 0.0
    return season.sheltered[level] - closures


class Whereabouts:
    """Answers "who is where tonight?" for one city; remembers stays, which last weeks."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._zones = {zone.code: zone for zone in city.territory}
        self._stays: dict[tuple[int, int], Spot] = {}
        self._camps: dict[tuple[int, int], Spot] = {}
        self._reference = city.params.counts.reference_night.toordinal()

    def on(self, night: date, level: int | None = None) -> Iterator[Present]:
        """Yield every household outside that night; `level` replaces the drawn cold-plan level (0–3)."""
        city, places = self._city, self._city.params.places
        if level is None:
            level = cold_level(city.params.season, city.seed, night)
        absent = max(0.0, places.absent + inside_share(city.params.season, night, level))
        day = night.toordinal()
        rng = seeded(city.seed, "night", day)
        for household in city.households:
            inside, away = rng.random(), rng.random()
            east, north = rng.gauss(0, places.wander), rng.gauss(0, places.wander)
            if inside < absent:
                continue
            spot = self._base(household, day, away, rng).moved(east, north)
            zone = self._zone_of(household, spot)
            if zone is not None:
                yield Present(household, spot, zone)

    def _base(self, household: Household, day: int, away: float, rng: Random) -> Spot:
        places = self._city.params.places
        if away < places.elsewhere and len(household.members) == 1:
            # A night in another part of town: beside the anchor of anybody, so zones keep their weight.
            return rng.choice(self._city.households).anchor
        if household.camp is not None:
            return self._camp_spot(household, household.camp, day)
        if away < places.elsewhere + places.second_place:
            return self._near_anchor(household, 10**6, places.move_distance)
        period = (day + household.offset) // household.stay
        if period == (self._reference + household.offset) // household.stay:
            return household.anchor
        return self._near_anchor(household, period, places.move_distance)

    def _camp_spot(self, household: Household, number: int, day: int) -> Spot:
        """The camp's place, or the household's own while its people are dispersed after an eviction."""
        camp = self._city.camps[number]
        cycle, phase = divmod(day + camp.offset, camp.cycle)
        if phase < self._city.params.places.dispersed_nights:
            return self._near_anchor(household, -cycle, self._city.params.places.dispersal_distance)
        key = (camp.number, cycle)
        if key not in self._camps:
            rng = seeded(self._city.seed, "camp", camp.number, cycle)
            self._camps[key] = self._moved(camp, camp.spot, self._city.params.places.move_distance, rng)
        return self._camps[key]

    def _near_anchor(self, household: Household, period: int, distance: float) -> Spot:
        key = (household.number, period)
        if key not in self._stays:
            rng = seeded(self._city.seed, "stay", household.number, period)
            self._stays[key] = self._moved(household, household.anchor, distance, rng)
        return self._stays[key]

    def _moved(self, who: Household | Camp, start: Spot, distance: float, rng: Random) -> Spot:
        """A place at an exponential distance (mean in metres), in the same zone, and wood if it was wood."""
        zone = self._zones[who.zone]
        for _ in range(12):
            angle, metres = rng.uniform(0, 2 * math.pi), rng.expovariate(1 / distance)
            spot = start.moved(metres * math.cos(angle), metres * math.sin(angle))
            wood = zone.number is not None and counts.in_wood(zone.number, spot.lon)
            if wood == who.wood and zone.contains(spot):
                return spot
        return start

    def _zone_of(self, household: Household, spot: Spot) -> str | None:
        if self._zones[household.zone].contains(spot):
            return household.zone
        zone = self._city.territory.locate(spot)
        return zone.code if zone else None
