"""Once a day: shuffle what happened on the days that are over, append it to the tree, sign a checkpoint.

Rule of the module: one seal at a time (advisory lock), all in one transaction, and never a signature over a log
that contradicts an earlier one: the whole log is hashed again first and held against the last checkpoint in
the database and the one kept beside the key.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from uuid import UUID, uuid4

from django.db import connection, transaction

from privacy.audit import entry, entry_keys, keys, last_checkpoint
from privacy.audit.entry import AuditEvent
from privacy.audit.events import DONE, Event
from privacy.audit.last_checkpoint import LogContradicted
from privacy.audit.log_reader import SEAL_LOCK
from privacy.audit.models import AnonymousCounter, Checkpoint, LogEntry, PendingEvent
from privacy.core import note as notes
from privacy.core.errors import BadCheckpoint
from privacy.core.tree import Tree

CHUNK = 2000


def publish_checkpoint(now: datetime, *, today_too: bool = False) -> Checkpoint | None:
    """Seal everything pending from before the UTC day of `now` (aware); with `today_too`, everything pending.

    Returns the new checkpoint, or None when nothing was pending: a second call changes nothing. The log is held against what was
    signed also then. Raises LogContradicted, KeyNotHere, KeyNotMoved. Runs as the worker role on `default`.
    """
    today = now.astimezone(UTC).date()
    before = today + timedelta(days=1) if today_too else today
    with _alone():
        facts, pending, counters = _collect(before)
        if not keys.exists():
            if Checkpoint.objects.exists():
                raise LogContradicted  # signed with a key that is not here: no other is made silently
            if not facts:
                return None
        key = keys.signing_key()
        tree = _checked_tree(key)
        return _append(facts, pending, counters, key, tree, today) if facts else None


def start_log(now: datetime) -> Checkpoint:
    """After a real loss: go on from the entries that are left, under a new name, and say so in the log.

    The first thing the new history tells is that the old one ended, with the hash of its last promise where
    that is still known. Whoever holds a checkpoint of the old name still finds what was lost. A decision of
    people, never taken by itself.
    """
    today = now.astimezone(UTC).date()
    with _alone():
        facts, pending, counters = _collect(today + timedelta(days=1))
        last = sha256((keys.last_note() or "").encode()).hexdigest()[:40]
        facts.append(AuditEvent(uuid4(), today, Event.ORIGIN_OPENED, None, "operator", last, None, DONE))
        key = keys.renamed(keys.signing_key())
        tree = Tree()
        tree.extend(_leaves())
        transaction.on_commit(lambda: keys.remember_origin(key.origin))
        return _append(facts, pending, counters, key, tree, today)


@contextmanager
def _alone() -> Iterator[None]:
    """One transaction, and no other seal or verification meanwhile."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
        yield


def _append(
    facts: list[AuditEvent],
    pending: list[UUID],
    counters: list[UUID],
    key: keys.SigningKey,
    tree: Tree,
    today: date,
) -> Checkpoint:
    # The order of arrival dies here: it would tell the order of the night.
    random.SystemRandom().shuffle(facts)
    entries = _entries(facts, tree.size)
    LogEntry.objects.bulk_create(entries, batch_size=CHUNK)
    for start in range(0, len(pending), CHUNK):
        PendingEvent.objects.filter(id__in=pending[start : start + CHUNK]).delete()
    AnonymousCounter.objects.filter(id__in=counters).delete()
    tree.extend(bytes(entry.leaf_hash) for entry in entries)
    promise = notes.Checkpoint(key.origin, tree.size, tree.root())
    note = notes.sign_checkpoint(promise, key.seed)
    checkpoint = Checkpoint(origin=promise.origin, size=promise.size, root=promise.root, day=today, note=note)
    checkpoint.save(force_insert=True)
    last_checkpoint.write(promise, note, key.verifier, today)
    # After the commit: a crash in between leaves an older promise, which the log still keeps.
    transaction.on_commit(lambda: keys.remember_note(note))
    return checkpoint


def _collect(before: date) -> tuple[list[AuditEvent], list[UUID], list[UUID]]:
    """What to seal: the pending events of earlier days and the strangers' counters, with ids to remove."""
    events = list(PendingEvent.objects.filter(day__lt=before))
    counters = list(AnonymousCounter.objects.filter(day__lt=before))
    # A fresh id for each entry: nobody who saw the pending table can find a row again in the log.
    facts = [
        AuditEvent(
            uuid4(),
            row.day,
            row.event,
            row.association_id,
            row.actor,
            row.subject_kind,
            row.count,
            row.outcome,
        )
        for row in events
    ]
    facts += [
        AuditEvent(uuid4(), row.day, Event.DENIED_ANONYMOUS, None, "stranger", row.kind, row.count, DONE)
        for row in counters
    ]
    return facts, [row.id for row in events], [row.id for row in counters]


def _entries(facts: list[AuditEvent], start: int) -> list[LogEntry]:
    week_keys: dict[date, bytes] = {}
    entries = []
    for index, fact in enumerate(facts, start):
        expires = entry_keys.body_expires_on(fact.day)
        if expires not in week_keys:
            week_keys[expires] = entry_keys.week_key(expires)
        body = entry.canonical(entry.body_of(fact))
        bound = entry.commitment(entry.salt(week_keys[expires], fact.entry_id), body.encode())
        entries.append(
            LogEntry(
                index=index,
                entry_id=fact.entry_id,
                day=fact.day,
                expires_on=expires,
                commitment=bound,
                leaf_hash=entry.leaf(bound, fact.entry_id, fact.day, expires),
                association_id=fact.association_id,
                body=body,
            )
        )
    return entries


def _checked_tree(key: keys.SigningKey) -> Tree:
    """The tree of what is stored, if it keeps every promise still known. Raises LogContradicted."""
    newest = Checkpoint.objects.filter(origin=key.origin).order_by("-size").first()
    if newest is None and Checkpoint.objects.exists():
        raise LogContradicted  # signed under another name: a lost key starts no second history by itself
    sizes = {}
    for note in filter(None, (newest.note if newest else None, last_checkpoint.known(key))):
        try:
            promise = notes.open_checkpoint(note, key.verifier)
        except BadCheckpoint:
            raise LogContradicted from None
        sizes[promise.size] = promise.root
    if max(sizes) > (newest.size if newest else 0):
        raise LogContradicted  # the database is older than the last promise
    tree, leaves = Tree(), _leaves()
    for size, root in sorted(sizes.items()):
        tree.extend(islice(leaves, size - tree.size))
        if tree.size != size or tree.root() != root:
            raise LogContradicted
    if (
        next(leaves, None) is not None
    ):  # an entry after the last checkpoint: nobody seals one without the other
        raise LogContradicted
    return tree


def _leaves() -> Iterator[bytes]:
    """Leaf hashes in order, by a server-side cursor; a hole in the numbering ends the log with a contradiction."""
    rows = LogEntry.objects.order_by("index").values_list("index", "leaf_hash")
    for expected, (index, leaf) in enumerate(rows.iterator(chunk_size=CHUNK)):
        if index != expected:
            raise LogContradicted
        yield bytes(leaf)
