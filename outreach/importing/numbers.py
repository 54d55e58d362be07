"""Coordinates and counts as people and tools write them. Pure; every function raises ValueError for what it cannot read."""

import re
from math import isfinite

from outreach.importing import objects

_SIMPLE = re.compile(r"([+-]?)(\d{1,3})(?:[.,](\d{1,17}))?(?:e([+-]?\d{1,3}))?", re.ASCII)
_SEXAGESIMAL = re.compile(
    r"""([+-]?)(\d{1,3})°(?:(\d{1,2}[.,]\d{1,9})['′]?|(\d{1,2})(?:['′](?:(\d{1,2}(?:[.,]\d{1,9})?)(?:["″]|''))?)?)""",
    re.ASCII,
)
_COUNT = re.compile(r"\+?(\d{1,4})(?:[.,]0+)?", re.ASCII)
_ALIKE = str.maketrans({"−": "-", "–": "-", "º": "°", "’": "'", "”": '"', "“": '"'})
_WEST_AND_SOUTH = frozenset("wos")  # O: ouest
_AXES = {"lat": "ns", "lon": "ewo"}
_WKT = re.compile(
    r"(?:srid=4326;)?\s*(?:multi)?point\s*(?:zm|z|m)?\s*\((?P<inner>\()?\s*([^\s(),]+)\s+([^\s(),]+)[^(),]*\)(?(inner)\s*\))",
    re.IGNORECASE,
)
_NOWHERE = re.compile(
    r"(?:srid=4326;)?\s*(?:multi)?(?:point|linestring|polygon)\s*(?:zm|z|m)?\s*empty|geometrycollection\s+empty|\(\s*\)|\[\s*\]|\{\s*\}",
    re.IGNORECASE,
)
"""How programs write that there is no place."""
_SEPARATORS = (r"\s*[;|/]\s*", r",\s+", r"\s+", r",")
_BEFORE_A_COMMA = re.compile(r"\s+,(?=\S)")
_SIDE_FIRST = re.compile(r"[NSEWO]\s*\d", re.IGNORECASE)
_TWO_SIDES = re.compile(r"([NSEWO][^a-z]+?)[\s,;|/]+([NSEWO][^a-z]+)", re.IGNORECASE)
_AFTER_A_SIDE = re.compile(r"(?<=[NSEWO])\s+(?=\d)", re.IGNORECASE)
_BEFORE_A_SIGN = re.compile(r"\s+(?=[°'\"′″])")
_BEFORE_A_SIDE = re.compile(r"\s+(?=[°'\"′″NSEWOnsewo](?![a-zA-Z]))")
_OTHER = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_NAMES = {"lat": ("lat", "latitude", "y"), "lon": ("lon", "lng", "long", "longitude", "x")}


_LONGEST = 500
"""Characters of a place."""


def count(text: str) -> int:
    """A whole number: 2, or 2.0 as tools write it beside empty cells."""
    found = _COUNT.fullmatch(text)
    if found is None:
        raise ValueError
    return int(found[1])


def degrees(text: str, axis: str) -> float:
    """Degrees on an axis ("lat" or "lon"): point or comma, 48.86°, 48.86 N, 48°51'40"N, with hard or no blanks."""
    if len(text) > _LONGEST:
        raise ValueError
    bare = "".join(text.translate(_ALIKE).split()).casefold().removeprefix("'")
    side = next((end for end in (bare[-1:], bare[:1]) if end.isalpha()), "")
    if side:
        bare = bare[:-1] if bare[-1:] == side else bare[1:]
        if side not in _AXES[axis]:
            raise ValueError
    value = _decimal(bare.removesuffix("°")) if not _SEXAGESIMAL.fullmatch(bare) else _sexagesimal(bare)
    if side and (value < 0 or bare[:1] == "+"):
        raise ValueError
    return -value if side in _WEST_AND_SOUTH else value


def _decimal(bare: str) -> float:
    found = _SIMPLE.fullmatch(bare)
    if found is None:
        raise ValueError
    sign, whole, part, power = found.groups()
    value = float(f"{sign}{whole}.{part or 0}e{power or 0}")
    if not isfinite(value):
        raise ValueError
    return value


def _sexagesimal(bare: str) -> float:
    found = _SEXAGESIMAL.fullmatch(bare)
    if found is None:
        raise ValueError
    sign, whole, decimal, minute, second = found.groups()
    minutes = float((decimal or minute).replace(",", "."))
    if minutes >= 60:
        raise ValueError
    value = int(whole) + minutes / 60 + float((second or "0").replace(",", ".")) / 3600
    return -value if sign == "-" else value


def says_nowhere(text: str) -> bool:
    """Whether a cell says in so many words that there is no place: POINT EMPTY, (), {}."""
    return len(text) <= _LONGEST and _NOWHERE.fullmatch(text.strip()) is not None


def pair(text: str, *, lat_first: bool) -> tuple[float, float]:
    """(longitude, latitude) of one cell: "48.86,2.34", a Kobo point, WKT, or an object that names its parts."""
    if len(text) > _LONGEST:
        raise ValueError
    if text.lstrip().startswith("{"):
        return _named(text)
    if found := _WKT.fullmatch(text.strip()):
        return degrees(found[2], "lon"), degrees(found[3], "lat")
    first, second = _halves(text.strip().strip("()[]"))
    lat, lon = (first, second) if lat_first else (second, first)
    return degrees(lon, "lon"), degrees(lat, "lat")


def _halves(text: str) -> tuple[str, str]:
    """The two coordinates of a text; a height and a precision may follow. The first sign that parts them all is the separator."""
    text = _BEFORE_A_COMMA.sub(", ", text.translate(_ALIKE))
    if both := _TWO_SIDES.fullmatch(text):
        return both[1], both[2]  # N 48° 51.666' E 2° 20.898'
    side_first = _SIDE_FIRST.match(text) is not None
    text = (_BEFORE_A_SIGN if side_first else _BEFORE_A_SIDE).sub("", text)
    text = _AFTER_A_SIDE.sub("", text) if side_first else text
    for separator in _SEPARATORS:
        parts = [part for part in re.split(separator, text) if part]
        if separator == "," and len(parts) == 4 and all(_WHOLE.fullmatch(part) for part in parts):
            return f"{parts[0]},{parts[1]}", f"{parts[2]},{parts[3]}"  # 48,8611,2,3483
        if separator == "," and len(parts) > 2 and not all("." in part for part in parts[:2]):
            break  # 48.8049,2,1204: the comma parts the one number and stands in the other
        if 2 <= len(parts) <= 4 and all(_OTHER.fullmatch(part) for part in parts[2:]):
            return parts[0], parts[1]
    raise ValueError


def _named(text: str) -> tuple[float, float]:
    try:
        body, twice = objects.read(text)
    except RecursionError:
        raise ValueError from None
    if twice:
        raise ValueError
    place = body.get("coordinates")
    if body.get("type") == "Point" and isinstance(place, list) and len(place) > 1:
        return degrees(str(place[0]), "lon"), degrees(str(place[1]), "lat")
    normalised = {key.casefold(): str(value) for key, value in body.items()}
    if len(normalised) < len(body):
        raise ValueError
    lon, lat = (
        next((normalised[key] for key in _NAMES[axis] if key in normalised), "") for axis in ("lon", "lat")
    )
    return degrees(lon, "lon"), degrees(lat, "lat")
