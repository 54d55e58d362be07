"""A synthetic Paris: invented people, real published counts, the standard library only.

`build(seed, params, territory)` makes a city; `nights(city, first_night, n)` sends its teams out. Both are
pure: the same arguments give the same city and the same nights, in one run or topped up later.
"""

from tension.city.building import build
from tension.city.encounters import Answer, Encounter
from tension.city.parameters import DEFAULT, CityParameters, TeamParameters
from tension.city.people import City, Household, Person
from tension.city.rounds import PlannedRound, nights, planned_sectors, plans
from tension.city.territory import Spot, Territory, Zone

__all__ = [
    "DEFAULT",
    "Answer",
    "City",
    "CityParameters",
    "Encounter",
    "Household",
    "Person",
    "PlannedRound",
    "Spot",
    "TeamParameters",
    "Territory",
    "Zone",
    "build",
    "nights",
    "planned_sectors",
    "plans",
]
