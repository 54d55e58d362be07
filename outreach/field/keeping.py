"""What becomes of a form with a yes, and what the phone then counts and says.

Rule of the module: the sentence is true of what was stored. The same form sent again is one encounter, and its last version
counts as long as the round is open; a closed round keeps what came first.
"""

from datetime import datetime
from uuid import UUID

from outreach.closing.intake import SealedDraft
from outreach.field import counting, drafts
from outreach.field.counting import Counter
from outreach.field.drafts import Kept, Sender
from outreach.records.models import Tombstone
from outreach.rounds.models import Round

NOT_HELD = frozenset({"erased-before", "sent-before"})
"""What `keep` says where the draft that it was given is held nowhere."""

OTHER_BYTES = "other-bytes"
"""Why a closed round does not take a draft whose id it knows (`outreach.closing.intake`)."""


def keep(
    round_: Round,
    draft: SealedDraft,
    sender: Sender,
    counter: Counter,
    met: tuple[int, int],
    *,
    now: datetime,
) -> tuple[Counter, str]:
    """Hold the draft, or receive it late; the counter after it, and what to say.

    Args:
        met: how many people agreed, and how many others of their group are counted only.

    Raises:
        RoundRefused, TooMany (of `outreach.rounds.limits` and of `outreach.field.counting`): nothing changed.
    """
    counted = counting.add_draft(counting.drop_draft(counter, draft.id), draft.id, *met)
    kept = drafts.keep(round_.id, [draft], sender, now=now)
    if kept.receipt is not None:
        return _late(draft.id, kept, counter, counted)
    if draft.id in kept.held:
        return counted, "noted"
    if drafts.replace(round_, draft, sender):
        # A cookie that is full has forgotten its first ones: then nothing tells whether these people were counted.
        sure = _is_known(counter, draft.id) or len(counter.drafts) < counting.MOST_DRAFTS
        return counted if sure else counter, "replaced"
    buried = Tombstone.objects.filter(id=draft.id).exists()
    # Of a round that was closed and reopened, what is buried was received, unless this phone knows that it erased it.
    erased = buried and (round_.closed_on is None or (draft.id, 0) in counter.drafts)
    return counter, "erased-before" if erased else "sent-before"


def _late(draft_id: UUID, kept: Kept, counter: Counter, counted: Counter) -> tuple[Counter, str]:
    """On a closed round. A phone that first saw the round when it was closed has no counts that anybody takes."""
    after = counted if counter.present else counter
    if draft_id in kept.held:
        return after, "noted-late"
    if draft_id in kept.known:
        return counter, "erased-before"
    if kept.receipt is not None and kept.receipt.quarantined.get(draft_id) == OTHER_BYTES:
        return counter, "sent-before"
    return after, "set-aside"


def take_back(round_: Round, draft_id: UUID, counter: Counter) -> tuple[Counter, bool]:
    """A no in a form that was sent with a yes before: erase what this phone holds of it, and its people with it.

    False when it can be erased no more: the round was closed meanwhile. Its number alone says so where the answer to the yes was
    lost, and this phone never learnt that it was held.
    """
    if draft_id in drafts.mine(round_, counter.phone) and drafts.erase(round_, draft_id, counter.phone):
        return counting.drop_draft(counter, draft_id), True
    return counter, not (_is_known(counter, draft_id) or _was_received(round_, draft_id, counter))


def _was_received(round_: Round, draft_id: UUID, counter: Counter) -> bool:
    """Of a round that was closed, what is buried was received, unless this phone knows that it erased it."""
    if round_.closed_on is None or (draft_id, 0) in counter.drafts:
        return False
    return Tombstone.objects.filter(id=draft_id).exists()


def _is_known(counter: Counter, draft_id: UUID) -> bool:
    return any(known == draft_id and people for known, people in counter.drafts)
