"""Geometry for the maps: in degrees, closed, light, and nothing but ids and names of sectors."""

import json

import pytest
from django.contrib.gis.geos import GEOSGeometry

from maps.geometry import cells_geojson, sectors_geojson
from outreach.places.squares import project
from privacy.core.values import Cell
from privacy.db.scope import tenant_transaction
from tests.factories import Tenant

CELL = Cell(500, 2_890_000, 3_760_000)


def test_a_square_is_drawn_where_it_is() -> None:
    collection = cells_geojson([CELL])
    (feature,) = collection["features"]
    assert feature["id"] == CELL.id
    assert feature["properties"] == {}
    outline = GEOSGeometry(json.dumps(feature["geometry"]))
    shape = project(GEOSGeometry(f"SRID=4326;MULTIPOLYGON({outline.wkt.removeprefix('POLYGON')})"))  # type: ignore[arg-type]
    west, south, east, north = shape.extent
    assert (west, south) == pytest.approx((CELL.east, CELL.north), abs=0.05)
    assert (east, north) == pytest.approx((CELL.east + 500, CELL.north + 500), abs=0.05)


def test_no_square_no_feature() -> None:
    assert cells_geojson([]) == {"type": "FeatureCollection", "features": []}


@pytest.mark.database
def test_sectors_of_one_association_only(lanterne: Tenant, passerelle: Tenant) -> None:
    with tenant_transaction(lanterne.scope()):
        collection = sectors_geojson(lanterne.association.id)
        assert sectors_geojson(passerelle.association.id)["features"] == []
    ids = {feature["id"] for feature in collection["features"]}
    assert ids == {str(sector.pk) for sector in lanterne.sectors.values()}
    assert {feature["properties"]["name"] for feature in collection["features"]} == {
        "Secteur Est",
        "Secteur Ouest",
    }
    digits = max(
        len(part.partition(".")[2])
        for part in json.dumps(collection).replace("]", ",").split(",")
        if "." in part
    )
    assert digits <= 5
    for feature in collection["features"]:
        outline = GEOSGeometry(json.dumps(feature["geometry"]))
        assert outline.valid
        assert outline.geom_type in ("Polygon", "MultiPolygon")


@pytest.mark.database
def test_a_sector_that_is_no_longer_walked_is_not_drawn(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope()):
        lanterne.sectors["east"].active = False
        lanterne.sectors["east"].save()
        assert len(sectors_geojson(lanterne.association.id)["features"]) == 1
