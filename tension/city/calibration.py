"""Does the invented city look like the real one, as far as the real one was published?

Three measures: people per arrondissement on the reference night against the published counts, the share
of women, and the share of non-empty 200 m cell-months that hold a single event.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tension.city import counts
from tension.city.encounters import Encounter
from tension.city.moving import Whereabouts
from tension.city.parameters import SPARSE_CELL_SHARE
from tension.city.people import City
from tension.city.rounds import nights
from tension.city.territory import METRES_PER_DEGREE, Spot


@dataclass(frozen=True)
class Line:
    """One row of the calibration table. `target` None: nothing was published to compare with."""

    what: str
    source: str
    target: float | None
    city: float

    @property
    def gap(self) -> float | None:
        """Relative gap to the published figure, or None."""
        return None if not self.target else self.city / self.target - 1


def headcount(city: City, night: date) -> tuple[Counter[int], int]:
    """Return people outside by arrondissement without the woods (cold level 0), and women among everybody."""
    zones = {zone.code: zone for zone in city.territory}
    people: Counter[int] = Counter()
    women = 0
    for present in Whereabouts(city).on(night, level=0):
        number = zones[present.zone].number or 0
        if counts.in_wood(number, present.spot.lon):
            number = 100 + number
        people[number] += len(present.household.members)
        women += sum(person.gender == "woman" for person in present.household.members)
    return people, women


def sparse_share(places: Iterable[tuple[str, Spot]], size: float = 200.0) -> float:
    """Return the share of non-empty cell-periods that hold one event.

    `places` are (period, spot) pairs; the grid is a flat one of `size` metres, for this measure only.
    """
    cells: Counter[tuple[str, int, int]] = Counter()
    for period, spot in places:
        north = math.floor(spot.lat * METRES_PER_DEGREE / size)
        scale = METRES_PER_DEGREE * math.cos(math.radians(48.86))
        cells[period, north, math.floor(spot.lon * scale / size)] += 1
    return sum(count == 1 for count in cells.values()) / len(cells) if cells else 0.0


def events(city: City, first: date, n: int) -> list[tuple[date, Encounter]]:
    """Return every encounter of `n` nights, with its night."""
    return [(one.night, met) for one in nights(city, first, n) for met in one.encounters]


def table(city: City, sample: list[tuple[date, Encounter]] | None = None) -> list[Line]:
    """Return the calibration table; `sample` are encounters of whole months, for the sparse cells."""
    night = city.params.counts.reference_night
    people, women = headcount(city, night)
    total = sum(people.values())
    lines = [Line("Paris", f"{night.year}", city.params.counts.people, total)]
    for zone, known in sorted(counts.latest().items()):
        name = "1er–4e" if len(zone) > 1 else f"{zone[0]}e"
        lines.append(Line(name, f"{known.year}", known.people, sum(people[number] for number in zone)))
    woods = people[112] + people[116]
    lines.append(Line("bois", "2025", sum(counts.WOODS.values()), woods))
    lines.append(Line("femmes", f"{night.year}", city.params.people.women, women / total))
    if sample is not None:
        share = sparse_share((met_on.strftime("%Y-%m"), met.spot) for met_on, met in sample)
        lines.append(Line("mailles-mois à 1 évènement", "US", SPARSE_CELL_SHARE, share))
    return lines


def render(lines: list[Line]) -> str:
    """Return the table as text, one line each."""
    rows = [f"{'':28}{'source':>8}{'published':>11}{'city':>9}{'gap':>8}"]
    for line in lines:
        digits = 0 if line.city > 1 else 3
        target = "–" if line.target is None else f"{line.target:.{digits}f}"
        gap = "" if line.gap is None else f"{line.gap:+.1%}"
        rows.append(f"{line.what:28}{line.source:>8}{target:>11}{line.city:>9.{digits}f}{gap:>8}")
    return "\n".join(rows)
