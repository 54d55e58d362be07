"""Print the calibration table: `python -m tension.city OUTLINES.geojson [--seed N]`."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path

from tension.city import DEFAULT, Territory, build
from tension.city.calibration import events, render, table


def main() -> None:
    """Read the outlines, build the city, run two winter months, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outlines", type=Path, help="GeoJSON FeatureCollection of the arrondissements")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    territory = Territory.from_geojson(json.loads(options.outlines.read_text(encoding="utf-8")))
    city = build(options.seed, DEFAULT, territory)
    sys.stdout.write(render(table(city, events(city, date(2025, 1, 1), 59))) + "\n")


if __name__ == "__main__":
    main()
