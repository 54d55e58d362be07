"""The same rows as CSV, workbook and GeoJSON are the same nights, squares and ids, under every mapping of the how-to."""

import csv
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from outreach.importing import mapping as mappings
from outreach.importing import moments
from outreach.importing.identity import Names
from outreach.importing.mapping import Mapping
from outreach.importing.rows import Counted, Kept, Reader
from outreach.importing.sources import open_source
from privacy.core.policy import DEFAULT

HOWTO = Path(__file__).parents[3] / "docs/users/en/import-records.md"
TODAY, PARIS = date(2026, 11, 26), ZoneInfo("Europe/Paris")
SECTOR = UUID(int=7)
Cells = dict[str, Any]
Rows = list[Cells]

# The rows as a workbook holds them: real dates, hours, numbers and yes/no wherever one may stand.
_HOURS = [
    datetime.fromisoformat(text)
    for text in ("2026-11-17T22:15", "2026-11-18T01:30", "2026-11-20T00:00", "2026-11-19T13:00")
]
_PLACES = [(2.3483, 48.8611), (2.3601, 48.8701), (2.36, 48.87), (None, None)]

ROWS: dict[str, Callable[[], Rows]] = {
    "Longitude": lambda: [
        {
            "Date": at.date(),
            "Heure": at.time(),
            "Longitude": place[0],
            "Latitude": place[1],
            "Nombre": index + 1,
            "Accord": "Oui" if index < 3 else "non",
            "Besoins": "Repas, duvet",
            "Âge": "18-25",
            "Remarques": "-duvet\nà revoir" if index else "",
        }
        for index, (at, place) in enumerate(zip(_HOURS, _PLACES, strict=True))
    ],
    "lieu": lambda: [
        {
            "start": at,
            "lieu": "" if place[0] is None else f"{place[1]} {place[0]} 0 0",
            "accord": "oui",
            "besoins": "repas duvet",
        }
        for at, place in zip(_HOURS, _PLACES, strict=True)
    ],
    "Secteur": lambda: [
        {"Date": at, "Secteur": "Gare de l'Est", "Nombre": 2, "Accord": index < 3} for index, at in enumerate(_HOURS)
    ],
}  # fmt: skip


def documented() -> Iterator[dict[str, Any]]:
    """Every mapping that the how-to shows."""
    for block in re.findall(r"```json\n(.*?)```", HOWTO.read_text(encoding="utf-8"), re.DOTALL):
        yield json.loads(block)


def shown(value: Any, pattern: str) -> str:
    """A value as a spreadsheet shows it in a column formatted like the mapping's pattern, and writes it into a CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, datetime):
        return value.strftime(pattern or "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.strftime(pattern or "%Y-%m-%d")
    if isinstance(value, float):
        return str(value).replace(".", ",")
    return str(value)


def as_csv(path: Path, rows: Rows, body: dict[str, Any]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(rows[0])
        for row in rows:
            writer.writerow(
                shown(value, body["night"].get("pattern", "")).replace("\n", "\r\n") for value in row.values()
            )
    return path


def as_workbook(path: Path, rows: Rows, _body: dict[str, Any]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    book.save(path)
    return path


def as_geojson(path: Path, rows: Rows, _body: dict[str, Any]) -> Path:
    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, date | time) else value

    features = [
        {
            "type": "Feature",
            "geometry": None,
            "properties": {name: plain(value) for name, value in row.items()},
        }
        for row in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


FORMATS = {"csv": as_csv, "xlsx": as_workbook, "geojson": as_geojson}


def said(path: Path, wanted: Mapping) -> list[tuple[Any, ...]]:
    """Night, place and id of every line."""
    source = open_source(path, wanted)
    hours = moments.has_hours(source.rows(), wanted.night, PARIS)
    reader = Reader(wanted, DEFAULT, PARIS, TODAY, TODAY, {"gare de l'est": SECTOR}, hours=hours)
    names = Names(b"p" * 32, UUID(int=1), UUID(int=2), lambda _night: b"k" * 32)
    found: list[tuple[Any, ...]] = []
    for row in source.rows():
        outcome = reader.read(row)
        assert isinstance(outcome, Kept | Counted), outcome
        place = (outcome.cell, outcome.sector_id) if isinstance(outcome, Kept) else outcome.reason
        found.append((outcome.night, place, names.of(outcome)))
    return found


def test_the_how_to_shows_mappings_for_all_these_rows() -> None:
    assert [next(key for key in ROWS if key in json.dumps(body)) for body in documented()] == list(ROWS)


@pytest.mark.parametrize("body", list(documented()), ids=list(ROWS))
def test_a_mapping_of_the_how_to_reads_the_same_from_all_formats(
    tmp_path: Path, body: dict[str, Any]
) -> None:
    wanted = mappings.build(body)
    rows = next(make for key, make in ROWS.items() if key in json.dumps(body))()
    found = {kind: said(write(tmp_path / f"f.{kind}", rows, body), wanted) for kind, write in FORMATS.items()}
    assert found["csv"] == found["xlsx"] == found["geojson"]
    nights = [line[0].day for line in found["csv"]]
    # A column with hours: midnight of the 20th belongs to the night of the 19th, 13:00 of the 19th to the 19th.
    assert nights == [17, 17, 19, 19]
    assert len({line[2] for line in found["csv"]}) == len(rows)


def test_points_of_a_geojson_are_the_columns_of_the_others(tmp_path: Path) -> None:
    body = next(documented())
    rows = ROWS["Longitude"]()
    expected = said(as_csv(tmp_path / "f.csv", rows, body), mappings.build(body))
    path = as_geojson(tmp_path / "f.geojson", rows, body)
    collection = json.loads(path.read_text(encoding="utf-8"))
    for feature in collection["features"]:
        place = [feature["properties"].pop(name) for name in ("Longitude", "Latitude")]
        feature["geometry"] = None if None in place else {"type": "MultiPoint", "coordinates": [place]}
    path.write_text(json.dumps(collection), encoding="utf-8")
    assert said(path, mappings.build(body | {"place": {"geometry": True}})) == expected


def test_accents_of_a_mac_are_those_of_everybody(tmp_path: Path) -> None:
    """Header, answers, sector and note with decomposed accents: the same ids."""
    body = next(documented())
    rows = ROWS["Longitude"]()
    path = as_csv(tmp_path / "f.csv", rows, body)
    expected = said(path, mappings.build(body))
    text = path.read_text(encoding="utf-8-sig")
    apart = unicodedata.normalize("NFD", text)
    assert apart != text
    path.write_text(apart, encoding="utf-8")
    assert said(path, mappings.build(body)) == expected
