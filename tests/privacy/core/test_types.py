"""Skipping `require` does not type-check: mypy is run on code that tries."""

from pathlib import Path

import pytest
from mypy import api

HEADER = """
from datetime import date
from uuid import UUID
from privacy.core.coarsening import snap
from privacy.core.consent import ConsentEvent, ConsentProof, Purpose, require
from privacy.core.envelope import RECORD, seal, seal_nonpersonal
from privacy.core.values import Cell, ExactPoint, Sealed
who, day, point = UUID(int=1), date(2026, 11, 22), ExactPoint(2.0, 48.0)
events: list[ConsentEvent] = []
"""
RIGHT = """
proof = require(Purpose.ZONE, who, events, day)
cell: Cell = snap(point, 500, proof)
sealed: Sealed = seal(b"", bytes(32), b"", padded_to=RECORD, proof=proof)
counts: Sealed = seal_nonpersonal(b"", bytes(32), b"", padded_to=RECORD)
"""
WRONG = [
    "snap(point, 500)",
    "snap(point, 500, True)",
    "snap(point, 500, None)",
    "snap(point, 500, events[0])",
    "snap((2.0, 48.0), 500, require(Purpose.ZONE, who, events, day))",
    'seal(b"", bytes(32), b"", padded_to=RECORD)',
    'seal(b"", bytes(32), b"", padded_to=RECORD, proof=None)',
    'seal("text", bytes(32), b"", padded_to=RECORD, proof=require(Purpose.ZONE, who, events, day))',
    "ConsentProof()",
    "ConsentProof(who, Purpose.ZONE, day)",
    "ConsentProof(object(), who, Purpose.ZONE, day)",
    "require(Purpose.ZONE, who, events)",
    'require("zone", who, events, day)',
    "require(Purpose.ZONE, who, events, day).purpose = Purpose.RECONTACT",
    "point.lon = 3.0",
    "class Forged(ConsentProof): ...",
]


@pytest.mark.slow
def test_only_the_way_through_require_type_checks(tmp_path: Path) -> None:
    source = tmp_path / "tries.py"
    source.write_text(HEADER + RIGHT + "\n".join(WRONG) + "\n", encoding="utf-8")
    options = ["--strict", "--python-version=3.11", "--config-file=", "--no-error-summary"]
    options += ["--explicit-package-bases", "--namespace-packages", f"--cache-dir={tmp_path / 'cache'}"]
    assert Path.cwd() == Path(__file__).parents[3]  # where mypy finds `privacy` by itself
    output, problems, _ = api.run([*options, str(source)])
    assert problems == ""
    first = (HEADER + RIGHT).count("\n") + 1
    refused = {int(line.split(":")[1]) for line in output.splitlines() if ": error:" in line}
    assert refused == set(range(first, first + len(WRONG))), output
