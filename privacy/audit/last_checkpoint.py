"""The last signed checkpoint: kept beside the signing key, and in the database, which may be older.

Rule of the module: only the worker has the file. It tells the database after each seal and each hour, so that whoever reads the
database alone (the web, an auditor) sees within an hour that it was put back to before the last promise.
"""

from datetime import UTC, date, datetime
from typing import Any

from django.db.models import DateField, Func, Value
from django.db.models.functions import Greatest

from privacy.audit import keys
from privacy.audit.models import Checkpoint, LastPromise
from privacy.core import note as notes
from privacy.core.errors import BadCheckpoint
from privacy.core.tree import Tree


class LogContradicted(BadCheckpoint):
    """The log is not the one that was signed before (changed, shortened, or restored from a backup): nothing
    more is signed.
    """

    code = "log-contradicted"


def known(key: keys.SigningKey) -> str:
    """The note of the last promise. Before the first there is one over nothing, so that a missing file always means a loss.

    Raises LogContradicted when something was signed under this name and the file is gone.
    """
    note = keys.last_note()
    if note is not None:
        return note
    if Checkpoint.objects.filter(origin=key.origin).exists():
        raise LogContradicted
    note = notes.sign_checkpoint(notes.Checkpoint(key.origin, 0, Tree().root()), key.seed)
    keys.remember_note(note)
    return note


def publish(now: datetime) -> None:
    """Write the last promise into the database as it stands beside the key, with today's UTC day; nothing before the first seal.

    Raises KeyNotHere, KeyNotMoved; BadCheckpoint when the file is not ours.
    """
    if not keys.exists():
        return
    note = keys.last_note()
    if note is None:
        return
    origin = note.partition("\n")[0]
    key = notes.verifier_key(origin, keys.signing_key().verifier.public)
    write(notes.open_checkpoint(note, key), note, key, now.astimezone(UTC).date())


def write(checkpoint: notes.Checkpoint, note: str, key: notes.VerifierKey, day: date) -> None:
    """Replace the one row; `key` is the public half of what signed it.

    Its day is `effective_today`: where the clock is behind a day already seen, `audit_standing` counts from that one.
    """
    effective_day = Greatest(Value(day), Func(function="app_today"), output_field=DateField())
    said: dict[str, Any] = {
        "day": effective_day,
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root,
    }
    said |= {"note": note, "verifier": str(key)}
    LastPromise.objects.update_or_create(id=1, defaults=said)
