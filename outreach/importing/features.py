"""GeoJSON: one line per feature, its properties as columns, its point as the place."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from outreach import kinds
from outreach.importing import headers, objects, tidying
from outreach.importing.encodings import opened
from outreach.importing.errors import ImportRefused
from outreach.importing.mapping import Mapping
from outreach.importing.table import LONGEST, MOST_LINES, Row, Source, too_many, unread

_DEGREES = ("CRS84", "4326")
"""What a name of WGS 84 in degrees holds (RFC 7946 allows no other system)."""


NO_POINT = ("?", "?")
"""A geometry that is none, or no point: its line is set aside, because somewhere it was."""

_STRUCTURE = ("type", "features", "geometry", "properties", "coordinates")
"""Keys that a feature says once, or it says two things."""

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
"""What JSON may say and no database can hold: a null byte, half a character."""


def open_source(path: Path, mapping: Mapping, digest: bytes, encoding: str) -> Source:
    """Parse the collection and check that the properties exist. Raises ImportRefused."""
    try:
        with opened(path, encoding) as file:
            body, twice = objects.read(file.read())
    except (ValueError, RecursionError):
        if kind := kinds.named(path.read_bytes()):
            raise unread(kind) from None
        raise ImportRefused("unreadable", _("Le fichier ne se lit pas comme un GeoJSON.")) from None
    found = body.get("features") if isinstance(body, dict) else None
    if not isinstance(found, list) or body.get("type") != "FeatureCollection":
        if kind := kinds.named(path.read_bytes()):
            raise unread(kind)
        raise ImportRefused("unreadable", _("Ce JSON n’est pas une collection GeoJSON (FeatureCollection)."))
    _refuse_other_crs(body.get("crs"))
    if not found:
        raise ImportRefused("empty", _("La collection est vide."))
    if len(found) > MOST_LINES:
        raise too_many()
    _refuse_twins(found, mapping, twice)
    written = sorted({tidying.name(key) for one in found for key in _properties(one)})
    columns = headers.called(written.copy(), mapping)
    known = dict(zip(written, columns, strict=True))
    if any(name not in columns for name in mapping.columns):
        raise headers.missing(mapping, columns)
    _refuse_two_spellings(found, mapping, known)

    def rows() -> Iterator[Row]:
        for line, one in enumerate(found, start=1):
            yield _row(line, one, known, mapping)

    return Source("geojson", digest, encoding, len(found), rows)


def _refuse_twins(found: list[Any], mapping: Mapping, twice: set[str]) -> None:
    """Refuse a feature with two properties of one name, letter by letter or written with decomposed accents."""
    for name in (*mapping.columns, *_STRUCTURE):
        if name in map(tidying.name, twice):
            raise ImportRefused("columns", _("La colonne « {name} » est là deux fois.").format(name=name))
    for one in found:
        names = [tidying.name(key) for key in _properties(one)]
        for name in mapping.columns:
            if names.count(name) > 1:
                raise ImportRefused("columns", _("La colonne « {name} » est là deux fois.").format(name=name))


def _refuse_two_spellings(found: list[Any], mapping: Mapping, known: dict[str, str]) -> None:
    """Refuse a column that some features write otherwise than the rest: an answer would be read as none was given."""
    for name in mapping.columns:
        alike = [written for written in known if tidying.plain(written) == tidying.plain(name)]
        if len(alike) < 2:
            continue
        for one in found:
            names = {tidying.name(key) for key in _properties(one)} & set(alike)
            if names and not any(known[written] == name for written in names):
                raise ImportRefused(
                    "columns",
                    _(
                        "La colonne « {name} » s’écrit de plusieurs façons ({spellings}) : donnez-lui un seul nom."
                    ).format(name=name, spellings=", ".join(f"« {written} »" for written in alike)),
                )


def _refuse_other_crs(crs: Any) -> None:
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if not name.endswith(_DEGREES):
        raise ImportRefused(
            "crs",
            _("Les coordonnées ne sont pas en longitude et latitude (WGS 84) : convertissez le fichier."),
        )


def _properties(feature: Any) -> dict[str, Any]:
    found = feature.get("properties") if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _row(line: int, feature: Any, columns: dict[str, str], mapping: Mapping) -> Row:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return Row(line, {}, broken="columns")
    properties = {tidying.name(key): value for key, value in feature["properties"].items()}
    separators = {field.column: field.separator for _name, field in mapping.fields if field.separator}
    cells = {
        name: _text(properties.get(written), separators.get(name, ",")) for written, name in columns.items()
    }
    mapped = [cells[name] for name in mapping.columns]
    if any(len(text) > LONGEST for text in mapped):
        return Row(line, {}, broken="too-long")
    if any(_UNWRITABLE.search(text) for text in mapped):
        return Row(line, {}, broken="text")
    return Row(line, cells, point=_point(feature.get("geometry")))


def _point(geometry: Any) -> tuple[str, str] | None:
    """The point as texts; None where the feature has none, as a table whose two cells are empty; NO_POINT for other shapes."""
    if geometry is None:
        return None
    if not isinstance(geometry, dict):
        return NO_POINT
    place = geometry.get("coordinates")
    if geometry.get("type") == "MultiPoint" and isinstance(place, list) and len(place) < 2:
        place = place[0] if place else []  # how GIS programs write a point
    elif geometry.get("type") != "Point":
        return NO_POINT
    if place in ([], [None, None]):
        return None
    if not isinstance(place, list) or len(place) < 2:
        return NO_POINT
    lon, lat = place[0], place[1]
    if any(isinstance(part, bool) or not isinstance(part, int | float) for part in (lon, lat)):
        return NO_POINT
    return repr(lon), repr(lat)


def _text(value: Any, separator: str) -> str:
    """One spelling per value; a list of answers as a table would write it for this mapping."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return separator.join(value)
    if isinstance(value, str | int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
