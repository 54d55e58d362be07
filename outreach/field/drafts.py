"""Encounters on their way: sealed to the ingress key at once, held until the round closes, erased by the phone that made them.

Rule of the module: what was typed exists here only as an argument, and what was sealed goes to disk only covered once more. The
id of a draft is drawn and signed when its form is shown: a form sent twice is one encounter, nobody can claim another's id.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.core.signing import BadSignature, Signer

from outreach.closing import held_drafts, intake, late
from outreach.closing.intake import Receipt, SealedDraft
from outreach.records import covering
from outreach.records.encounter import Encounter
from outreach.records.models import Draft
from outreach.rounds import limits
from outreach.rounds.locks import hold_round
from outreach.rounds.models import Round
from outreach.rounds.services import RoundRefused
from privacy.core import envelope, ingress
from privacy.core.errors import Unreadable
from privacy.core.policy import DEFAULT
from privacy.core.puncture import Tree
from privacy.core.retention import RetentionClass, expires_on
from privacy.db import prepared
from privacy.keystore import services as keystore


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


def excess_of(encounter: Encounter) -> dict[str, int]:
    """How many bytes do not fit their blob of one size (1,020 bytes): of the note, and of the quote with the other answers."""
    room = envelope.LONGEST_RECORD
    sizes = {"note": len(encounter.note.encode()), "quote": len(encounter.without_note().to_json())}
    return {name: size - room for name, size in sizes.items() if size > room}


def seal(round_: Round, draft_id: UUID, encounter: Encounter) -> SealedDraft:
    """Seal an encounter to the ingress key of the round's week: the same bytes a phone sends when it seals by itself."""
    key = keystore.ingress_key(round_.night)
    day = expires_on(RetentionClass.DRAFT, round_.night, round_.association.policy)
    info = intake.draft_info(round_, draft_id, key.id, day)
    return SealedDraft(
        draft_id, key.id, day, ingress.seal_draft(bytes(key.public_key), info, draft_id, encounter.to_json())
    )


_TAKE = "SELECT night, status FROM outreach_round WHERE id = %s AND team_id = ANY(%s) FOR NO KEY UPDATE"
_HOLD = """
WITH fresh AS (
    SELECT d.* FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[], %s::date[]) AS d(id, key_id, blob, expires_on)
    WHERE d.expires_on > (SELECT app_today()) AND d.expires_on <= %s
        AND NOT EXISTS (SELECT 1 FROM outreach_tombstone t WHERE t.id = d.id)
        AND NOT EXISTS (SELECT 1 FROM outreach_draft x WHERE x.id = d.id)
), there AS (
    SELECT count(*) AS of_round, count(*) FILTER (WHERE sender = %s)
           + (SELECT count(*) FROM outreach_tombstone WHERE sender = %s) AS of_member
    FROM outreach_draft WHERE round_id = %s
), wanted AS (
    SELECT count(*) AS n FROM fresh
), held AS (
    INSERT INTO outreach_draft (id, association_id, team_id, round_id, phone, sender, key_id, blob, expires_on)
    SELECT f.id, r.association_id, r.team_id, r.id, %s, %s, f.key_id, f.blob, f.expires_on
    FROM outreach_round r, there, wanted, fresh f
    WHERE r.id = %s AND there.of_member + wanted.n <= %s AND there.of_round + wanted.n <= %s
    ORDER BY f.id
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT of_member, of_round, n, (SELECT array_agg(id) FROM held) FROM there, wanted
"""
# The mode of `outreach.rounds.locks`, not FOR SHARE: a phone that waited for the close finds no open round any more and goes
# on to be received late, still holding what it has of the round; shared by two, neither could have it alone. The day a draft dies
# is the server's to say, not the phone's; and what was erased does not come back.


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who brings drafts: through which teams, from which phone, and whose account their number is counted by."""

    team_ids: frozenset[UUID]
    phone: UUID
    account: UUID


def keep(round_id: UUID, drafts: Sequence[SealedDraft], sender: Sender, *, now: datetime) -> Kept:
    """Hold drafts of a round of the sender's teams until it closes; a closed one receives them at once (72 h).

    One statement for any number of new drafts. Call inside a transaction. Raises Round.DoesNotExist for a round that is
    not the teams', RoundRefused for one that takes nothing, TooMany where there is no room for all of them.
    """
    unique = list({draft.id: draft for draft in reversed(drafts)}.values())
    taken = _hold(round_id, unique, sender)
    left = [draft for draft in unique if draft.id not in taken]
    kept = Kept(held=sorted(taken))
    return _explain(round_id, left, kept, sender, now) if left else kept


def _hold(round_id: UUID, drafts: Sequence[SealedDraft], sender: Sender) -> set[UUID]:
    """Cover the drafts and hold those that can be held; a forgotten id (erased before) cannot."""
    with prepared.cursor() as cursor:
        cursor.run(_TAKE, [round_id, list(sender.team_ids)])
        found = cursor.fetchone()
        if found is None:
            raise Round.DoesNotExist
        night, status = found
        if status != Round.Status.OPEN:
            return set()
        tree = covering.tree_of(round_id) or covering.tree_for(_round(round_id, sender))
        if tree is None:
            return set()
        rows = []
        for one in drafts:
            with suppress(Unreadable):
                if one.id != limits.KEY:
                    rows.append((one.id, one.key_id, _covered(one, tree), one.expires_on))
        if not rows:
            return set()
        number = limits.held_number(tree, sender.account)
        last = night + timedelta(days=DEFAULT.draft_days)
        arrays = [list(column) for column in zip(*rows, strict=True)]
        room = [number, number, round_id, sender.phone, number, round_id, limits.OF_MEMBER, limits.OF_ROUND]
        cursor.run(_HOLD, [*arrays, last, *room])
        of_member, of_round, new, held_ids = cursor.fetchall()[0]
    if new and not held_ids:
        limits.check(of_member, of_round, new)
    return set(held_ids or ())


def _round(round_id: UUID, sender: Sender) -> Round:
    return Round.objects.select_related("association").get(id=round_id, team_id__in=sender.team_ids)


def _covered(draft: SealedDraft, tree: Tree) -> bytes:
    return covering.cover(draft.blob, tree.secret(draft.id), held_drafts.TABLE, draft.id)


def _explain(round_id: UUID, left: list[SealedDraft], kept: Kept, sender: Sender, now: datetime) -> Kept:
    """Why some drafts were not held: the round is closed (received late), they are there already, or refused: their id is
    taken or was erased, or their day is not the round's.
    """
    round_ = _round(round_id, sender)
    if round_.status == Round.Status.CLOSED:
        receipt = late.receive(round_.id, left, account=sender.account, now=now)
        return Kept(list(receipt.stored), list(receipt.known), list(receipt.quarantined), receipt)
    if round_.status != Round.Status.OPEN:
        raise RoundRefused(round_.status)
    rows = Draft.objects.filter(round=round_, id__in=[draft.id for draft in left])
    there = {draft.id: draft.blob for draft in held_drafts.read(round_, rows).drafts}
    for draft in left:
        (kept.known if there.get(draft.id) == draft.blob else kept.refused).append(draft.id)
    return kept


def replace(round_: Round, draft: SealedDraft, sender: Sender) -> bool:
    """Hold a later version of what this phone holds under the same id; False when there is none such. Call after `keep`."""
    row = Draft.objects.filter(id=draft.id, round=round_, phone=sender.phone).first()
    tree = covering.tree_of(round_.id)
    if row is None or tree is None:
        return False
    row.key_id, row.expires_on = draft.key_id, draft.expires_on
    row.blob = _covered(draft, tree)
    Draft.objects.filter(id=draft.id).delete()  # the web role changes no draft in place
    row.save(force_insert=True)
    return True


def erase(round_: Round, draft_id: UUID, phone: UUID) -> bool:
    """Erase a draft of this very phone while the round is open, for good; False when there is none such.

    Waits for a close that has begun: what is being received is no draft any more, and "erased" must be true.
    """
    if hold_round(round_.id).status != Round.Status.OPEN:
        return False
    row = Draft.objects.filter(id=draft_id, round=round_, phone=phone).first()
    if row is None:
        return False
    held_drafts.erase(round_, row)
    return True


def mine(round_: Round, phone: UUID) -> set[UUID]:
    """Ids of the drafts this phone made and that the server holds."""
    return set(Draft.objects.filter(round=round_, phone=phone).values_list("id", flat=True))
