"""What could not be taken is kept as it came, sealed, with its reason sealed beside it, until its day.

Rule of the room: a reason says something about a person (`no-consent`), so it opens only with the keystore, dies with its day's
key and has the length of any other. Nothing here opens a draft.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from uuid import UUID

from outreach.records.models import Quarantine
from privacy.core import context, envelope
from privacy.core.errors import Unreadable
from privacy.core.retention import RetentionClass
from privacy.keystore import reaping
from privacy.keystore import services as keystore
from privacy.retention import ledger

PADDED = 64
"""Bytes of a padded reason: a word of a closed list."""
LENGTH = PADDED + envelope.OVERHEAD
"""Bytes of every sealed reason; the table's check says the same (or none, see `keep`)."""


def keep(rows: Sequence[Quarantine], why: Mapping[UUID, str]) -> None:
    """Store `rows` of one round and one day of expiry, each with its reason. An id already set aside stays as it was.

    While the day's key is damaged (the next purge drops it), the reason stays empty rather than the round open.
    """
    there = set(Quarantine.objects.filter(id__in=[row.id for row in rows]).values_list("id", flat=True))
    fresh = [row for row in rows if row.id not in there]  # the book would count the others twice
    if not fresh:
        return
    first = fresh[0]
    line = (RetentionClass.QUARANTINE, first.expires_on)
    reaping.hold()
    try:
        secret = keystore.bucket_secret(
            first.association_id, *line, _subject(first.round_id, first.expires_on)
        )
    except Unreadable:
        secret = None
    for row in fresh:
        row.sealed_reason = _sealed(row, why[row.id], secret)
    Quarantine.objects.bulk_create(fresh, ignore_conflicts=True)
    ledger.stored(first.association_id, {line: len(fresh)})


def reasons(rows: Iterable[Quarantine]) -> Counter[tuple[UUID, str, date]]:
    """How many of `rows` by round, reason and day; "?" where none opens: its key is gone or damaged, or it was never sealed."""
    rows = list(rows)
    subjects = {_subject(row.round_id, row.expires_on) for row in rows}
    try:
        secrets = keystore.fetch_secrets(subjects, [RetentionClass.QUARANTINE]) if rows else {}
    except Unreadable:
        secrets = {}  # an operator who looks for a round in such trouble finds it all the same
    found: Counter[tuple[UUID, str, date]] = Counter()
    for row in rows:
        secret = secrets.get((_subject(row.round_id, row.expires_on), RetentionClass.QUARANTINE))
        found[row.round_id, _opened(row, secret), row.expires_on] += 1
    return found


def _sealed(row: Quarantine, reason: str, secret: bytes | None) -> bytes:
    """No person is in it beyond the draft beside it, which is sealed as well."""
    if secret is None:
        return b""
    return bytes(envelope.seal_counts(reason.encode(), secret, _bound(row), padded_to=PADDED))


def _opened(row: Quarantine, secret: bytes | None) -> str:
    try:
        return envelope.unseal(bytes(row.sealed_reason), secret or b"", _bound(row)).decode()
    except Unreadable:
        return "?"


def _subject(round_id: UUID, day: date) -> UUID:
    """The key store knows secrets by subject: one for all that a round set aside until one day."""
    named = context.encode("maraudes set aside", round_id, day)
    return UUID(bytes=sha256(named).digest()[:16], version=4)


def _bound(row: Quarantine) -> bytes:
    return context.of_row(
        row.association_id, "outreach_quarantine", row.id, RetentionClass.QUARANTINE.value, row.expires_on
    )
