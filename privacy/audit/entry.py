"""What an entry says, and the two hashes that bind it: pure, no database, no key store.

    body        canonical JSON of one event, kept as the very text that was committed to
    commitment  SHA-256(salt || body)                                     dies with its salt: 12 months
    leaf        RFC 9162 leaf hash of (commitment, id, day, expiry day)   stays for ever

The leaf covers the expiry day too, so nobody can predate an entry in order to have its body removed early;
and it can be computed again after the body is gone, from what remains.
"""

import hmac
import json
from collections.abc import Callable
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
class AuditEvent:
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


def body_of(facts: AuditEvent) -> Body:
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


def canonical(body: Body) -> str:
    """One spelling per body: sorted keys, no spaces, ASCII. This text is stored and committed to."""
    return _JSON.encode(body)


def names(body: bytes, association_id: str | None) -> bool:
    """Whether a proven body names this association, or none: the one column that neither commitment nor leaf covers, because it
    is emptied with the body.

    Looks instead of parsing, for a log has a million of them. Only for a text that its commitment has proven to be ours: inside a
    value every quotation mark is escaped, so the look finds the member and nothing else.
    """
    return _member(association_id) in body


@lru_cache(maxsize=1024)
def _member(association_id: str | None) -> bytes:
    """The association and its neighbours as `canonical` spells them."""
    return b'","association":%b,"count":' % json.dumps(association_id).encode()


def salting(bucket_key: bytes) -> Callable[[bytes], bytes]:
    """`salt` for many entries of one bucket: from the 16 bytes of an entry's id to its salt.

    HMAC by its definition (RFC 2104), so that the two states that depend on the key are made once.
    """
    padded = bucket_key.ljust(64, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in padded) + b"maraudes audit salt")
    outer = sha256(bytes(byte ^ 0x5C for byte in padded))

    def of(entry_id: bytes) -> bytes:
        first, second = inner.copy(), outer.copy()
        first.update(entry_id + b"\x01")
        second.update(first.digest())
        return second.digest()

    return of


def salt(bucket_key: bytes, entry_id: UUID) -> bytes:
    """HKDF-Expand-SHA256 (RFC 5869 §2.3) of the bucket's key for one entry: 32 bytes, one block, so a single
    HMAC.

    The bucket key is uniformly random, so the extract step is not needed (RFC 5869 §3.3).
    """
    return hmac.digest(bucket_key, b"maraudes audit salt" + entry_id.bytes + b"\x01", "sha256")


def commitment(salt: bytes, body: bytes) -> bytes:
    """Binds to the text of a body and hides it: without its 32-byte salt it cannot be confirmed by guessing."""
    return sha256(salt + body).digest()


def leaf(commitment: bytes, entry_id: UUID, day: date, expires_on: date) -> bytes:
    """The hash that enters the tree."""
    return leaf_hash(leaf_data(commitment, entry_id, day, expires_on))


def leaf_data(commitment: bytes, entry_id: UUID, day: date, expires_on: date) -> bytes:
    """What a leaf hashes."""
    return encode(commitment, entry_id) + _days(day, expires_on)


_COMMITMENT = encode(bytes(32))[:-32]
_ENTRY = encode(UUID(int=0))[:-16]


def stored_leaf_data(commitment: bytes, entry_id: bytes, day: date, expires_on: date) -> bytes:
    """`leaf_data` from the 16 bytes of an id, for the verifier's loop."""
    if len(commitment) != 32:
        return leaf_data(commitment, UUID(bytes=entry_id), day, expires_on)
    return _COMMITMENT + commitment + _ENTRY + entry_id + _days(day, expires_on)


@lru_cache(maxsize=1024)
def _days(day: date, expires_on: date) -> bytes:
    """The tail of the encoding, the same for all entries of a day."""
    return encode(day, expires_on)
