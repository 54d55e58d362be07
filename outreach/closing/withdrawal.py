"""Take one record back: rows, sums and keys, unreadable at once.

    take out of the sums -> consent withdrawn (append-only) -> rows deleted, book and log -> keys die -> all of it commits

Keys commit before data: the secrets are gone for good one moment before the rows are; a crash in between leaves rows that nobody
can open. Withdrawing again removes them, and the worker makes the sums of their week anew; else the purge does on their day.

Rule of the module: unreadable when this returns; final at the next rotation of the KEK epoch (at most 24 h).
Withdrawing twice changes nothing. Older copies of the draft that still sit on a phone are refused by its tombstone.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from outreach.records import aggregates, counted, selectors
from outreach.records.counting import count_consent
from outreach.records.models import ConsentEvent, Record, SealedPart
from outreach.rounds.locks import hold_books, hold_round, hold_secrets
from privacy.audit import services as audit
from privacy.audit.actors import Actor
from privacy.audit.events import Event
from privacy.core.retention import RetentionClass
from privacy.db import conflicts
from privacy.keystore import services as keystore
from privacy.retention import ledger


@conflicts.atomic
def withdraw(record_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Erase one record in the current scope; False when there is no such record (any more)."""
    record = _held(record_id)
    if record is None:
        return False
    opened = selectors.open_rows([record])
    parts = list(SealedPart.objects.filter(record_id=record_id))
    gone = {(RetentionClass.RECORD, record.expires_on): 1}
    gone |= {(RetentionClass(part.retention_class), part.expires_on): 1 for part in parts}
    hold_books(record.association_id)
    ledger.withdrawn(record.association_id, gone)
    if opened:
        aggregates.notify(aggregates.Change(record.round, frozenset(), _counted(record, opened), sign=-1))
    else:
        # Its keys went in a withdrawal that never ended: what it had added is known to nobody any more.
        aggregates.mark_stale(record.round)
    _say_withdrawn(record, now)
    # In the quarter in which it happens: one that is over was read, and a band that moves afterwards dates a withdrawal.
    count_consent(record.round.association, now.astimezone(UTC).date(), withdrawn=1)
    audit.record(
        Event.RECORD_ERASED,
        association_id=record.association_id,
        actor=actor,
        subject_kind="record",
        count=1,
        outcome="withdrawn",
        now=now,
    )
    SealedPart.objects.filter(record_id=record_id).delete()
    Record.objects.filter(id=record_id).delete()
    # Last, and committed on its own: were the data's commit to fail now, the row would stay but no longer open.
    keystore.destroy_subject(record_id)
    return True


def _counted(record: Record, opened: Sequence[selectors.DecryptedRecord]) -> list[aggregates.Contribution]:
    """What the record added, where it was added; of one that does not say, as it would be added today."""
    round_ = record.round
    encounters = [one.encounter for one in opened]
    by_now = counted.by_now(round_, encounters, counted.planned_by(round_), round_.association.policy)
    return [
        counted.contribution(one.encounter, one.counted or where)
        for one, where in zip(opened, by_now, strict=True)
    ]


def _held(record_id: UUID) -> Record | None:
    """The record, with its round locked: the web role may delete a record but never change one, and a row lock
    asks for that right.
    """
    round_id = Record.objects.filter(id=record_id).values_list("round_id", flat=True).first()
    if round_id is None:
        return None
    hold_round(round_id)
    hold_secrets()
    return Record.objects.select_related("round__association").filter(id=record_id).first()


def _say_withdrawn(record: Record, now: datetime) -> None:
    events: Sequence[ConsentEvent] = list(
        ConsentEvent.objects.filter(subject=record.id).order_by("-sequence")
    )
    if not events:
        return
    last = events[0]
    ConsentEvent.objects.create(
        association_id=record.association_id,
        team_id=record.team_id,
        subject=record.id,
        purpose=last.purpose,
        decision=ConsentEvent.Decision.WITHDRAWN,
        sequence=last.sequence + 1,
        notice_version=last.notice_version,
        actor=record.round.pseudonym,
        night=now.astimezone(UTC).date(),
        expires_on=last.expires_on,
    )
