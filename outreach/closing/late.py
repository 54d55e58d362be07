"""Late drafts of a closed round: stored at once, for 72 hours after its night; nothing here closes a round."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from outreach.closing import intake
from outreach.closing.intake import Receipt, SealedDraft
from outreach.records.counting import count_consent
from outreach.records.models import Quarantine, Record, Tombstone
from outreach.rounds import limits
from outreach.rounds.locks import hold_round, hold_secrets
from outreach.rounds.models import Round
from outreach.rounds.services import refuse_unless_late
from privacy.db import conflicts


@conflicts.atomic
def receive(round_id: UUID, drafts: Sequence[SealedDraft], *, account: UUID, now: datetime) -> Receipt:
    """Store drafts that come when their round is closed.

    Raises RoundRefused when the round is not closed, or was too long ago, and TooMany when there is no room for them.
    """
    round_ = hold_round(round_id)
    refuse_unless_late(round_, now)
    hold_secrets()
    receipt = store(round_, drafts, account, now=now)
    count_consent(round_.association, round_.night, given=len(receipt.stored))
    return receipt


def store(round_: Round, drafts: Sequence[SealedDraft], account: UUID | None, *, now: datetime) -> Receipt:
    """Store drafts of a closed round that is held. account: whose drafts they are, None where nobody counts them."""
    sender = _room_for(round_, drafts, account)
    policy = round_.association.policy
    return intake.store_drafts(round_, drafts, policy=policy, now=now, closing=False, sender=sender)


def _room_for(round_: Round, drafts: Sequence[SealedDraft], account: UUID | None) -> UUID | None:
    """The number under which late drafts of this account are counted. Raises TooMany when there is no room for the new ones."""
    if not drafts or account is None:
        return None
    ids = {draft.id for draft in drafts}
    known = Tombstone.objects.filter(id__in=ids).count()
    sender = limits.late_number(round_, account)
    there = received(round_)
    of_member = Tombstone.objects.filter(sender=sender).count()
    limits.check(of_member, there - limits.OF_ROUND, len(ids) - known)
    return sender


def received(round_: Round) -> int:
    return Record.objects.filter(round=round_).count() + Quarantine.objects.filter(round=round_).count()
