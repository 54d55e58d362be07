"""An injective encoding: two different lists of parts never give the same bytes.

A sealed blob is bound to where it belongs (association, table, record, class, policy, birth bucket). If two
places could be spelled alike, a blob could be moved from one to the other. So each part is written as one tag
byte, a four-byte big-endian length, and its bytes; no separator can be forged and no type stands for another.
"""

from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

Part: TypeAlias = str | bytes | int | UUID | date

_HEAD = 5  # one tag byte and four bytes of length


def encode(*parts: Part) -> bytes:
    """The parts as bytes, injectively. Raises TypeError for other types (bool and datetime included)."""
    return b"".join(_one(part) for part in parts)


def row_aad(association: UUID, table: str, row: Part, retention_class: str, expires_on: date) -> bytes:
    """What a blob without a person is bound to: a count, a sum, a transmission, a reason. `row`: its id, or its key."""
    return encode("maraudes/seal", association, table, row, retention_class, expires_on)


def names(context: bytes, part: Part) -> bool:
    """Whether `part` is one of the parts that `encode` made `context` of. False for other bytes."""
    wanted, at = _one(part), 0
    while at < len(context):
        end = at + _HEAD + int.from_bytes(context[at + 1 : at + _HEAD], "big")
        if context[at:end] == wanted:
            return True
        at = end
    return False


def _one(part: Part) -> bytes:
    tag, body = _body(part)
    return tag + len(body).to_bytes(4, "big") + body


def _body(part: Part) -> tuple[bytes, bytes]:
    # bool is an int and datetime is a date: they are refused so that one value has one spelling.
    if isinstance(part, bool | datetime):
        raise TypeError("this type has no place in a context")
    if isinstance(part, str):
        return b"s", part.encode("utf-8", "surrogatepass")
    if isinstance(part, bytes):
        return b"b", part
    if isinstance(part, int):
        return b"i", str(part).encode("ascii")
    if isinstance(part, UUID):
        return b"u", part.bytes
    if isinstance(part, date):
        return b"d", part.isoformat().encode("ascii")
    raise TypeError("this type has no place in a context")
