"""Equal-area squares: the projection, and the ladder of sizes that nest.

A `Grid` is a Lambert azimuthal equal-area projection on an ellipsoid plus a ladder of square sizes. `EUROPE`
is ETRS89-LAEA (EPSG:3035), the grid of INSPIRE, Eurostat and INSEE; another city gives its own parameters.
Formulas: EPSG Guidance Note 7-2 (method 9820), oblique aspect only; constants: EPSG registry, GRS 1980.

Longitudes and latitudes are degrees, lon before lat (as in GeoJSON). WGS 84 and ETRS89 are taken as the same:
they differ by less than a metre in Europe, a thousandth of the middle rung.
"""

from dataclasses import dataclass
from functools import cached_property
from math import asin, atan2, atanh, cos, degrees, hypot, isfinite, radians, sin, sqrt

from privacy.core.errors import BadCell

_COORDINATE_END = 10_000_000  # metres; INSPIRE identifiers write seven digits
_OPPOSITE = 1e-9  # the point opposite the origin has no image; nor does the origin have a direction


@dataclass(frozen=True)
class Grid:
    """A Lambert azimuthal equal-area grid.

    crs: EPSG code that stands in the identifier of every square.
    semi_major: metres; inverse_flattening: no unit (the ellipsoid).
    lat0, lon0: degrees, the natural origin; lat0 strictly between the equator and a pole.
    false_easting, false_northing: metres.
    ladder: sizes in metres, rising, each a multiple of the one before (else squares would not nest).
    west, south, east, north: metres, the extent outside which points and squares are refused; whole squares
    of the last rung. A half-open rectangle, like its squares.
    """

    crs: int
    semi_major: float
    inverse_flattening: float
    lat0: float
    lon0: float
    false_easting: float
    false_northing: float
    ladder: tuple[int, ...]
    west: int
    south: int
    east: int
    north: int

    def __post_init__(self) -> None:
        steps = list(zip(self.ladder, self.ladder[1:], strict=False))
        if not self.ladder or self.ladder[0] <= 0 or any(up <= low or up % low for low, up in steps):
            raise BadCell
        if not 0 < abs(self.lat0) < 90:
            raise BadCell
        edges = (self.west, self.south, self.east, self.north)
        if any(not 0 <= edge <= _COORDINATE_END or edge % self.ladder[-1] for edge in edges):
            raise BadCell
        if not (self.west < self.east and self.south < self.north):
            raise BadCell

    def __hash__(self) -> int:
        return self.crs

    def __repr__(self) -> str:
        return f"Grid(EPSG:{self.crs})"

    @cached_property
    def _constants(self) -> tuple[float, float, float, float, float, float]:
        """(e, e², q at the pole, R_q, D, β at the origin) of the guidance note."""
        flattening = 1 / self.inverse_flattening
        e2 = flattening * (2 - flattening)
        e = sqrt(e2)
        phi = radians(self.lat0)
        q_pole = _q(1.0, e, e2)
        beta = asin(_q(sin(phi), e, e2) / q_pole)
        r_q = self.semi_major * sqrt(q_pole / 2)
        d = self.semi_major * (cos(phi) / sqrt(1 - e2 * sin(phi) ** 2)) / (r_q * cos(beta))
        return e, e2, q_pole, r_q, d, beta

    def holds(self, easting: float, northing: float) -> bool:
        """Whether a place in metres lies in the extent."""
        return self.west <= easting < self.east and self.south <= northing < self.north

    def forward(self, lon: float, lat: float) -> tuple[float, float]:
        """Degrees to (easting, northing) in metres. Raises BadCell outside the extent."""
        if not (isfinite(lon) and isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
            raise BadCell
        e, e2, q_pole, r_q, d, beta0 = self._constants
        delta = radians(lon - self.lon0)
        beta = asin(max(-1.0, min(1.0, _q(sin(radians(lat)), e, e2) / q_pole)))
        facing = 1 + sin(beta0) * sin(beta) + cos(beta0) * cos(beta) * cos(delta)
        if facing < _OPPOSITE:
            raise BadCell
        b = r_q * sqrt(2 / facing)
        easting = self.false_easting + b * d * cos(beta) * sin(delta)
        upward = cos(beta0) * sin(beta) - sin(beta0) * cos(beta) * cos(delta)
        northing = self.false_northing + (b / d) * upward
        if not self.holds(easting, northing):
            raise BadCell
        return easting, northing

    def inverse(self, easting: float, northing: float) -> tuple[float, float]:
        """Metres to (lon, lat) in degrees. Raises BadCell where the projection has no inverse."""
        if not (isfinite(easting) and isfinite(northing)):
            raise BadCell
        e, e2, q_pole, r_q, d, beta0 = self._constants
        x = (easting - self.false_easting) / d
        y = d * (northing - self.false_northing)
        rho = hypot(x, y)
        if rho < _OPPOSITE:
            return self.lon0, self.lat0
        if rho >= 2 * r_q:
            raise BadCell
        c = 2 * asin(rho / (2 * r_q))
        beta = asin(max(-1.0, min(1.0, cos(c) * sin(beta0) + y * sin(c) * cos(beta0) / rho)))
        lon = self.lon0 + degrees(
            atan2(x * sin(c), rho * cos(beta0) * cos(c) - y * sin(beta0) * sin(c)),
        )
        return lon, degrees(_latitude(q_pole * sin(beta), e, e2))


def _q(sine: float, e: float, e2: float) -> float:
    """The authalic function of the guidance note, for the sine of a latitude."""
    return (1 - e2) * (sine / (1 - e2 * sine * sine) + atanh(e * sine) / e)


def _latitude(q: float, e: float, e2: float) -> float:
    """The latitude (radians) whose authalic function is q.

    The guidance note gives a series good to a few millimetres; Newton's steps reach the last digit and need no table.
    """
    phi = asin(max(-1.0, min(1.0, q / 2)))
    for _ in range(8):
        sine = sin(phi)
        root = 1 - e2 * sine * sine
        cosine = cos(phi)
        if cosine < _OPPOSITE:
            break
        step = (root * root / (2 * cosine * (1 - e2))) * (q - _q(sine, e, e2))
        phi += step
        if abs(step) < 1e-15:
            break
    return phi


LADDER = (250, 500, 1000)
"""Metres. 200 and 500 do not nest, hexagons do not nest; 1 km joins INSEE's public grid."""

EUROPE = Grid(
    crs=3035,
    semi_major=6_378_137.0,
    inverse_flattening=298.257222101,
    lat0=52.0,
    lon0=10.0,
    false_easting=4_321_000.0,
    false_northing=3_210_000.0,
    ladder=LADDER,
    west=900_000,
    south=900_000,
    east=7_400_000,
    north=5_500_000,
)
"""ETRS89-LAEA Europe, EPSG:3035, in the extent of Regulation (EU) 2018/1799, article 3(1)."""
