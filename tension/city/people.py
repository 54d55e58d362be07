"""Who lives outside in the city: households of invented people, and the camps some of them share.

A household is a number, a size and a place; it has no name and nothing that could name anybody. Numbers
exist only here, as the truth an attack is judged against: no service of the application ever sees one.
"""

from dataclasses import dataclass

from tension.city.parameters import CityParameters
from tension.city.territory import Spot, Territory

KINDS = ("alone", "couple", "family", "group")


@dataclass(frozen=True)
class Person:
    """One invented person: age band and perceived gender, nothing else."""

    age_band: str
    gender: str

    @property
    def minor(self) -> bool:
        """Whether the person is under eighteen."""
        return self.age_band == "minor"


@dataclass(frozen=True)
class Household:
    """People who are met together. `agrees` is the chance of a yes to the zone question, 0 to 1."""

    number: int
    kind: str
    members: tuple[Person, ...]
    zone: str
    wood: bool
    anchor: Spot
    stay: int
    offset: int
    camp: int | None
    shelter: str
    animal: bool
    interpreter: bool
    agrees: float

    @property
    def adults(self) -> int:
        """People of age, the only ones who can agree to a record."""
        return sum(not person.minor for person in self.members)


@dataclass(frozen=True)
class Camp:
    """A place several households share until it is cleared. `cycle` nights from one eviction to the next."""

    number: int
    zone: str
    wood: bool
    spot: Spot
    cycle: int
    offset: int


@dataclass(frozen=True)
class City:
    """The whole invented city: a pure value, the same for the same seed, parameters and outlines."""

    seed: int
    params: CityParameters
    territory: Territory
    households: tuple[Household, ...]
    camps: tuple[Camp, ...]
    hubs: dict[str, tuple[Spot, ...]]

    @property
    def people(self) -> int:
        """Everybody who lives here, present tonight or not."""
        return sum(len(household.members) for household in self.households)
