"""GeoJSON of records: which geometry is a place, which is none, and what a feature may not say twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from outreach.importing.errors import ImportRefused
from outreach.importing.features import NO_POINT
from outreach.importing.sources import open_source
from tests.outreach.importing.files import HEADER, collection, mapping, row

POINT = {"type": "Point", "coordinates": [2.36, 48.87]}


@pytest.mark.parametrize(
    ("geometry", "point"),
    [
        (POINT, ("2.36", "48.87")),
        ({"type": "MultiPoint", "coordinates": [[2.36, 48.87]]}, ("2.36", "48.87")),
        (None, None),
        ({"type": "Point", "coordinates": []}, None),
        ({"type": "Point", "coordinates": [None, None]}, None),
        ({"type": "MultiPoint", "coordinates": []}, None),
        ({"type": "MultiPoint", "coordinates": [[2.36, 48.87], [2.4, 48.9]]}, NO_POINT),
        ({"type": "Point", "coordinates": [2.36]}, NO_POINT),
        ({"type": "Polygon", "coordinates": []}, NO_POINT),
        ({}, NO_POINT),
    ],
)
def test_an_empty_point_is_no_place_and_another_shape_is_no_point(
    tmp_path: Path, geometry: Any, point: tuple[str, str] | None
) -> None:
    path = collection(tmp_path / "f.json", [(None, dict(zip(HEADER, row(), strict=True)))])
    body = json.loads(path.read_text(encoding="utf-8"))
    body["features"][0]["geometry"] = geometry
    path.write_text(json.dumps(body), encoding="utf-8")
    [found] = open_source(path, mapping(place={"geometry": True})).rows()
    assert found.point == point


def test_a_key_that_stands_twice_in_a_feature_is_refused(tmp_path: Path) -> None:
    """Python hears the last alone: a no would be a yes, a place another."""
    cells = json.dumps(dict(zip(HEADER, row(Accord="non"), strict=True)))
    twins = {
        "column": cells.replace('"Accord":', '"Accord": "oui", "Accord":'),
        "unmapped": cells.replace("{", '{"Autre": 1, "Autre": 2, ', 1),
        "geometry": cells + ', "geometry": ' + json.dumps(POINT),
    }
    said = {}
    for name, properties in twins.items():
        path = tmp_path / f"{name}.json"
        path.write_text(
            f'{{"type": "FeatureCollection", "features": [{{"geometry": null, "properties": {properties}}}]}}',
            encoding="utf-8",
        )
        try:
            said[name] = str(open_source(path, mapping(place={"geometry": True})).lines)
        except ImportRefused as refusal:
            said[name] = refusal.code
    assert said == {"column": "columns", "unmapped": "1", "geometry": "columns"}


def test_a_column_that_features_write_in_two_ways_is_refused(tmp_path: Path) -> None:
    """Of `Accord` and `accord` the mapping names one: the other's yes would be read as no answer."""
    one = dict(zip(HEADER, row(), strict=True))
    other = {key.lower() if key == "Accord" else key: value for key, value in one.items()}
    for number, features in enumerate(([one, other], [other, one])):
        path = collection(tmp_path / f"{number}.json", [(None, cells) for cells in features])
        with pytest.raises(ImportRefused) as refusal:
            open_source(path, mapping(place={"geometry": True}))
        assert "« Accord », « accord »" in str(refusal.value)
    both = one | {"accord": "ancien"}
    path = collection(tmp_path / "both.json", [(None, both), (None, both)])
    assert open_source(path, mapping(place={"geometry": True})).lines == 2
