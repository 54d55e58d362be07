"""Who did it, without a name: a role, and a pseudonym that changes every day.

Rule of the module: an `Actor` is made here and nowhere else, and a person is always `named`: nobody reads or acts as a role
alone. The log shows which role did what; only an inquiry that holds the week's key and the list of members can find out who,
by trying each of them for one day. Two days of one person do not look alike, so the log is no file on a worker; after 12
months the key is gone and with it the answer.
"""

import hmac
from datetime import UTC, datetime
from typing import NewType
from uuid import UUID

from privacy.audit import entry_keys
from privacy.core.context import encode

Actor = NewType("Actor", str)
"""What `services.record` accepts as `actor`; a text of roles is none."""

SYSTEM = Actor("system")
"""The system, of itself."""

OPERATOR = Actor("operator")
"""Whoever types a command on the server. There is no account behind it."""

ROUND = Actor("round")
"""A team that closes its round: which of its phones did is nobody's business."""

UNREADABLE = Actor("member")
"""A member whose pseudonym cannot be made, because the keys cannot be read: for a refusal alone, which must have its line."""


def named(role: str, account_id: UUID, now: datetime) -> Actor:
    """`role:pseudonym` of a person: 12 hexadecimal digits of a keyed hash of account and UTC day.

    One key store read per call. `role` may be several, joined by "+". Raises Unreadable while the keys cannot be read.
    """
    day = now.astimezone(UTC).date()
    key = entry_keys.week_key(entry_keys.body_expires_on(day))
    digest = hmac.digest(key, encode("maraudes audit actor", day, account_id), "sha256")
    return Actor(f"{role}:{digest.hex()[:12]}")
