"""Who did it, without a name: a role, and a pseudonym that changes every day.

Rule of the room: the log shows which role did what; only an inquiry that holds the week's key and the list of
members can find out who, by trying each of them for one day. Two days of one person do not look alike, so the
log is no file on a worker; after 12 months the key is gone and with it the answer.
"""

import hmac
from datetime import UTC, datetime
from uuid import UUID

from privacy.audit import salts
from privacy.core.context import encode


def named(role: str, account_id: UUID, now: datetime) -> str:
    """`role:pseudonym` for `services.record(actor=…)`: 12 hexadecimal digits of a keyed hash of account and UTC day.

    One key store read per call. `role` may be several, joined by "+".
    """
    day = now.astimezone(UTC).date()
    key = salts.week_key(salts.body_expires_on(day))
    digest = hmac.digest(key, encode("maraudes audit actor", day, account_id), "sha256")
    return f"{role}:{digest.hex()[:12]}"
