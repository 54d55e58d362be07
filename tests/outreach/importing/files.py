"""Small foreign files for the tests, written where the test says; invented rows in the middle of Paris."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl

from outreach.importing import mapping as mappings
from outreach.importing.mapping import Mapping
from tests.factories import NIGHT

HEADER = ["Date", "X", "Y", "Nombre", "Accord", "Besoins", "Âge", "Remarques"]
MAPPING: dict[str, Any] = {
    "format": "maraudes-import-1",
    "place": {"lon": "X", "lat": "Y"},
    "night": {"column": "Date"},
    "people": "Nombre",
    "consent": {"column": "Accord", "yes": ["oui"]},
    "fields": {
        "needs": {
            "column": "Besoins",
            "separator": ",",
            "values": {"repas": "meal", "duvet": "sleeping_bag"},
        },
        "age_band": {"column": "Âge", "values": {"18-25": "18_25", "mineur": "minor"}},
    },
    "note": "Remarques",
}


def night(ago: int) -> date:
    """The night `ago` nights before the cast's."""
    return NIGHT - timedelta(days=ago)


def row(ago: int = 3, **cells: str) -> list[str]:
    """One good line with a yes, changed by `cells` (keys: X, Y, Nombre, Accord, Besoins, Age, Remarques, Date)."""
    filled = {
        "Date": night(ago).isoformat(),
        "X": "2.3601",
        "Y": "48.8701",
        "Nombre": "1",
        "Accord": "oui",
        "Besoins": "repas",
        "Age": "",
        "Remarques": "",
    } | cells
    return list(filled.values())


def many(count: int, ago: int = 3) -> list[list[str]]:
    """Lines that differ from one another, over several nights; every fifth without a yes."""
    return [
        row(
            ago + index % 4,
            X=f"{2.30 + index * 0.0007:.4f}",
            Nombre=str(1 + index % 3),
            Accord="non" if index % 5 == 4 else "oui",
            Besoins="repas,duvet" if index % 2 else "repas",
        )
        for index in range(count)
    ]


def text(rows: list[list[str]], header: list[str] | None = None, delimiter: str = ";") -> str:
    """The lines as CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerows([header or HEADER, *rows])
    return out.getvalue()


def written(path: Path, rows: list[list[str]], encoding: str = "utf-8", **options: Any) -> Path:
    """A CSV file."""
    path.write_bytes(text(rows, **options).encode(encoding))
    return path


def workbook(
    path: Path, rows: list[list[Any]], header: list[str] | None = None, sheet: str = "Feuil1"
) -> Path:
    """An XLSX file."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    page.append(header or HEADER)
    for cells in rows:
        page.append(cells)
    book.save(path)
    return path


def collection(path: Path, features: list[tuple[Any, dict[str, Any]]], **more: Any) -> Path:
    """A GeoJSON file of (coordinates or None, properties)."""
    body = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": None if place is None else {"type": "Point", "coordinates": place},
            }
            for place, properties in features
        ],
    }
    path.write_text(json.dumps(body | more), encoding="utf-8")
    return path


def mapping(**changes: Any) -> Mapping:
    """The mapping of these files, changed; a value None takes a key out."""
    body = MAPPING | changes
    return mappings.build({key: value for key, value in body.items() if value is not None})


def mapping_file(path: Path, **changes: Any) -> Path:
    body = MAPPING | changes
    path.write_text(
        json.dumps({key: value for key, value in body.items() if value is not None}), encoding="utf-8"
    )
    return path


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
