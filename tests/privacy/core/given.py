"""What the core's tests start from: one consenting record, one that refused, and the vector files."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from privacy.core.consent import ConsentEvent, ConsentProof, Decision, Purpose, require
from privacy.core.context import encode

VECTORS = Path(__file__).parents[2] / "vectors"
TODAY = date(2026, 11, 22)
NIGHT = date(2026, 11, 21)
LATER = TODAY + timedelta(days=90)

ASSOCIATION = UUID("a5500000-0000-4000-8000-000000000001")
RECORD = UUID("4ec04d00-0000-4000-8000-000000000001")
OTHER_RECORD = UUID("4ec04d00-0000-4000-8000-000000000002")


def said(
    decision: Decision = Decision.GIVEN,
    purpose: Purpose = Purpose.ZONE,
    *,
    subject: UUID = RECORD,
    sequence: int = 1,
    expires_on: date = LATER,
    night: date = NIGHT,
) -> ConsentEvent:
    """One event; yes to `zone` for RECORD unless told otherwise."""
    return ConsentEvent(subject, purpose, decision, "notice-1", night, expires_on, sequence)


def proof(purpose: Purpose = Purpose.ZONE, subject: UUID = RECORD) -> ConsentProof:
    """A live proof, made the only way there is."""
    return require(purpose, subject, [said(purpose=purpose, subject=subject)], TODAY)


def place_of(record: UUID = RECORD, table: str = "record") -> bytes:
    """The context of a blob: whose it is and where it belongs."""
    return encode(ASSOCIATION, table, record, "record", "policy-1", NIGHT)


def vectors(name: str) -> Any:
    """One vector file, parsed."""
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))
