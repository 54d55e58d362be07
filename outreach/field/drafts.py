"""Encounters on their way: sealed to the ingress key at once, held until the round closes, erased by the phone that made them.

Rule of the room: what was typed exists here only as an argument, and what was sealed goes to disk only covered once more. The
id of a draft is drawn and signed when its form is shown: a form sent twice is one encounter, nobody can claim another's id.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.core.signing import BadSignature, Signer

from outreach.records import covering, held, receiving
from outreach.records.encounter import Encounter
from outreach.records.models import Draft
from outreach.records.receiving import Receipt, SealedDraft
from outreach.rounds.locks import hold_round
from outreach.rounds.models import Round
from outreach.rounds.services import RoundRefused, close_round
from outreach.rounds.tally import Counts
from privacy.core import envelope, ingress
from privacy.core.errors import Unreadable
from privacy.core.policy import DEFAULT
from privacy.core.puncture import Tree
from privacy.core.retention import RetentionClass, expires_on
from privacy.db import prepared
from privacy.keystore import services as keystore

_ROOM = envelope.RECORD - 4


@dataclass(slots=True)
class Kept:
    """What became of drafts brought to a round: held until it closes, already there, or refused (their id is taken)."""

    held: list[UUID] = field(default_factory=list)
    known: list[UUID] = field(default_factory=list)
    refused: list[UUID] = field(default_factory=list)
    receipt: Receipt | None = None
    """Set when the round was closed already and the drafts were received late."""


def _signer(round_id: UUID) -> Signer:
    return Signer(salt=f"outreach.field.draft:{round_id.hex}")


def new_token(round_: Round) -> str:
    """A fresh draft id, signed for this round; without a time."""
    return _signer(round_.id).sign(uuid4().hex)


def id_in(token: str, round_: Round) -> UUID | None:
    """The id in a token that this server signed for `round_`, else None."""
    try:
        return UUID(_signer(round_.id).unsign(token))
    except (BadSignature, ValueError):
        return None


def fits(encounter: Encounter) -> bool:
    """Whether the record and its note fit their blobs of one size (1,020 bytes each)."""
    return len(encounter.without_note().to_json()) <= _ROOM and len(encounter.note.encode()) <= _ROOM


def seal(round_: Round, draft_id: UUID, encounter: Encounter) -> SealedDraft:
    """Seal an encounter to the ingress key of the round's week: the same bytes a phone sends when it seals by itself."""
    key = keystore.ingress_key(round_.night)
    day = expires_on(RetentionClass.DRAFT, round_.night, round_.association.policy)
    info = receiving.draft_info(round_, draft_id, key.id, day)
    return SealedDraft(
        draft_id, key.id, day, ingress.seal_draft(bytes(key.public_key), info, draft_id, encounter.to_json())
    )


_HOLD = """
WITH held AS (
    SELECT id, association_id, team_id, night FROM outreach_round
    WHERE id = %s AND team_id = ANY(%s) AND status = 'open' FOR NO KEY UPDATE
)
INSERT INTO outreach_draft (id, association_id, team_id, round_id, phone, key_id, blob, expires_on)
SELECT d.id, held.association_id, held.team_id, held.id, %s, d.key_id, d.blob, d.expires_on
FROM held, unnest(%s::uuid[], %s::uuid[], %s::bytea[], %s::date[]) AS d(id, key_id, blob, expires_on)
WHERE d.expires_on > (SELECT app_today()) AND d.expires_on <= held.night + %s
    AND NOT EXISTS (SELECT 1 FROM outreach_tombstone t WHERE t.id = d.id)
ORDER BY d.id
ON CONFLICT DO NOTHING
RETURNING id
"""
# The mode of `outreach.rounds.locks`, not FOR SHARE: a phone that waited for the close finds no open round any more and goes
# on to be received late, still holding what it has of the round; shared by two, neither could have it alone. The day a draft dies
# is the house's to say, not the phone's; and what was erased does not come back.


def keep(
    round_id: UUID, team_ids: frozenset[UUID], drafts: Sequence[SealedDraft], *, phone: UUID, now: datetime
) -> Kept:
    """Hold drafts of a round of `team_ids` until it closes; a closed one receives them at once (72 h).

    One statement for any number of new drafts. Call inside a transaction. Raises Round.DoesNotExist for a round that is
    not the teams', RoundRefused for one that takes nothing.
    """
    unique = list({draft.id: draft for draft in reversed(drafts)}.values())
    taken = _hold(round_id, team_ids, unique, phone)
    left = [draft for draft in unique if draft.id not in taken]
    kept = Kept(held=sorted(taken))
    return _explain(round_id, team_ids, left, kept, phone, now) if left else kept


def _hold(round_id: UUID, team_ids: frozenset[UUID], drafts: Sequence[SealedDraft], phone: UUID) -> set[UUID]:
    """Cover the drafts and hold those that can be held; a forgotten id (erased before) cannot."""
    tree = covering.tree_of(round_id)
    if tree is None:
        round_ = Round.objects.select_related("association").get(id=round_id, team_id__in=team_ids)
        tree = covering.tree_for(round_) if round_.status == Round.Status.OPEN else None
    if tree is None:
        return set()
    rows = []
    for one in drafts:
        with suppress(Unreadable):
            rows.append((one.id, one.key_id, _covered(one, tree), one.expires_on))
    if not rows:
        return set()
    arrays = [list(column) for column in zip(*rows, strict=True)]
    with prepared.cursor() as cursor:
        cursor.run(_HOLD, [round_id, list(team_ids), phone, *arrays, DEFAULT.draft_days])
        return {row[0] for row in cursor.fetchall()}


def _covered(draft: SealedDraft, tree: Tree) -> bytes:
    return covering.cover(draft.blob, tree.secret(draft.id), held.TABLE, draft.id)


def _explain(
    round_id: UUID, team_ids: frozenset[UUID], left: list[SealedDraft], kept: Kept, phone: UUID, now: datetime
) -> Kept:
    """Why some drafts were not held: the round is closed (received late), they are there already, or refused: their id is
    taken or was erased, or their day is not the round's.
    """
    round_ = Round.objects.get(id=round_id, team_id__in=team_ids)
    if round_.status == Round.Status.CLOSED:
        receipt = close_round(round_.id, phone=phone, counts=Counts(), now=now, drafts=left)
        return Kept(list(receipt.stored), list(receipt.known), list(receipt.quarantined), receipt)
    if round_.status != Round.Status.OPEN:
        raise RoundRefused(round_.status)
    rows = Draft.objects.filter(round=round_, id__in=[draft.id for draft in left])
    there = {draft.id: draft.blob for draft in held.read(round_, rows).drafts}
    for draft in left:
        (kept.known if there.get(draft.id) == draft.blob else kept.refused).append(draft.id)
    return kept


def erase(round_: Round, draft_id: UUID, phone: UUID) -> bool:
    """Erase a draft of this very phone while the round is open, for good; False when there is none such.

    Waits for a close that has begun: what is being received is no draft any more, and "erased" must be true.
    """
    if hold_round(round_.id).status != Round.Status.OPEN:
        return False
    row = Draft.objects.filter(id=draft_id, round=round_, phone=phone).first()
    if row is None:
        return False
    held.erase(round_, row)
    return True


def mine(round_: Round, phone: UUID) -> set[UUID]:
    """Ids of the drafts this phone made and that the server holds."""
    return set(Draft.objects.filter(round=round_, phone=phone).values_list("id", flat=True))
