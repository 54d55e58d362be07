"""The one way to the key store: a key per expiry week, from which each entry's salt is derived.

Rule of the module: nothing is kept in memory beyond a call. When a week's key is destroyed, the bodies of that
week can neither be proved nor guessed, whoever holds a copy of them; only the leaves remain.
"""

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from uuid import UUID

from privacy.core.policy import DEFAULT
from privacy.core.retention import RetentionClass, expires_on
from privacy.keystore import services as keystore


def body_expires_on(day: date) -> date:
    """The first UTC day on which the body of an entry of `day` is unreadable: a Monday at most 12 months later (CNIL)."""
    return expires_on(RetentionClass.AUDIT_BODY, day, DEFAULT)


def _subject(expires: date) -> UUID:
    """The key store knows secrets by subject; a week of salts is one."""
    return UUID(
        bytes=sha256(b"maraudes audit salts " + expires.isoformat().encode()).digest()[:16], version=4
    )


def week_key(expires: date) -> bytes:
    """The 32-byte key of the entries that expire on `expires`; made at first use. For sealing only."""
    return keystore.bucket_secret(
        keystore.GLOBAL_TENANT, RetentionClass.AUDIT_BODY, expires, _subject(expires)
    )


def living_keys(expiries: Iterable[date]) -> dict[date, bytes]:
    """The keys that still exist; making none, so that verifying a log never hides that its key was lost or damaged."""
    days = {_subject(day): day for day in expiries}
    found = keystore.fetch_secrets(days, [RetentionClass.AUDIT_BODY])
    return {days[subject]: secret for (subject, _class), secret in found.items() if secret}
