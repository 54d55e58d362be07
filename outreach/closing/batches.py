"""The drafts of a round that closes, received in batches: memory is bounded by a batch, whatever a night brought.

All of them in the transaction of the close: a round is closed with everything or open with nothing. Which drafts make a batch is
drawn, of what the server holds and what the phone brings alike: the keystore commits once a batch, and ids of drafts are the
phone's, so that either would else lend the order of the night to batches.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from random import SystemRandom
from typing import Any
from uuid import UUID

from django.db import transaction

from outreach.closing import held_drafts, intake
from outreach.closing.intake import Receipt, SealedDraft
from outreach.records.models import Draft
from outreach.rounds.models import Round
from privacy import clock
from privacy.keystore import services as keystore

BATCH = 200
"""Drafts opened, sealed and stored at a time: some 2 MB in memory, a second of work."""


def store_held(round_: Round, brought: Sequence[SealedDraft], *, now: datetime, first: bool) -> Receipt:
    """Receive what the server holds of `round_` and what the closing phone brings; call with the round held, once a close.

    first: the round was never closed before. Its plan counts then, and once.

    When that is committed, what had sealed the drafts dies: nothing that was ever written of them opens after the next rotation.
    """
    held_ids = set(Draft.objects.filter(round=round_).values_list("id", flat=True))
    new = {draft.id: draft for draft in reversed(brought) if draft.id not in held_ids}
    again = [
        draft for draft in brought if new.get(draft.id) is not draft
    ]  # stores nothing: known, or other bytes
    mixed: list[UUID | SealedDraft] = [*held_ids, *new.values()]
    SystemRandom().shuffle(mixed)
    batches = [*_parts(mixed), *_parts(again)] or [()]
    whole, policy = Receipt(), round_.association.policy
    for number, some in enumerate(batches, 1):
        drafts = [one for one in some if isinstance(one, SealedDraft)]
        drafts += _held(round_, [one for one in some if isinstance(one, UUID)])
        last = number == len(batches)
        whole.add(intake.store_drafts(round_, drafts, policy=policy, now=now, closing=last and first))

    def forget() -> None:
        keystore.destroy_subject(round_.id)

    transaction.on_commit(forget, robust=True)  # cut off here, the reaper finds it
    return whole


def _parts(things: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for at in range(0, len(things), BATCH):
        yield things[at : at + BATCH]


def _held(round_: Round, ids: Sequence[UUID]) -> list[SealedDraft]:
    """The held drafts of a batch. One that was erased, but whose row a crash left here, goes now."""
    if not ids:
        return []
    found = held_drafts.read(round_, Draft.objects.filter(id__in=ids).order_by("id"))
    if found.erased:
        intake.write_erased_tombstones(round_, found.erased, round_.association.policy, clock.today())
        Draft.objects.filter(id__in=found.erased).delete()
    return found.drafts
