"""Three things that must not be spilled: a point, a square, a sealed blob.

Their representations say what they are and never what they hold, because representations reach logs, error
pages and test reports. Reading one takes naming an attribute (``lon``, ``id``) or calling ``bytes()``.
"""

import re
from dataclasses import dataclass
from math import isfinite
from typing import NoReturn, Self, SupportsIndex, final

from privacy.core.errors import BadCell
from privacy.core.grid import EUROPE, Grid

_CELL_ID = re.compile(r"CRS([1-9][0-9]{3,5})RES([1-9][0-9]{1,4})mN([0-9]{1,7})E([0-9]{1,7})", re.ASCII)


@final
class ExactPoint:
    """Where somebody stood: lon and lat in degrees. It exists between a phone and `coarsening.snap`, nowhere else.

    Not a dataclass on purpose: ``asdict``, ``replace`` and ``match`` would each be a way out. It cannot be
    copied, pickled, formatted, hashed or extended. Raises BadCell for anything but finite degrees on Earth.
    """

    __slots__ = ("_lat", "_lon")
    _lon: float
    _lat: float

    def __init__(self, lon: float, lat: float) -> None:
        if isinstance(lon, bool) or isinstance(lat, bool):
            raise BadCell
        if not (isinstance(lon, int | float) and isinstance(lat, int | float)):
            raise BadCell
        if not (isfinite(lon) and isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
            raise BadCell
        object.__setattr__(self, "_lon", float(lon))
        object.__setattr__(self, "_lat", float(lat))

    @property
    def lon(self) -> float:
        """Degrees east."""
        return self._lon

    @property
    def lat(self) -> float:
        """Degrees north."""
        return self._lat

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExactPoint) and (self._lon, self._lat) == (other._lon, other._lat)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "ExactPoint(…)"

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("an exact point is not text")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("an exact point does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("an exact point does not change")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("an exact point is not stored")

    def __copy__(self) -> NoReturn:
        raise TypeError("an exact point is not copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("an exact point is not copied")


@dataclass(frozen=True, slots=True, repr=False)
class Cell:
    """A square of a grid: size, and the northing and easting of its south-west corner, in metres.

    Half-open: the southern and western edges belong to it, the northern and eastern ones to its neighbours.
    Raises BadCell unless the size is a rung of the ladder and the corner is aligned to it.
    """

    size: int
    north: int
    east: int
    grid: Grid = EUROPE

    def __post_init__(self) -> None:
        for number in (self.size, self.north, self.east):
            if type(number) is not int:
                raise BadCell
        if self.size not in self.grid.ladder:
            raise BadCell
        if not self.grid.holds(self.east, self.north):
            raise BadCell
        if self.north % self.size or self.east % self.size:
            raise BadCell

    @property
    def id(self) -> str:
        """The INSPIRE identifier, such as ``CRS3035RES500mN2890500E3761000``."""
        return f"CRS{self.grid.crs}RES{self.size}mN{self.north}E{self.east}"

    @classmethod
    def parse(cls, text: str, grid: Grid = EUROPE) -> Self:
        """The square that an identifier names. Raises BadCell unless written exactly as `id` writes it."""
        found = _CELL_ID.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise BadCell
        crs, size, north, east = (int(part) for part in found.groups())
        if crs != grid.crs:
            raise BadCell
        cell = cls(size, north, east, grid)
        if cell.id != text:  # leading zeros: one square, one spelling
            raise BadCell
        return cell

    def __repr__(self) -> str:
        return f"Cell({self.size} m, …)"


@final
class Sealed:
    """A sealed blob: inert bytes. ``bytes(sealed)`` is what the database stores; nothing else reads it.

    Not picklable, so that no cache, session or queue keeps a copy which the purge does not reach.
    """

    __slots__ = ("_blob",)
    _blob: bytes

    def __init__(self, blob: bytes) -> None:
        object.__setattr__(self, "_blob", bytes(blob))

    def __bytes__(self) -> bytes:
        return self._blob

    def __len__(self) -> int:
        return len(self._blob)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self._blob == other._blob

    def __hash__(self) -> int:
        return hash(self._blob)

    def __repr__(self) -> str:
        return f"Sealed({len(self._blob)} bytes)"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a sealed blob does not change")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a sealed blob is stored by its table only")
