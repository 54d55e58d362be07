"""What an entry says, and the two hashes that bind it: pure, no database, no key store.

    body        canonical JSON of one event
    commitment  SHA-256(salt || body)                                     dies with its salt: 12 months
    leaf        RFC 9162 leaf hash of (commitment, id, day, expiry day)   stays for ever

The leaf covers the expiry day too, so nobody can predate an entry in order to have its body removed early;
and it can be computed again after the body is gone, from what remains.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from privacy.core.context import encode
from privacy.core.tree import leaf_hash

VERSION = 1
"""Version of the body's vocabulary of keys, written into each body."""

Body = dict[str, Any]

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


@dataclass(frozen=True, slots=True)
class Facts:
    """One event as the log keeps it. Strings from closed or checked alphabets, so their JSON has one
    spelling.
    """

    entry_id: UUID
    day: date
    event: str
    association_id: UUID | None
    actor: str
    subject_kind: str
    count: int | None
    outcome: str


def body_of(facts: Facts) -> Body:
    """The body as stored: JSON types only."""
    return {
        "v": VERSION,
        "id": str(facts.entry_id),
        "day": facts.day.isoformat(),
        "event": facts.event,
        "association": str(facts.association_id) if facts.association_id else None,
        "actor": facts.actor,
        "subject_kind": facts.subject_kind,
        "count": facts.count,
        "outcome": facts.outcome,
    }


def canonical(body: Body) -> bytes:
    """One spelling per body: sorted keys, no spaces, ASCII. PostgreSQL's jsonb may reorder keys, this undoes
    it.
    """
    return _JSON.encode(body).encode()


def salt(bucket_key: bytes, entry_id: UUID) -> bytes:
    """HKDF-Expand-SHA256 (RFC 5869 §2.3) of the bucket's key for one entry: 32 bytes, one block, so a single
    HMAC.

    The bucket key is uniformly random, so the extract step is not needed (RFC 5869 §3.3).
    """
    return hmac.digest(bucket_key, b"maraudes audit salt" + entry_id.bytes + b"\x01", "sha256")


def commitment(salt: bytes, body: Body) -> bytes:
    """Binds to the body and hides it: without its 32-byte salt it cannot be confirmed by guessing."""
    return sha256(salt + canonical(body)).digest()


def leaf(commitment: bytes, entry_id: UUID, day: date, expires_on: date) -> bytes:
    """The hash that enters the tree."""
    return leaf_hash(encode(commitment, entry_id) + _days(day, expires_on))


@lru_cache(maxsize=64)
def _days(day: date, expires_on: date) -> bytes:
    """The tail of the encoding, the same for all entries of a day."""
    return encode(day, expires_on)
