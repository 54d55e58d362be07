"""Reading sealed records: the only place that opens them for a person, with a reason, written to the audit log.

Rule of the room: nothing opened here is cached, and a record whose secret is gone is simply not there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from outreach.access import Seat
from outreach.members.actors import actor
from outreach.records import sealing
from outreach.records.counted import Counted
from outreach.records.encounter import Encounter
from outreach.records.models import Record, SealedPart
from outreach.rounds import handovers as transmissions
from outreach.rounds.models import Handover
from privacy import bands
from privacy.audit import services as audit
from privacy.audit.events import Event
from privacy.core import envelope
from privacy.core.retention import RetentionClass
from privacy.keystore import services as keystore


class Reason(StrEnum):
    """Why somebody opens records; a closed list, so that the log says something and a glove can choose it."""

    TEAM_MAP = "team-map"
    PREPARE_ROUND = "prepare-round"


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A record somebody may read: its own day of disappearance, the night, and what was recorded."""

    id: UUID
    night: date
    team_id: UUID
    expires_on: date
    encounter: Encounter
    note: str = ""
    counted: Counted | None = None
    """Where it was counted; None where the record does not say."""


def reveal(
    seat: Seat, reason: Reason, *, now: datetime, nights_from: date | None = None, notes: bool = False
) -> list[Opened]:
    """The live records of the seat's teams, opened and logged. `nights_from` bounds the nights (inclusive)."""
    rows = Record.objects.filter(team_id__in=seat.team_ids).select_related("round")
    if nights_from is not None:
        rows = rows.filter(round__night__gte=nights_from)
    opened = open_rows(list(rows), notes=notes)
    audit.record(
        Event.RECORD_REVEALED,
        association_id=seat.association_id,
        actor=actor(seat, now),
        subject_kind="record",
        count=bands.floor(len(opened)),  # exact ones would say how many records each night made
        outcome=reason.value,
        now=now,
    )
    return opened


def open_rows(rows: Sequence[Record], *, notes: bool = False) -> list[Opened]:
    """Open rows that row security showed; for `reveal` and for services of the house, never for a view."""
    secrets = keystore.fetch_secrets([row.id for row in rows], [RetentionClass.RECORD])
    texts = _notes(rows) if notes else {}
    opened = []
    for row in rows:
        secret = secrets.get((row.id, RetentionClass.RECORD))
        if secret is None:
            continue
        bound = sealing.bound_to(
            row.association_id, row.id, RetentionClass.RECORD, row.policy_version, row.born_to
        )
        encounter, counted = sealing.open_record(bytes(row.blob), secret, bound)
        note = texts.get(row.id, "")
        opened.append(Opened(row.id, row.round.night, row.team_id, row.expires_on, encounter, note, counted))
    return opened


def _notes(rows: Iterable[Record]) -> dict[UUID, str]:
    by_id = {row.id: row for row in rows}
    parts = list(SealedPart.objects.filter(record_id__in=by_id, retention_class=RetentionClass.NOTE.value))
    secrets = keystore.fetch_secrets([part.record_id for part in parts], [RetentionClass.NOTE])
    texts = {}
    for part in parts:
        secret = secrets.get((part.record_id, RetentionClass.NOTE))
        if secret is not None:
            version = by_id[part.record_id].policy_version
            bound = sealing.bound_to(
                part.association_id, part.record_id, RetentionClass.NOTE, version, part.born_to
            )
            texts[part.record_id] = envelope.unseal(bytes(part.blob), secret, bound).decode()
    return texts


def handovers(seat: Seat, *, now: datetime, most: int = 10) -> list[tuple[date, date, str]]:
    """(night, day it disappears, text) of the latest transmissions to the seat's teams; their opening is logged."""
    rows = (
        Handover.objects.filter(team_id__in=seat.team_ids)
        .select_related("round")
        .order_by("-round__night", "id")[:most]
    )
    told = [(row.round.night, row.expires_on, text) for row, text in transmissions.opened(rows)]
    if told:
        audit.record(
            Event.HANDOVER_READ,
            association_id=seat.association_id,
            actor=actor(seat, now),
            subject_kind="handover",
            now=now,
        )
    return told
