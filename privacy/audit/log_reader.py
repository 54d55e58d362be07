"""The log as it lies in the database, read row by row for the verifier, through whatever connection may see it.

Rule of the module: reads only. Rows come from the view `audit_leaf` (all hashes) joined with the entries that
the connection's role may see: all of them for the worker, those of one association for the auditor.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

import psycopg
from django.db import connections, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg.rows import args_row

from privacy.audit import entry_keys
from privacy.audit.verifying import Kind, Report, Row, SignedCheckpoint, verify_log
from privacy.core import note as notes
from privacy.core.errors import BadCheckpoint
from privacy.core.note import VerifierKey

CHUNK = 2000
SEAL_LOCK = 0x736561  # "sea"
"""Held by a seal alone, and shared by verifications."""

_ROWS = """
SELECT l.index, uuid_send(l.entry_id), l.day, l.expires_on, l.commitment, l.leaf_hash, l.has_body,
e.association_id::text, convert_to(e.body, 'UTF8')
FROM audit_leaf l LEFT JOIN audit_logentry e ON e.index = l.index ORDER BY l.index
"""
_CHECKPOINTS = "SELECT origin, size, root, note FROM audit_checkpoint ORDER BY size"
_TOLD = "SELECT note FROM audit_lastpromise"
_EXPIRIES = "SELECT DISTINCT expires_on FROM audit_leaf WHERE has_body"


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside the signing key: whether one could look there, and the last promise. None where the file is gone."""

    looked: bool
    note: str | None = None


def rows(connection: psycopg.Connection[Any]) -> Generator[Row]:
    """All entries in order, through an open transaction: the database reads on while the last ones are hashed.

    Close it before that transaction is left: until then it holds the connection. Chunks need libpq 17; psycopg-binary brings it.
    """
    with psycopg.Cursor(connection, row_factory=args_row(Row)) as cursor:
        yield from cursor.stream(_ROWS, size=CHUNK, binary=True)


def expiries(cursor: Any) -> list[date]:
    """The expiry days of which bodies still exist."""
    cursor.execute(_EXPIRIES)
    return [day for (day,) in cursor.fetchall()]


def opened(note: str, known: Sequence[VerifierKey]) -> notes.Checkpoint | None:
    """The checkpoint in `note`, under whatever name, if one of the `known` keys signed it under that name.

    A log that was resumed after a loss goes on under another name with the same key; its older promises still bind it.
    """
    origin = note.partition("\n")[0]
    for key in known:
        try:
            return notes.open_checkpoint(note, notes.verifier_key(origin, key.public))
        except BadCheckpoint:
            continue
    return None


def signed_checkpoints(
    cursor: Any,
    kept: Iterable[str],
    known: Sequence[VerifierKey],
    report: Report,
    beside: Beside = Beside(looked=False),
) -> list[SignedCheckpoint]:
    """Every checkpoint signed by a `known` key: those stored, those `kept` elsewhere (note texts), the last one known.

    The others become findings.
    """
    found = []
    cursor.execute(_CHECKPOINTS)
    for origin, size, root, note in cursor.fetchall():
        which = {"size": size}
        checkpoint = opened(note, known)
        if checkpoint is None:
            text = ngettext(
                "Le sceau enregistré pour %(size)s entrée n’est pas signé par la clé du registre.",
                "Le sceau enregistré pour %(size)s entrées n’est pas signé par la clé du registre.",
                size,
            )
            report.add(Kind.BAD_CHECKPOINT, text % which)
            continue
        if (checkpoint.origin, checkpoint.size, checkpoint.root) != (origin, size, bytes(root)):
            text = ngettext(
                "Le sceau enregistré pour %(size)s entrée ne dit pas ce qu’il a signé.",
                "Le sceau enregistré pour %(size)s entrées ne dit pas ce qu’il a signé.",
                size,
            )
            report.add(Kind.BAD_CHECKPOINT, text % which)
        found.append(SignedCheckpoint(checkpoint, kept=False))
    found += _last(cursor, known, report, beside, signed=bool(found))
    for note in kept:
        checkpoint = opened(note, known)
        if checkpoint is None:
            text = _("Un sceau que vous conservez n’est pas signé par la clé de ce registre.")
            report.add(Kind.BAD_CHECKPOINT, text)
        else:
            found.append(SignedCheckpoint(checkpoint, kept=True))
    return found


def _last(
    cursor: Any, known: Sequence[VerifierKey], report: Report, beside: Beside, *, signed: bool
) -> Iterator[SignedCheckpoint]:
    """The last promise, from beside the key and as the worker told it to the database: either may be the newer one."""
    report.beside = beside.looked
    if beside.looked and beside.note is None and signed:
        report.add(Kind.OLDER, _("La dernière promesse, gardée près de la clé du registre, a disparu."))
    cursor.execute(_TOLD)
    for note in {*filter(None, [beside.note]), *(row[0] for row in cursor.fetchall())}:
        checkpoint = opened(note, known)
        if checkpoint is None:
            text = _(
                "La dernière promesse, gardée près de la clé, n’est pas signée par la clé de ce registre."
            )
            report.add(Kind.BAD_CHECKPOINT, text)
        else:
            yield SignedCheckpoint(checkpoint, kept=False, last=True)


def _counted(source: Iterator[Row], say: Callable[[int], None]) -> Iterator[Row]:
    seen = 0
    while chunk := list(islice(source, CHUNK)):
        seen += len(chunk)
        say(seen)
        yield from chunk


def verify(
    alias: str,
    kept: Sequence[str],
    known: Sequence[VerifierKey],
    today: date,
    say: Callable[[int], None] | None = None,
    *,
    beside: Beside = Beside(looked=False),
) -> Report:
    """Examine the whole log through the connection `alias`; `say(seen)` is called after each chunk. Seals wait meanwhile."""
    report = Report()
    with transaction.atomic(using=alias):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [SEAL_LOCK])
            cursor.execute("SET LOCAL statement_timeout = 0")  # one statement reads the whole log
            bound = signed_checkpoints(cursor, kept, known, report, beside)
            week_keys = entry_keys.living_keys(expiries(cursor))
        with closing(rows(connections[alias].connection)) as source:
            return verify_log(_counted(source, say) if say else source, bound, week_keys, today, report)


def count(alias: str) -> int:
    """How many entries the log has."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_leaf")
        return int(cursor.fetchone()[0])
