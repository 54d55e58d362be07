"""What could not be taken is kept as it came, sealed, with its reason sealed beside it, until its day.

Rule of the module: a reason says something about a person (`no-consent`), so it opens only with the keystore, dies with its day's
key and has the length of any other; so does the draft beside it, under the same secret, which is its own and dies when it leaves.
Nothing here opens a draft.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from outreach.records import covering
from outreach.records.models import Quarantine
from privacy.core import context, envelope
from privacy.core.errors import Unreadable
from privacy.core.retention import RetentionClass
from privacy.keystore import orphans
from privacy.keystore import services as keystore
from privacy.retention import ledger

TABLE = "outreach_quarantine"
PADDED = 64
"""Bytes of a padded reason: a word of a closed list."""
LENGTH = PADDED + envelope.OVERHEAD
"""Bytes of every sealed reason; the table's check says the same (or none, see `keep`)."""


def keep(rows: Sequence[Quarantine], why: Mapping[UUID, str]) -> None:
    """Store `rows` of one round and one day of expiry, each with its reason. An id already set aside stays as it was.

    `blob` is what the phone sealed; it is covered here, under a secret of its own. While the day's key is damaged (the next purge
    drops it), it stays bare and the reason empty rather than the round open.
    """
    there = set(Quarantine.objects.filter(id__in=[row.id for row in rows]).values_list("id", flat=True))
    fresh = [row for row in rows if row.id not in there]  # the book would count the others twice
    if not fresh:
        return
    first = fresh[0]
    line = (RetentionClass.QUARANTINE, first.expires_on)
    orphans.begin_write()
    secrets = _issued(fresh)
    for row in fresh:
        secret = secrets.get((row.id, RetentionClass.QUARANTINE))
        row.sealed_reason = _sealed(row, why[row.id], secret)
        if secret is not None:
            row.blob = covering.cover(bytes(row.blob), secret, TABLE, row.id)
    Quarantine.objects.bulk_create(fresh, ignore_conflicts=True)
    ledger.stored(first.association_id, {line: len(fresh)})


def _issued(rows: Sequence[Quarantine]) -> keystore.Secrets:
    """A secret for each row, found where an earlier try had left one; none while the key of their day is damaged.

    Raises Unreadable while the epoch itself cannot be read: that passes, and what is written bare stays in the write-ahead log.
    """
    kind = RetentionClass.QUARANTINE
    try:
        known = keystore.fetch_secrets([row.id for row in rows], [kind])
        if keystore.DAMAGED in known.values():
            raise Unreadable
        wanted = [(row.id, kind, row.expires_on) for row in rows if (row.id, kind) not in known]
        return known | keystore.issue_secrets(rows[0].association_id, wanted)
    except Unreadable:
        keystore.require_epoch()
        return {}


def reasons(rows: Iterable[Quarantine]) -> Counter[tuple[UUID, str, date]]:
    """How many of `rows` by round, reason and day; "?" where none opens: its key is gone or damaged, or it was never sealed."""
    rows = list(rows)
    secrets = _secrets(rows)
    return Counter((row.round_id, _opened(row, secrets.get(row.id)), row.expires_on) for row in rows)


def uncovered(rows: Iterable[Quarantine]) -> dict[UUID, bytes]:
    """What the phone had sealed, of each row; a row whose secret is gone gives what lies there, which opens nowhere."""
    rows = list(rows)
    secrets = _secrets(rows)
    found = {}
    for row in rows:
        found[row.id] = bytes(row.blob)
        with suppress(Unreadable):
            found[row.id] = covering.uncover(bytes(row.blob), secrets.get(row.id), TABLE, row.id)
    return found


def out(rows: Sequence[Quarantine]) -> None:
    """`rows` were taken as records: they go, and once that is committed so do their secrets."""
    ids = [row.id for row in rows]
    Quarantine.objects.filter(id__in=ids).delete()

    def forget() -> None:
        keystore.destroy_subjects(ids, [RetentionClass.QUARANTINE])

    transaction.on_commit(forget, robust=True)  # cut off here, the reaper finds them


def subjects(rows: Iterable[Quarantine]) -> set[UUID]:
    """What the keystore may call the secrets of `rows`."""
    return {name for row in rows for name in (row.id, _together(row.round_id, row.born_to))}


def living(ids: set[UUID]) -> set[UUID]:
    """Of some of the keystore's names, those of rows that exist, and those the version before gave to a round and day."""
    return ids & subjects(Quarantine.objects.only("id", "round_id", "born_to"))


def _secrets(rows: Sequence[Quarantine]) -> dict[UUID, bytes]:
    """The secret of each row that has one; for a row of the version before, the one of its round and day."""
    together = {row.id: _together(row.round_id, row.born_to) for row in rows}
    try:
        found = (
            keystore.fetch_secrets([*together, *together.values()], [RetentionClass.QUARANTINE])
            if rows
            else {}
        )
    except Unreadable:
        found = {}  # an operator who looks for a round in such trouble finds it all the same
    kind = RetentionClass.QUARANTINE
    secrets = {id_: found.get((id_, kind), found.get((old, kind))) for id_, old in together.items()}
    return {id_: secret for id_, secret in secrets.items() if secret}


def _sealed(row: Quarantine, reason: str, secret: bytes | None) -> bytes:
    """No person is in it beyond the draft beside it, which is sealed as well."""
    if secret is None:
        return b""
    return bytes(envelope.seal_nonpersonal(reason.encode(), secret, _bound(row), padded_to=PADDED))


def _opened(row: Quarantine, secret: bytes | None) -> str:
    try:
        return envelope.unseal(bytes(row.sealed_reason), secret or b"", _bound(row)).decode()
    except Unreadable:
        return "?"


def _together(round_id: UUID, day: date) -> UUID:
    """What the keystore called the one secret of all that a round set aside until one day, in the version before."""
    named = context.encode("maraudes set aside", round_id, day)
    return UUID(bytes=sha256(named).digest()[:16], version=4)


def _bound(row: Quarantine) -> bytes:
    return context.row_aad(row.association_id, TABLE, row.id, RetentionClass.QUARANTINE.value, row.born_to)
