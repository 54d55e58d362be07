"""Logs to look at: events recorded as the web role does, days sealed as the worker does, copies spoilt as the
owner could.
"""

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from privacy.audit import entry_keys, keys, log_reader, sealing, services
from privacy.audit.actors import Actor
from privacy.audit.events import Event
from privacy.audit.models import Checkpoint
from privacy.audit.verifying import Report, verify_log
from privacy.db.scope import Scope, use_tenant
from tests import databases
from tests.factories import NIGHT

NOON = datetime.combine(NIGHT, datetime.min.time(), UTC) + timedelta(hours=12)
"""Noon of the tests' day: the database compares with it."""

LANTERNE = UUID("1a000000-0000-4000-8000-000000000001")
PASSERELLE = UUID("2b000000-0000-4000-8000-000000000002")
ROLES = ("worker", "lead", "coordinator", "admin", "auditor")
EVENTS = (
    Event.RECORD_REVEALED,
    Event.MAP_READ,
    Event.LEDGER_READ,
    Event.LOGIN,
    Event.DENIED,
    Event.MEMBER_CHANGED,
    Event.INVITATION_MADE,
    Event.RECORD_ERASED,
)
"""What a person does; the rest is the worker's to say."""


def happen(
    count: int, now: datetime, association: UUID | None = LANTERNE, dice: random.Random | None = None
) -> None:
    """`count` events on the day of `now`, recorded by a request of that association; past ones are the worker's to plant."""
    dice = dice or random.Random(count)  # noqa: S311
    today = now.date() == NIGHT
    with (
        nullcontext() if today else databases.as_worker(),
        use_tenant(Scope(association_id=association)),
        transaction.atomic(),
    ):
        for _ in range(count):
            services.record(
                dice.choice(EVENTS),
                association_id=association,
                actor=Actor(f"{dice.choice(ROLES)}:{dice.randbytes(6).hex()}"),
                subject_kind="record",
                count=dice.randrange(40),
                now=now,
            )


def sealed(*sizes: int, until: datetime = NOON) -> list[str]:
    """One finished day for each of `sizes`, the last one the day before `until`; returns the notes signed on
    the following noons.
    """
    notes = []
    with databases.as_worker():
        for back, size in zip(range(len(sizes), 0, -1), sizes, strict=True):
            day = until - timedelta(days=back)
            happen(size // 2, day, LANTERNE)
            happen(size - size // 2, day, PASSERELLE)
            checkpoint = sealing.publish_checkpoint(day + timedelta(days=1))
            assert checkpoint is not None
            notes.append(checkpoint.note)
    return notes


def verify(*kept: str) -> Report:
    """The verifier on the real database, as the worker."""
    with databases.as_worker():
        return log_reader.verify("default", kept, [keys.signing_key().verifier], NOON.date())


class Copy:
    """The log in a transaction of the owner with all triggers asleep: what an intruder with every right in
    the database could do.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.key = keys.signing_key().verifier
        with connection.cursor() as cursor:
            self.week_keys = entry_keys.living_keys(log_reader.expiries(cursor))

    @contextmanager
    def spoilt(self) -> Iterator[Any]:
        """A cursor whose changes are rolled back when the block ends."""
        with self.connection.transaction(force_rollback=True), self.connection.cursor() as cursor:
            yield cursor

    def verify(self, cursor: Any, *kept: str) -> Report:
        """The very verifier of the command, on this transaction."""
        report = Report()
        known = log_reader.signed_checkpoints(cursor, kept, [self.key], report)
        with closing(log_reader.rows(cursor.connection)) as rows:
            return verify_log(rows, known, self.week_keys, NOON.date(), report)


@contextmanager
def copy() -> Iterator[Copy]:
    """Open a `Copy`; whatever happens in it never reaches the log."""
    with databases.raw("owner", autocommit=False) as connection:
        for table in ("audit_logentry", "audit_checkpoint"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.execute("ALTER TABLE audit_logentry DROP CONSTRAINT audit_hashes")
        yield Copy(connection)
        connection.rollback()


def notes_stored() -> list[str]:
    return list(Checkpoint.objects.order_by("size").values_list("note", flat=True))


def kek_folder() -> str:
    return str(settings.KEK_DIR)
