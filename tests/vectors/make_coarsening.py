"""Write coarsening.json: what PROJ, through pyproj, says about places in Europe and around Montréal.

PROJ shares no code with ours, so the file is an independent witness for Python and JavaScript alike. Run it only
to renew the vectors, and look at the difference before committing it. The same input gives the same file.

    python tests/vectors/make_coarsening.py 2026-11-22
"""

import json
import random
import sys
from pathlib import Path
from typing import Any

import pyproj

LADDER = (250, 500, 1000)
EUROPE = {
    "crs": 3035,
    "semi_major": 6378137.0,
    "inverse_flattening": 298.257222101,
    "lat0": 52.0,
    "lon0": 10.0,
    "false_easting": 4321000.0,
    "false_northing": 3210000.0,
    "ladder": LADDER,
    "west": 900_000,
    "south": 900_000,
    "east": 7_400_000,
    "north": 5_500_000,
}
# Not a registered system: EPSG leaves codes from 32768 on to its users.
MONTREAL = {
    **EUROPE,
    "crs": 60001,
    "lat0": 45.5,
    "lon0": -73.6,
    "false_easting": 1_000_000.0,
    "false_northing": 1_000_000.0,
    "west": 900_000,
    "south": 900_000,
    "east": 1_100_000,
    "north": 1_100_000,
}

# Public places only: town halls, stations, capes. Nobody is met in this file.
EUROPE_PLACES = {
    "Paris, Hôtel de Ville": (2.3522, 48.8566),
    "Paris, Porte de la Chapelle": (2.3594, 48.8985),
    "Paris, Bois de Vincennes": (2.4328, 48.8283),
    "Lille, Grand-Place": (3.0635, 50.6366),
    "Lyon, Part-Dieu": (4.8595, 45.7606),
    "Marseille, Vieux-Port": (5.3698, 43.2965),
    "Brest, Recouvrance": (-4.4958, 48.3829),
    "Strasbourg, cathedral": (7.7508, 48.5819),
    "Ajaccio, harbour": (8.7369, 41.9192),
    "Lisbon, Rossio": (-9.1393, 38.7139),
    "Dublin, O'Connell Bridge": (-6.2590, 53.3472),
    "Reykjavík, Hallgrímskirkja": (-21.9266, 64.1417),
    "Nordkapp": (25.7836, 71.1710),
    "Athens, Syntagma": (23.7348, 37.9755),
    "Nicosia, Ledra Street": (33.3619, 35.1753),
    "Las Palmas, Santa Catalina": (-15.4300, 28.1410),
    "Helsinki, station": (24.9414, 60.1719),
    "the natural origin": (10.0, 52.0),
    "due north of the origin": (10.0, 60.0),
    "due west of the origin": (0.0, 52.0),
}
MONTREAL_PLACES = {
    "Montréal, Place Émilie-Gamelin": (-73.5603, 45.5155),
    "Montréal, Cabot Square": (-73.5846, 45.4893),
    "Laval, Montmorency": (-73.7217, 45.5583),
}


def main(day: str) -> None:
    """Write the file beside this one, dated `day` (ISO 8601)."""
    dice = random.Random(3035)  # noqa: S311  (spreads test points; protects nothing)
    scattered = {
        f"scattered {number}": (round(dice.uniform(-9.0, 28.0), 6), round(dice.uniform(36.0, 66.0), 6))
        for number in range(60)
    }
    in_paris = {
        f"within Paris {number}": (round(dice.uniform(2.25, 2.42), 7), round(dice.uniform(48.81, 48.905), 7))
        for number in range(60)
    }
    vectors = {
        "provenance": {
            "origin": "tests/vectors/make_coarsening.py",
            "tool": f"pyproj {pyproj.__version__}, PROJ {pyproj.proj_version_str}",
            "date": day,
            "units": "degrees (lon, lat), metres (easting, northing)",
        },
        "grids": [
            _grid("Europe", EUROPE, "EPSG:3035", {**EUROPE_PLACES, **scattered, **in_paris}),
            _grid("Montréal", MONTREAL, _proj(MONTREAL), MONTREAL_PLACES),
        ],
    }
    text = json.dumps(vectors, ensure_ascii=False, indent=1)
    Path(__file__).with_name("coarsening.json").write_text(text + "\n", encoding="utf-8")


def _proj(grid: dict[str, Any]) -> str:
    return (
        f"+proj=laea +lat_0={grid['lat0']} +lon_0={grid['lon0']} +x_0={grid['false_easting']}"
        f" +y_0={grid['false_northing']} +ellps=GRS80 +units=m"
    )


def _grid(
    name: str, grid: dict[str, Any], crs: str, places: dict[str, tuple[float, float]]
) -> dict[str, Any]:
    there = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    back = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    cases = []
    for place, (lon, lat) in places.items():
        easting, northing = there.transform(lon, lat)
        cells = {str(size): _name(grid["crs"], size, easting, northing) for size in LADDER}
        east, north = int(easting // 500) * 500, int(northing // 500) * 500
        corners = [(0, 0), (500, 0), (500, 500), (0, 500), (0, 0)]
        cases.append(
            {
                "place": place,
                "lon": lon,
                "lat": lat,
                "easting": round(easting, 6),
                "northing": round(northing, 6),
                "cells": cells,
                "ring500": [[round(c, 9) for c in back.transform(east + x, north + y)] for x, y in corners],
            },
        )
    return {"name": name, "grid": grid, "cases": cases}


def _name(crs: int, size: int, easting: float, northing: float) -> str:
    return f"CRS{crs}RES{size}mN{int(northing // size) * size}E{int(easting // size) * size}"


if __name__ == "__main__":
    main(sys.argv[1])
