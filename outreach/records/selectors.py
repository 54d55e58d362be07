"""Reading sealed records: the only place that opens them for a person, with a reason, written to the audit log.

Rule of the module: nothing opened here is cached, and a record whose secret is gone is simply not there.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from outreach.access import ActingMembership
from outreach.members.actors import actor
from outreach.records import handovers as transmissions
from outreach.records import sealing
from outreach.records.counted import Counted
from outreach.records.encounter import BadEncounter, Encounter
from outreach.records.models import Handover, Record, SealedPart
from outreach.records.sealing import TABLES
from outreach.rounds.models import RoundSector
from privacy import bands
from privacy.audit import services as audit
from privacy.audit.events import Event
from privacy.core.retention import RetentionClass
from privacy.keystore import services as keystore
from privacy.sealed_rows import note_damage, open_row

Part = tuple[date, bytes]
"""The bucket a sealed note was born to, and its blob."""


class Reason(StrEnum):
    """Why somebody opens records; a closed list, so that the log says something and a glove can choose it."""

    TEAM_MAP = "team-map"
    PREPARE_ROUND = "prepare-round"


@dataclass(frozen=True, slots=True, repr=False)
class DecryptedRecord:
    """A record somebody may read: its own day of disappearance, the night, and what was recorded."""

    id: UUID
    night: date
    team_id: UUID
    expires_on: date
    encounter: Encounter
    note: str = ""
    counted: Counted | None = None
    """Where it was counted; None where the record does not say."""


def open_for_team(
    acting: ActingMembership,
    reason: Reason,
    *,
    now: datetime,
    nights_from: date | None = None,
    notes: bool = False,
) -> list[DecryptedRecord]:
    """The live records of the membership's teams, opened and logged. `nights_from` bounds the nights (inclusive)."""
    rows = Record.objects.filter(team_id__in=acting.team_ids).select_related("round")
    if nights_from is not None:
        rows = rows.filter(round__night__gte=nights_from)
    opened = open_rows(list(rows), notes=notes)
    _log(acting, reason, len(opened), now)
    return opened


@dataclass(frozen=True, slots=True, repr=False)
class Leaf:
    """Some of the records that somebody asked for. `rest`: where the next leaf begins, None when this was the last."""

    opened: list[DecryptedRecord]
    rest: int | None


LOOKED_AT = 60
"""The most records that one leaf opens, however few of them were wanted."""


def leaf(
    acting: ActingMembership,
    reason: Reason,
    wanted: Callable[[DecryptedRecord], bool],
    *,
    now: datetime,
    near: Collection[UUID] = (),
    most: int = 20,
    start: int = 0,
) -> Leaf:
    """The next `most` wanted records with their notes, opened one after the other and no further; logged.

    Nights planned over the sectors `near`, or over none (an import has no plan), come first, then the latest. `start` is the
    `rest` of the leaf before; what is erased between two leaves moves what follows by as much.
    """
    planned = RoundSector.objects.filter(round=OuterRef("round"))
    there = RoundSector.objects.filter(round=OuterRef("round"), sector_id__in=near, cancelled=False)
    rows = list(
        Record.objects.filter(team_id__in=acting.team_ids)
        .select_related("round")
        .annotate(near=Q(Exists(there)) | ~Q(Exists(planned)))
        .order_by("-near", "-round__night", "id")[start : start + LOOKED_AT + 1]
    )
    asked = rows[:LOOKED_AT]
    parts = _parts(asked)
    secrets = keystore.fetch_secrets([row.id for row in asked], [RetentionClass.RECORD, RetentionClass.NOTE])
    found: list[DecryptedRecord] = []
    looked = 0
    for row in asked:
        if len(found) == most:
            break
        looked += 1
        one = _open(row, secrets, parts.get(row.id))
        if one is not None and wanted(one):
            found.append(one)
    _log(acting, reason, looked, now)
    return Leaf(found, start + looked if looked < len(rows) else None)


def open_rows(rows: Sequence[Record], *, notes: bool = False) -> list[DecryptedRecord]:
    """Open rows that row security showed; for `open_for_team` and for other services, never for a view."""
    parts = _parts(rows) if notes else {}
    classes = [RetentionClass.RECORD, *([RetentionClass.NOTE] if notes else [])]
    secrets = keystore.fetch_secrets([row.id for row in rows], classes)
    opened = (_open(row, secrets, parts.get(row.id)) for row in rows)
    return [one for one in opened if one is not None]


def _open(row: Record, secrets: keystore.Secrets, part: Part | None) -> DecryptedRecord | None:
    """One record with its note, where both still have their secret; None when the record's is gone, or it is damaged."""
    secret = secrets.get((row.id, RetentionClass.RECORD))
    bound = sealing.record_aad(
        row.association_id, row.id, RetentionClass.RECORD, row.policy_version, row.born_to
    )
    text = open_row(TABLES[RetentionClass.RECORD], row.blob, secret, bound)
    if text is None:
        return None
    try:
        encounter, counted = sealing.parse_record(text)
    except BadEncounter:
        note_damage(TABLES[RetentionClass.RECORD])
        return None
    note = _note(row, secrets.get((row.id, RetentionClass.NOTE)), part) if part else ""
    return DecryptedRecord(row.id, row.round.night, row.team_id, row.expires_on, encounter, note, counted)


def _note(row: Record, secret: bytes | None, part: Part) -> str:
    """The note of a record; "" where its secret is gone, or where it is damaged: what else the record says stays."""
    born_to, blob = part
    bound = sealing.record_aad(row.association_id, row.id, RetentionClass.NOTE, row.policy_version, born_to)
    text = open_row(TABLES[RetentionClass.NOTE], blob, secret, bound)
    return "" if text is None else text.decode()


def _parts(rows: Iterable[Record]) -> dict[UUID, Part]:
    """The sealed notes that live, by their record."""
    ids = [row.id for row in rows]
    parts = SealedPart.objects.filter(record_id__in=ids, retention_class=RetentionClass.NOTE.value)
    return {
        record_id: (born_to, bytes(blob))
        for record_id, born_to, blob in parts.values_list("record_id", "born_to", "blob")
    }


def _log(acting: ActingMembership, reason: Reason, many: int, now: datetime) -> None:
    audit.record(
        Event.RECORD_REVEALED,
        association_id=acting.association_id,
        actor=actor(acting, now),
        subject_kind="record",
        count=bands.floor(many),  # exact ones would say how many records each night made
        outcome=reason.value,
        now=now,
    )


def handovers(acting: ActingMembership, *, now: datetime, most: int = 10) -> list[tuple[date, date, str]]:
    """(night, day it disappears, text) of the latest transmissions to the membership's teams; their opening is logged."""
    rows = (
        Handover.objects.filter(team_id__in=acting.team_ids)
        .select_related("round")
        .order_by("-round__night", "id")[:most]
    )
    told = [(row.round.night, row.expires_on, text) for row, text in transmissions.decrypt(rows)]
    if told:
        audit.record(
            Event.HANDOVER_READ,
            association_id=acting.association_id,
            actor=actor(acting, now),
            subject_kind="handover",
            now=now,
        )
    return told
