"""GeoJSON of squares and sectors, for the one adapter that draws them: geometry and ids only, never a number or a name of a person."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from outreach.places.models import Sector
from privacy.core import coarsening
from privacy.core.values import Cell


def cells_geojson(cells: Iterable[Cell]) -> dict[str, Any]:
    """A FeatureCollection of squares (WGS 84); each feature's id is the INSPIRE id of its square."""
    return _collection(
        {"type": "Feature", "id": cell.id, "properties": {}, "geometry": {"type": "Polygon", "coordinates": [coarsening.ring(cell)]}}
        for cell in cells
    )


def sectors_geojson(association_id: UUID) -> dict[str, Any]:
    """Outlines of the association's active sectors; each feature's id is the sector's id."""
    return _collection(
        {"type": "Feature", "id": str(sector.id), "properties": {}, "geometry": json.loads(sector.outline.geojson)}
        for sector in Sector.objects.filter(association_id=association_id, active=True)
    )


def _collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
