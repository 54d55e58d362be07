"""The values planted in a row: those that fit its columns, and those that break a rule.

Rule of the module: what is written here by name are values that a table's other checks need before the one under test can be
reached. Every text holds the token, so that it can be looked for.
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

BLOBS = {"outreach_record": 1097, "outreach_sealedpart": 1097, "outreach_quarantine": 137}
FITTING: dict[str, Any] = {
    "purpose": "zone",
    "retention_class": "note",
    "ip": "0.0.0.0",  # noqa: S104
    "kind": "kind",
    "event": "login",
    "actor": "worker",
    "subject_kind": "record",
    "outcome": "ok",
    "type": "totp",
}
"""Values that other checks of the same table ask for."""


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    required: bool


def fitting(table: str, column: Column, token: str, seed: int = 0) -> Any:
    """A planted value that fits the column."""
    kind, word = column.kind, f"{token}{seed}"
    if column.name in FITTING and kind.startswith(("character", "inet")):
        return FITTING[column.name]
    if (table, column.name) == ("audit_logentry", "body"):
        return json.dumps({"planted": word})
    if table == "retention_highwater" and column.name == "id":
        return 1
    if kind.startswith("character varying"):
        size = int("".join(char for char in kind if char.isdigit()) or 255)
        return [word[:size]] if kind.endswith("[]") else word[:size]
    fixed = {
        "text": word,
        "bytea": word.encode().ljust(BLOBS.get(table, 32), b"."),
        "uuid": uuid4(),
        "uuid[]": [uuid4()],
        "boolean": True,
        "date": f"2093-07-{19 - seed}" if column.name == "day" else f"2094-07-{19 - seed}",
        "timestamp with time zone": f"2093-07-{19 - seed}T00:00:00Z",
        "time without time zone": f"01:{10 + seed}",
        "jsonb": Jsonb({"planted": word}),
        "inet": "203.0.113.77",
        "geometry(MultiPolygon,4326)": "SRID=4326;MULTIPOLYGON(((2.345 48.8765,2.35 48.88,2.36 48.87,2.345 48.8765)))",
    }
    if kind in fixed:
        return fixed[kind]
    # An hour, a size, a count; or the number of something that does not exist.
    return (11 if kind == "smallint" else 990_011) + seed


def breaking(kind: str, token: str) -> list[Any]:
    """Values of this kind that some rule or other refuses."""
    if kind.endswith("[]"):
        return [["coordinator", "worker"]]
    if kind == "boolean":
        return [True, False]
    if kind.startswith("character varying") or kind == "text":
        return [f"{token} !"[:10], f"{token} ", f"{token} near 48.8765432", "point", json.dumps([token])]
    if kind == "bytea":
        return [f"{token}too short".encode()]
    if kind == "date":
        return ["1999-01-01"]
    if kind == "inet":
        return ["203.0.113.77"]
    if kind.startswith("timestamp"):
        return ["2093-07-19T21:43:57Z"]
    return [-7, 7919]
