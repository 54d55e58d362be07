"""Files of cities as they are: numbers for names, row numbers for codes, codes that change hands, other continents."""

import json
from pathlib import Path
from typing import Any

import pytest

from outreach.places.errors import FileRefused
from outreach.places.fields import guess_code, guess_name
from outreach.places.geo_files import read
from outreach.places.models import Sector
from outreach.places.outlines import parse_sectors
from privacy.db.scope import tenant_transaction
from tests.factories import Tenant
from tests.outreach.places.test_fields import rows
from tests.outreach.places.test_import_territory import refused, run, state
from tests.outreach.places.towns import geojson, polygon
from tests.reading import typed

WEST, EAST = (0, 0, 1000, 1000), (3000, 0, 4000, 1000)


def lines(*properties: dict[str, Any], boxes: tuple[Any, ...] = (WEST, EAST)) -> list[dict[str, Any]]:
    return [
        {"type": "Feature", "properties": one, "geometry": polygon(box)}
        for one, box in zip(properties, boxes, strict=False)
    ]


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"OBJECTID": [1, 2], "QUARTIER": [1, 1], "LIBQUART": ["NORD", "SUD"]}, "LIBQUART"),
        ({"QUARTIER_": ["7", "6"], "NOM_OFFICIEL": ["Halles", "Port"]}, "NOM_OFFICIEL"),
        ({"nom": ["1", "2"], "Libellé du quartier": ["Halles", "Port"]}, "Libellé du quartier"),
        ({"quartier": ["7.1", "6.2"], "l_quart": ["Halles", "Port"]}, "l_quart"),
        ({"nom_com": ["Paris", "Paris"], "nom_iris": ["Halles", "Port"]}, "nom_iris"),
        ({"QUARTIER": [1, 1]}, None),
        ({"QUARTIER": [7, 6, 6]}, None),
        ({"QUARTIER": ["07", "06", "06"], "SECTEUR": ["1-1", "1-1", "2-1"]}, None),
        ({"nom": ["Nord", "Nord", "Nord"]}, None),
        ({"secteur": ["1", "2"]}, "secteur"),
        ({"nom": ["1er", "2e"]}, "nom"),
    ],
)
def test_a_name_is_made_of_words(columns: dict[str, list[Any]], name: str | None) -> None:
    assert guess_name(*rows(**columns)) == name


@pytest.mark.parametrize(
    ("columns", "known", "code"),
    [
        ({"OBJECTID": [1, 2], "nom": ["A", "B"]}, set(), None),
        ({"OBJECTID": [1, 2], "ref": ["x", "y"]}, set(), "ref"),
        ({"ogc_fid": [1, 2], "gid": [1, 2], "FID": [0, 1]}, set(), None),
        ({"OBJECTID": [1, 2], "nom": ["A", "B"]}, {"1", "2"}, "OBJECTID"),
        ({"OBJECTID": [1, 2], "code": ["x", "y"]}, {"1", "2"}, "OBJECTID"),
        ({"OBJECTID": [1, 2], "code": ["x", "y"]}, {"x", "1"}, "code"),
    ],
)
def test_a_row_number_identifies_nothing_unless_it_already_does(
    columns: dict[str, list[Any]], known: set[str], code: str | None
) -> None:
    fields, found = rows(**columns)
    assert guess_code(fields, found, frozenset(known)) == code


@pytest.mark.database
def test_names_that_identified_sectors_do_so_beside_a_new_column_of_codes(
    lanterne: Tenant, tmp_path: Path
) -> None:
    run(geojson(tmp_path / "names.geojson", lines({"LIBQUART": "NORD"}, {"LIBQUART": "SUD"})), wet_run=True)
    coded = lines({"LIBQUART": "NORD", "CODE": "Q1"}, {"LIBQUART": "SUD", "CODE": "Q2"})
    said = run(geojson(tmp_path / "codes.geojson", coded))
    assert "code : champ « LIBQUART » (deviné)" in said
    assert "2 inchangés" in said


@pytest.mark.database
def test_numbers_are_not_taken_for_names(lanterne: Tenant, tmp_path: Path) -> None:
    properties = [{"OBJECTID": 1, "QUARTIER": 1, "LIBQUART": "NORD"}]
    properties += [{"OBJECTID": 2, "QUARTIER": 1, "LIBQUART": "SUD"}]
    said = run(geojson(tmp_path / "town.geojson", lines(*properties)))
    assert "nom : champ « LIBQUART » (deviné)" in said
    assert "« NORD », « SUD »" in said
    bare = [{key: one[key] for key in ("OBJECTID", "QUARTIER")} for one in properties]
    said = refused(geojson(tmp_path / "bare.geojson", lines(*bare)))
    assert "--name-field" in said
    assert "QUARTIER" in said


@pytest.mark.database
def test_names_that_several_sectors_share_are_told(lanterne: Tenant, tmp_path: Path) -> None:
    properties = [
        {"code": "a", "nom": "Centre"},
        {"code": "b", "nom": "Centre"},
        {"code": "c", "nom": "Port"},
    ]
    boxes = (WEST, EAST, (6000, 0, 7000, 1000))
    said = run(geojson(tmp_path / "town.geojson", lines(*properties, boxes=boxes)))
    assert "1 nom que portent plusieurs secteurs" in said
    assert "Centre (2)" in said


@pytest.mark.database
def test_a_code_on_other_ground_is_refused_and_named(lanterne: Tenant, tmp_path: Path) -> None:
    first = geojson(tmp_path / "first.geojson", lines({"OBJECTID": 1, "name": "A"}))
    run(first, code_field="OBJECTID", wet_run=True)
    before = state(lanterne)
    second = geojson(tmp_path / "second.geojson", lines({"OBJECTID": 1, "name": "B"}, boxes=(EAST,)))
    for wet in (False, True):
        said = refused(second, wet_run=wet)
        assert "1 : « A » → « B »" in said
        assert "--code-field" in said
    assert state(lanterne) == before
    # What shares ground is the same sector, moved; the same name elsewhere is one too, once that is said.
    near = geojson(
        tmp_path / "near.geojson", lines({"OBJECTID": 1, "name": "A"}, boxes=((0, 0, 1000, 1500),))
    )
    assert "1 au contour modifié" in run(near, wet_run=True)
    assert "Enregistré" in run(second, wet_run=True, elsewhere=True)


@pytest.mark.database
def test_a_code_that_was_gone_is_looked_at_too(lanterne: Tenant, tmp_path: Path) -> None:
    run(geojson(tmp_path / "a.geojson", lines({"ref": "1", "name": "A"})), wet_run=True)
    run(geojson(tmp_path / "b.geojson", lines({"ref": "2", "name": "B"})), wet_run=True)
    with tenant_transaction(lanterne.scope()):
        assert not Sector.objects.get(code="1").active
    back = geojson(tmp_path / "back.geojson", lines({"ref": "1", "name": "C"}, boxes=(EAST,)))
    assert "1 : « A » → « C »" in refused(back)


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.mark.parametrize(
    ("place", "there", "swapped"),
    [
        ((-73.60, 45.50, -73.56, 45.54), "45.52° N, 73.58° O", ""),  # Montréal
        ((-61.56, 16.22, -61.52, 16.26), "16.24° N, 61.54° O", ""),  # Pointe-à-Pitre
        ((0, 0, 0.02, 0.02), "0.01° N, 0.01° E", ""),
        (
            (55.44, -20.90, 55.48, -20.86),
            "20.88° S, 55.46° E",
            "55.46° N, 20.88° O",
        ),  # Saint-Denis de La Réunion
        ((45.22, -12.80, 45.24, -12.78), "12.79° S, 45.23° E", "45.23° N, 12.79° O"),  # Mamoudzou
        ((43.13, 11.56, 43.17, 11.60), "11.58° N, 43.15° E", "43.15° N, 11.58° E"),  # Djibouti
        ((51.38, 35.68, 51.42, 35.70), "35.69° N, 51.40° E", "51.40° N, 35.69° E"),  # Tehran
        (
            (48.86, 2.35, 48.88, 2.37),
            "2.36° N, 48.87° E",
            "48.87° N, 2.36° E",
        ),  # Paris, its two numbers swapped
    ],
)
def test_outside_the_grid_is_said_as_it_is(
    tmp_path: Path, place: tuple[float, float, float, float], there: str, swapped: str
) -> None:
    """Where the file puts it, and where its numbers swapped would lie: a person knows which of the two is the city."""
    path = tmp_path / "city.geojson"
    features = [{"type": "Feature", "properties": {"nom": "Centre"}, "geometry": box(*place)}]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    with pytest.raises(FileRefused) as caught:
        parse_sectors(read(path))
    assert caught.value.code == "outside"
    said = typed(str(caught.value))
    assert "ne couvre que la grille européenne" in said
    assert there in said
    assert ("échangées" in said) is bool(swapped)
    assert swapped in said


@pytest.mark.database
def test_a_code_in_decomposed_letters_is_the_one_it_looks_like(lanterne: Tenant, tmp_path: Path) -> None:
    """A sector that was stored with accents apart is known by the same file, and by one that composes them."""
    apart = "Le\u0301zard"
    run(geojson(tmp_path / "a.geojson", lines({"code": apart, "nom": apart})), wet_run=True)
    with tenant_transaction(lanterne.scope()):
        Sector.objects.filter(code="Lézard").update(code=apart)
        [before] = Sector.objects.filter(active=True).values_list("pk", flat=True)
    for name in (apart, "Lézard"):
        said = run(geojson(tmp_path / "b.geojson", lines({"code": name, "nom": name})), wet_run=True)
        assert "1 inchangé\n" in said
    with tenant_transaction(lanterne.scope()):
        assert Sector.objects.get(active=True).pk == before
