"""Opening a batch of sealed drafts at the end of a round: the one way in, whoever brings it (server form, phone app, import).

    open (ingress key) -> consent.require -> snap up to the team's square -> secrets (keystore commits first) -> seal
    -> insert sorted by random id, one transaction -> add to the sums -> book and log -> receipt

Rule of the module: what cannot be taken is set aside sealed, its reason too; nothing is dropped and nothing half
written. There is no per-record task, log line or path, no creation time and no serial: order is a track.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from outreach.records import aggregates, counted, quarantine, sealing
from outreach.records.encounter import BadEncounter, Encounter, parse
from outreach.records.models import ConsentEvent, Draft, Quarantine, Record, SealedPart, Tombstone
from outreach.rounds.locks import hold_books
from outreach.rounds.models import Round
from privacy import clock
from privacy.core import coarsening, consent, ingress
from privacy.core.consent import Purpose
from privacy.core.errors import BadDraft, ConsentMissing, TooLong
from privacy.core.policy import Policy
from privacy.core.retention import RetentionClass, expires_on
from privacy.core.values import Sealed
from privacy.keystore import orphans
from privacy.keystore import services as keystore
from privacy.retention import ledger
from privacy.retention.services import effective_today

NOTICE = "2026-11"
"""Version of the consent notice; the same in every language (the language of a notice is nationality)."""

ERASED = b""
"""The digest of a tombstone that stands for any bytes under its id."""


@dataclass(frozen=True, slots=True, repr=False)
class SealedDraft:
    """One draft as a phone sends it. `key_id` names the ingress key; `expires_on` is the day that stands in its info."""

    id: UUID
    key_id: UUID
    expires_on: date
    blob: bytes

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.blob).digest()


@dataclass(slots=True)
class Receipt:
    """What became of each draft: stored, already known, or set aside with a reason from a closed list."""

    stored: list[UUID] = field(default_factory=list)
    known: list[UUID] = field(default_factory=list)
    quarantined: dict[UUID, str] = field(default_factory=dict)

    def add(self, more: "Receipt") -> None:
        """What became of a further batch of the same sending."""
        self.stored += more.stored
        self.known += [id_ for id_ in more.known if id_ not in self.stored]
        self.quarantined |= more.quarantined


@dataclass(frozen=True, slots=True, repr=False)
class _Taken:
    """A draft that opened and was consented. Its record gets an id of its own: drafts lie on the server in order of
    arrival, and a backup made during the round would lend that order to records of the same id.
    """

    draft: SealedDraft
    record_id: UUID
    encounter: Encounter
    proof: consent.ConsentProof


def draft_info(round_: Round, draft_id: UUID, key_id: UUID, day: date) -> bytes:
    """What a draft of this round is bound to; the same bytes on the phone and here."""
    return ingress.info(round_.association_id, round_.pseudonym, draft_id, key_id, day)


def store_drafts(
    round_: Round,
    drafts: Sequence[SealedDraft],
    *,
    policy: Policy,
    now: datetime,
    closing: bool,
    sender: UUID | None = None,
) -> Receipt:
    """Store a batch for `round_`, held by the caller (`outreach.rounds.locks`) in a transaction. Idempotent by id and bytes."""
    receipt = Receipt()
    # A late import or a demo brings nights of weeks ago under the `now` of that night; what the real day has ended is not stored.
    today = max(now.astimezone(UTC).date(), clock.today(), effective_today())
    fresh = _new_only(drafts, receipt)
    taken = _open_all(round_, fresh, policy, today, receipt)
    planned = counted.planned_by(round_)
    places = counted.by_now(round_, [one.encounter for one in taken], planned, policy)
    where = dict(zip((one.record_id for one in taken), places, strict=True))
    if taken:
        taken = _store(round_, taken, where, policy, today, receipt)
    else:
        hold_books(round_.association_id)
    contributions = [counted.contribution(one.encounter, where[one.record_id]) for one in taken]
    aggregates.notify(aggregates.Change(round_, planned, contributions, closing=closing))
    _set_aside(round_, [draft for draft in fresh if draft.id in receipt.quarantined], policy, today, receipt)
    write_tombstones(round_, fresh, policy, today, sender)
    Draft.objects.filter(round=round_, id__in=[draft.id for draft in drafts]).delete()
    return receipt


def dry_run(
    round_: Round, drafts: Sequence[SealedDraft], *, policy: Policy, now: datetime
) -> dict[UUID, str]:
    """Which of `drafts` would not be taken now, and why; writes nothing. What is too long shows when it is stored."""
    receipt = Receipt()
    _open_all(
        round_, drafts, policy, max(now.astimezone(UTC).date(), clock.today(), effective_today()), receipt
    )
    return receipt.quarantined


def _new_only(drafts: Sequence[SealedDraft], receipt: Receipt) -> list[SealedDraft]:
    """Drafts never seen. The same id with other bytes is refused: it would overwrite what was received."""
    unique = {draft.id: draft for draft in reversed(drafts)}
    tombstones = {row.id: bytes(row.digest) for row in Tombstone.objects.filter(id__in=unique)}
    fresh = []
    for draft in unique.values():
        if draft.id not in tombstones:
            fresh.append(draft)
        elif tombstones[draft.id] in (draft.digest, ERASED):
            receipt.known.append(draft.id)
        else:
            receipt.quarantined[draft.id] = "other-bytes"
    return sorted(fresh, key=lambda draft: draft.id)


def _open_all(
    round_: Round, drafts: Sequence[SealedDraft], policy: Policy, today: date, receipt: Receipt
) -> list[_Taken]:
    keys = keystore.ingress_private({draft.key_id for draft in drafts}) if drafts else {}
    dies = expires_on(RetentionClass.RECORD, round_.night, policy)
    taken = []
    for draft in drafts:
        if draft.id in receipt.quarantined:
            continue
        if dies <= today:
            receipt.quarantined[draft.id] = "over"  # not for want of consent, which is about a person
            continue
        private = keys.get(draft.key_id)
        if private is None:
            receipt.quarantined[draft.id] = "key-gone"
            continue
        info = draft_info(round_, draft.id, draft.key_id, draft.expires_on)
        try:
            encounter = parse(ingress.open_draft(private, info, draft.id, draft.blob))
            record_id = uuid4()
            proof = consent.require(
                Purpose.ZONE, record_id, consent_events(record_id, encounter, round_, dies), today
            )
        except BadDraft:
            receipt.quarantined[draft.id] = "does-not-open"
        except BadEncounter as refused:
            receipt.quarantined[draft.id] = refused.reason
        except ConsentMissing:
            receipt.quarantined[draft.id] = "no-consent"
        else:
            taken.append(_Taken(draft, record_id, snapped(encounter, policy), proof))
    return taken


def consent_events(
    subject: UUID, encounter: Encounter, round_: Round, dies: date
) -> list[consent.ConsentEvent]:
    """The decisions an encounter carries. A minor's yes is not a consent: a minor alone is only tallied."""
    if not encounter.zone or encounter.age_band == "minor":
        return []
    return [
        consent.ConsentEvent(
            subject=subject,
            purpose=Purpose.ZONE,
            decision=consent.Decision.GIVEN,
            notice_version=encounter.notice or NOTICE,
            night=round_.night,
            expires_on=dies,
            sequence=1,
        )
    ]


def snapped(encounter: Encounter, policy: Policy) -> Encounter:
    """The phone snapped already; the server is the authority and moves the square up to the team's size, never down."""
    if encounter.cell is None or encounter.cell.size >= policy.team_cell:
        return encounter
    return replace(encounter, cell=coarsening.parent(encounter.cell, policy.team_cell))


def _store(
    round_: Round,
    taken: list[_Taken],
    where: Mapping[UUID, counted.Counted],
    policy: Policy,
    today: date,
    receipt: Receipt,
) -> list[_Taken]:
    days = {cls: expires_on(cls, round_.night, policy) for cls in sealing.CLASSES}
    days = {cls: day for cls, day in days.items() if day > today}
    association = round_.association_id
    orphans.begin_write()
    secrets = keystore.issue_secrets(
        association, [(one.record_id, cls, day) for one in taken for cls, day in days.items()]
    )
    events, records, parts = [], [], []
    stored = []
    for one in taken:
        id_ = one.record_id
        bounds = {
            cls: sealing.record_aad(association, id_, cls, policy.version, day) for cls, day in days.items()
        }
        try:
            blobs = sealing.seal_record(one.encounter, where[id_], id_, bounds, secrets, one.proof)
        except TooLong:
            receipt.quarantined[one.draft.id] = "too-long"
            continue
        stored.append(one)
        events.append(_event(one, round_, days[RetentionClass.RECORD]))
        records.append(
            _record(id_, round_, policy, days[RetentionClass.RECORD], blobs[RetentionClass.RECORD])
        )
        parts += [
            _part(id_, round_, cls, day, blobs[cls])
            for cls, day in days.items()
            if cls is not RetentionClass.RECORD
        ]
    hold_books(association)
    # Sorted by random ids: neither ctid nor insertion order may tell the route.
    ConsentEvent.objects.bulk_create(sorted(events, key=lambda row: row.id), batch_size=1000)
    Record.objects.bulk_create(sorted(records, key=lambda row: row.id), batch_size=1000)
    SealedPart.objects.bulk_create(sorted(parts, key=lambda row: row.id), batch_size=1000)
    ledger.stored(association, {(cls, day): len(records) for cls, day in days.items()})
    receipt.stored += [one.draft.id for one in stored]
    return stored


def _record(id_: UUID, round_: Round, policy: Policy, day: date, blob: Sealed) -> Record:
    return Record(
        id=id_,
        association_id=round_.association_id,
        team_id=round_.team_id,
        round_id=round_.id,
        policy_version=policy.version,
        born_to=day,
        expires_on=day,
        blob=bytes(blob),
    )


def _part(record_id: UUID, round_: Round, cls: RetentionClass, day: date, blob: Sealed) -> SealedPart:
    return SealedPart(
        association_id=round_.association_id,
        team_id=round_.team_id,
        record_id=record_id,
        retention_class=cls.value,
        born_to=day,
        expires_on=day,
        blob=bytes(blob),
    )


def _event(one: _Taken, round_: Round, dies: date) -> ConsentEvent:
    return ConsentEvent(
        association_id=round_.association_id,
        team_id=round_.team_id,
        subject=one.record_id,
        purpose=Purpose.ZONE.value,
        decision=ConsentEvent.Decision.GIVEN,
        sequence=1,
        notice_version=one.encounter.notice or NOTICE,
        actor=round_.pseudonym,
        night=round_.night,
        expires_on=dies,
    )


def _set_aside(
    round_: Round, drafts: Sequence[SealedDraft], policy: Policy, today: date, receipt: Receipt
) -> None:
    """Keep what could not be taken, still sealed, until it expires: never past the day promised for its record.

    Where that day seems to have come already (a clock set forward, a rule shortened since), it is kept as long as any other.
    """
    day = expires_on(RetentionClass.QUARANTINE, max(round_.night, today), policy)
    dies = expires_on(RetentionClass.RECORD, round_.night, policy)
    day = min(day, dies) if dies > today else day
    rows = [
        Quarantine(
            id=draft.id,
            association_id=round_.association_id,
            team_id=round_.team_id,
            round_id=round_.id,
            key_id=draft.key_id,
            blob=draft.blob,
            born_to=day,
            expires_on=day,
        )
        for draft in drafts
    ]
    quarantine.keep(rows, receipt.quarantined)


def write_tombstones(
    round_: Round, drafts: Sequence[SealedDraft], policy: Policy, today: date, sender: UUID | None = None
) -> None:
    """Remember ids and digests of ciphertexts, so that a phone may send again without harm."""
    _write_tombstones(round_, {draft.id: draft.digest for draft in drafts}, policy, today, sender)


def write_erased_tombstones(
    round_: Round, ids: Iterable[UUID], policy: Policy, today: date, sender: UUID | None = None
) -> None:
    """Remember ids whose bytes are known to nobody any more: whatever comes under them later was erased."""
    _write_tombstones(round_, dict.fromkeys(ids, ERASED), policy, today, sender)


def _write_tombstones(
    round_: Round, digests: dict[UUID, bytes], policy: Policy, today: date, sender: UUID | None
) -> None:
    day = expires_on(RetentionClass.TOMBSTONE, max(round_.night, today), policy)
    common = {
        "association_id": round_.association_id,
        "team_id": round_.team_id,
        "expires_on": day,
        "sender": sender,
    }
    rows = [Tombstone(id=id_, digest=digest, **common) for id_, digest in sorted(digests.items())]
    Tombstone.objects.bulk_create(rows, ignore_conflicts=True)
