"""The command as an operator runs it, under the worker's role: dry first, wet on request, and clear when it refuses."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from outreach.places.geo_files import LARGEST
from outreach.places.models import Sector, SectorCell
from privacy.db.scope import tenant_transaction
from tests import databases
from tests.factories import Tenant
from tests.outreach.places.towns import TOWN, feature, features, geojson, polygon, ring, table
from tests.reading import typed

pytestmark = pytest.mark.database


def run(*arguments: object, **options: object) -> str:
    out = io.StringIO()
    with databases.as_worker():
        call_command("import_territory", *map(str, arguments), stdout=out, **options)
    return typed(out.getvalue())


def refused(*arguments: object, **options: object) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments, **options)
    return typed(str(caught.value))


def state(lanterne: Tenant) -> set[tuple[object, ...]]:
    with tenant_transaction(lanterne.scope()):
        sectors = {
            ("sector", s.pk, s.code, s.name, s.active, bytes(s.outline.wkb)) for s in Sector.objects.all()
        }
        return sectors | {("cell", c.sector_id, c.cell) for c in SectorCell.objects.all()}


def test_dry_run_says_what_would_change_and_changes_nothing(lanterne: Tenant, tmp_path: Path) -> None:
    before = state(lanterne)
    said = run(geojson(tmp_path / "town.geojson"))
    assert state(lanterne) == before
    for words in ("3 contours retenus", "champ « nom » (deviné)", "champ « code » (deviné)", "3 nouveaux"):
        assert words in said
    assert "64 de 250 m, 16 de 500 m, 4 de 1000 m" in said
    assert "2 absents du fichier" in said
    assert "--wet-run" in said


def test_wet_run_writes(lanterne: Tenant, tmp_path: Path) -> None:
    said = run(table(tmp_path / "town.gpkg"), wet_run=True)
    assert "Enregistré" in said
    with tenant_transaction(lanterne.scope()):
        assert set(Sector.objects.filter(active=True).values_list("code", flat=True)) == set(TOWN)
        assert SectorCell.objects.count() == 84


def test_the_bundled_territory(lanterne: Tenant) -> None:
    said = run(default=True, wet_run=True)
    assert "20 contours retenus" in said
    with tenant_transaction(lanterne.scope()):
        assert Sector.objects.filter(active=True, code__startswith="751").count() == 20
        assert SectorCell.objects.filter(size=500).count() > 450


def test_refusals_are_listed_with_number_and_reason(lanterne: Tenant, tmp_path: Path) -> None:
    lines = [*features(), feature("P", "Un point", {"type": "Point", "coordinates": [2.35, 48.85]})]
    lines += [feature("A", "Encore", polygon(TOWN["A"]))]
    a, b, c, d = ring(TOWN["B"], 1000)[:4]
    lines += [feature("X", "Papillon", {"type": "Polygon", "coordinates": [[a, c, b, d, a]]})]
    said = run(geojson(tmp_path / "town.geojson", lines), code_field="code", name_field="nom")
    assert "2 refusés" in said
    assert "n° 4 : Pas une surface : Point." in said
    assert "n° 5 : Le code « A » est déjà celui du n° 1" in said
    assert "1 réparé :" in said
    assert "n° 6 (Papillon) : Self-intersection" in said


def test_a_sector_without_a_square_of_its_own_is_named(lanterne: Tenant, tmp_path: Path) -> None:
    lines = [*features(), feature("S", "La Petite Place", polygon((100, 100, 300, 300)))]
    said = run(geojson(tmp_path / "town.geojson", lines))
    assert "1 secteur sans carré" in said
    assert "La Petite Place" in said


def test_what_cannot_be_read_changes_nothing(lanterne: Tenant, tmp_path: Path) -> None:
    before = state(lanterne)
    broken = tmp_path / "broken.geojson"
    broken.write_text('{"type":"FeatureCollection","features":[{"type":"Fea')
    heavy = tmp_path / "heavy.gpkg"
    with heavy.open("wb") as file:
        file.truncate(LARGEST + 1)
    cases = {
        broken: "Le fichier ne se lit pas",
        heavy: "plus que la limite de 200 Mo",
        tmp_path / "absent.geojson": "n'existe pas",
        table(tmp_path / "nowhere.shp", declared=None): "--crs EPSG:2154",
        table(tmp_path / "elsewhere.gpkg", 2154, declared=27572): "hors de la grille",
        table(tmp_path / "degrees.gpkg", 2154, declared=4326): "semble projeté",
        table(tmp_path / "norway.gpkg", 2154, declared=32631): "km des secteurs actuels",
    }
    for path, words in cases.items():
        said = refused(path, wet_run=True)
        assert words in said, path.name
        assert "Rien n'a changé." in said
        assert state(lanterne) == before


def test_moving_to_another_city_is_possible_when_meant(lanterne: Tenant, tmp_path: Path) -> None:
    lines = [feature("N", "Au nord", polygon((0, 300_000, 1000, 301_000)))]
    path = geojson(tmp_path / "north.geojson", lines)
    refused(path, wet_run=True)
    assert "Enregistré" in run(path, wet_run=True, elsewhere=True)


def test_which_association(lanterne: Tenant, passerelle: Tenant, tmp_path: Path) -> None:
    path = geojson(tmp_path / "town.geojson")
    assert "lanterne, passerelle" in refused(path)
    assert "lanterne, passerelle" in refused(path, association="nobody")
    before = state(passerelle)
    run(path, association="lanterne", wet_run=True)
    assert state(passerelle) == before
    said = run(path, association="all", wet_run=True)
    assert "Lanterne : 3 inchangés" in said
    assert "Passerelle : 3 nouveaux" in said
    assert state(passerelle) != before


def test_without_any_association(tmp_path: Path, db_clean: None) -> None:
    assert "aucune" in refused(geojson(tmp_path / "town.geojson"))


def test_a_file_or_the_default_but_not_both(lanterne: Tenant, tmp_path: Path) -> None:
    assert "--default" in refused()
    assert "--default" in refused(geojson(tmp_path / "town.geojson"), default=True)
