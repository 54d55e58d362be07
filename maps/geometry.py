"""GeoJSON of squares and sectors, for the one adapter that draws them (static/maps/map.js).

Rule of the module: geometry and ids only; never a number, a time, or anything of a person.
"""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry

from outreach.places.models import Sector
from privacy.core import coarsening
from privacy.core.values import Cell

COARSE = 0.0001
"""Degrees; 7 to 11 m in France."""

DIGITS = 5
"""Decimals of a degree; about 1 m."""


def cells_geojson(cells: Iterable[Cell]) -> dict[str, Any]:
    """A FeatureCollection of squares (WGS 84); each feature's id is the INSPIRE id of its square."""
    return _collection(
        {
            "type": "Feature",
            "id": cell.id,
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [coarsening.ring(cell)]},
        }
        for cell in cells
    )


def sectors_geojson(association_id: UUID) -> dict[str, Any]:
    """Outlines of the association's active sectors; each feature's id is the sector's id, its name the sector's.

    Drawn to 10 m, written to 1 m: a line on a screen is wider than that, and eighty quarters weigh a fifth.
    """
    return _collection(
        {
            "type": "Feature",
            "id": str(sector.id),
            "properties": {"name": sector.name},
            "geometry": _rounded(sector.outline.simplify(COARSE, preserve_topology=True)),
        }
        for sector in Sector.objects.filter(association_id=association_id, active=True).order_by("code")
    )


def _rounded(outline: GEOSGeometry) -> dict[str, Any]:
    geometry: dict[str, Any] = json.loads(outline.geojson)
    geometry["coordinates"] = _round(geometry["coordinates"])
    return geometry


def _round(part: Any) -> Any:
    return [_round(inner) for inner in part] if isinstance(part, list) else round(part, DIGITS)


def _collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
