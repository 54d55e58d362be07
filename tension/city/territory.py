"""Where the city lies: zone outlines handed in by the caller, and just enough plane geometry.

Outlines come from a GeoJSON FeatureCollection in WGS 84. Distances use a local flat approximation
(error under 0.2 % across a city), good enough to invent places, never to judge real ones.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

METRES_PER_DEGREE = 111_320.0


class Spot(NamedTuple):
    """An invented place, WGS 84 degrees. A real person's is a `privacy.core.values.ExactPoint`."""

    lon: float
    lat: float

    def moved(self, east: float, north: float) -> "Spot":
        """Return the place `east` and `north` metres away."""
        lat = self.lat + north / METRES_PER_DEGREE
        return Spot(self.lon + east / (METRES_PER_DEGREE * math.cos(math.radians(self.lat))), lat)

    def metres_to(self, other: "Spot") -> float:
        """Return the distance in metres, flat approximation."""
        east = (other.lon - self.lon) * METRES_PER_DEGREE * math.cos(math.radians(self.lat))
        return math.hypot(east, (other.lat - self.lat) * METRES_PER_DEGREE)


Ring = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Zone:
    """One named outline: a list of polygons, each an outer ring followed by its holes."""

    code: str
    name: str
    polygons: tuple[tuple[Ring, ...], ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        points = [point for polygon in self.polygons for point in polygon[0]]
        lons, lats = [p[0] for p in points], [p[1] for p in points]
        return min(lons), min(lats), max(lons), max(lats)

    @property
    def number(self) -> int | None:
        """The Paris arrondissement (1–20) that this code names, if it names one ("75110", "10", "10e")."""
        digits = "".join(character for character in self.code if character.isdigit())
        if len(digits) == 5 and digits.startswith("751"):
            digits = digits[3:]
        return int(digits) if digits and len(digits) <= 2 and 1 <= int(digits) <= 20 else None

    def contains(self, spot: Spot) -> bool:
        """Return whether the place lies inside (even–odd rule; holes are outside)."""
        return any(sum(_inside(ring, spot) for ring in polygon) % 2 == 1 for polygon in self.polygons)

    def sample(self, rng: Random) -> Spot:
        """Return a place drawn evenly over the box, kept when inside the outline."""
        west, south, east, north = self.box
        for _ in range(10_000):
            spot = Spot(rng.uniform(west, east), rng.uniform(south, north))
            if self.contains(spot):
                return spot
        raise ValueError("empty outline")

    def area(self) -> float:
        """Return the area in square metres (outer rings less holes, flat approximation)."""
        return sum(
            _ring_area(polygon[0]) - sum(_ring_area(hole) for hole in polygon[1:])
            for polygon in self.polygons
        )


@dataclass(frozen=True)
class Territory:
    """The zones of a city, in the order they were given."""

    zones: tuple[Zone, ...]

    @classmethod
    def from_geojson(
        cls, collection: Mapping[str, Any], code: str = "code", name: str = "name"
    ) -> "Territory":
        """Read Polygon and MultiPolygon features; `code` and `name` are the property names."""
        zones = []
        for feature in collection["features"]:
            geometry = feature["geometry"]
            parts = geometry["coordinates"]
            polygons = [parts] if geometry["type"] == "Polygon" else parts
            properties = feature["properties"]
            zones.append(
                Zone(
                    str(properties[code]),
                    str(properties[name]),
                    tuple(tuple(ring for ring in polygon) for polygon in polygons),
                )
            )
        if not zones:
            raise ValueError("no zone")
        return cls(tuple(zones))

    def __iter__(self) -> Iterator[Zone]:
        return iter(self.zones)

    def locate(self, spot: Spot) -> Zone | None:
        """Return the first zone that holds the place, or None."""
        for zone in self.zones:
            if zone.contains(spot):
                return zone
        return None

    def by_number(self) -> dict[int, Zone]:
        """Return the zones that are Paris arrondissements, by number."""
        return {zone.number: zone for zone in self.zones if zone.number is not None}


def _inside(ring: Ring, spot: Spot) -> bool:
    inside = False
    previous = ring[-1]
    for point in ring:
        crosses = (point[1] > spot.lat) != (previous[1] > spot.lat)
        if crosses:
            along = (spot.lat - point[1]) / (previous[1] - point[1])
            if spot.lon < point[0] + along * (previous[0] - point[0]):
                inside = not inside
        previous = point
    return inside


def _ring_area(ring: Ring) -> float:
    scale = math.cos(math.radians(ring[0][1]))
    total = 0.0
    for here, there in zip(ring, [*ring[1:], ring[0]], strict=True):
        total += here[0] * there[1] - there[0] * here[1]
    return abs(total) / 2 * METRES_PER_DEGREE**2 * scale
