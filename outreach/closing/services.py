"""Close a round and open it again: drafts are opened, counts stored, and every right to write to it ends.

Rule of the module: a service takes the actor and `now`, locks the round, and does all of it in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.closing import batches, late
from outreach.closing.intake import Receipt, SealedDraft
from outreach.records import handovers, tally
from outreach.records.counting import count_consent
from outreach.records.models import Tally
from outreach.records.tally import Counts, Sent, TooMuch, Turns
from outreach.rounds import limits
from outreach.rounds.locks import hold_round, hold_secrets
from outreach.rounds.models import Round
from outreach.rounds.services import RoundRefused, refuse_unless_late
from privacy.audit import services as audit
from privacy.audit.actors import ROUND, Actor
from privacy.audit.events import Event
from privacy.core.retention import night_of
from privacy.db import conflicts
from privacy.keystore import services as keystore


@dataclass(slots=True)
class Closed(Receipt):
    """What became of each draft; and of this phone's counts. first: this sending closed the round, which nobody had before."""

    sent: Sent = field(default_factory=Sent)
    first: bool = False


@conflicts.atomic
def close_round(
    round_id: UUID,
    *,
    phone: UUID | None,
    counts: Counts,
    now: datetime,
    drafts: Sequence[SealedDraft] = (),
    handover: str = "",
    account: UUID | None = None,
    turns: Turns | None = None,
    may_close: bool = True,
) -> Closed:
    """Close the round: drafts held by the server and those brought now, the phone's counts, the transmission;
    then no more writing.

    On a round already closed it takes late drafts and this phone's counts, for 72 h after the night. phone: None for one that
    did not see the round while it was open, and whose counts nobody takes. account: whose late drafts are counted (`limits`).
    turns: where this phone's counter stands; one whose receipt was lost may send other counts, or none, the second time.
    Without them it counts once. may_close: False for whoever only brings late counts; decided under the lock.
    Raises RoundRefused or TooMany, and then nothing changed.
    """
    round_ = hold_round(round_id)
    closing = round_.status == Round.Status.OPEN
    first = closing and round_.closed_on is None
    if closing and not may_close:
        raise RoundRefused("reopened")
    if not closing:
        refuse_unless_late(round_, now)
    _refuse_counts_of_strangers(round_, phone, counts)
    hold_secrets()
    if closing:
        receipt = batches.store_held(round_, drafts, now=now, first=first)
    else:
        receipt = late.store(round_, drafts, account, now=now)
    sent = _counted(round_, phone, counts, turns)
    if sent.changed and not closing:
        _log(Event.COUNTS_LATE, "tally", round_, now)
    count_consent(
        round_.association,
        round_.night,
        given=len(receipt.stored),
        refused=sent.refused,
    )
    if words := handover.strip():
        handovers.create(round_, words)
    if closing:
        _end(round_, now)
    return Closed(receipt.stored, receipt.known, receipt.quarantined, sent, first)


def _counted(round_: Round, phone: UUID | None, counts: Counts, turns: Turns | None) -> Sent:
    """Take in a phone's counts; one that did not see the round open has none."""
    if phone is None or not (turns or not counts.empty):
        return Sent()
    try:
        return tally.send(round_, phone, counts, round_.association.policy, turns)
    except TooMuch:
        raise RoundRefused("too-many-counts") from None


def _end(round_: Round, now: datetime) -> None:
    timezone = ZoneInfo(round_.association.timezone)
    round_.status = Round.Status.CLOSED
    round_.ended_hour = now.astimezone(timezone).hour
    round_.closed_on = night_of(now, timezone)
    round_.save(update_fields=["status", "ended_hour", "closed_on"])
    _log(Event.ROUND_CLOSED, "round", round_, now)


def _log(event: Event, kind: str, round_: Round, now: datetime) -> None:
    audit.record(event, association_id=round_.association_id, actor=ROUND, subject_kind=kind, now=now)


def _refuse_counts_of_strangers(round_: Round, phone: UUID | None, counts: Counts) -> None:
    """Numbers that stay for ever come from phones that walked the round, and from no more of them than a crew has."""
    if counts.empty:
        return
    if phone is None:
        raise RoundRefused("phone-not-seen")
    if Tally.objects.filter(round=round_, phone=phone).exists():
        return
    # Where no row can stay (an installation whose day ran ahead), nothing would know a second sending: the close counts, once.
    if round_.status != Round.Status.OPEN and tally.is_over(round_):
        raise RoundRefused("too-late")
    if tally.phones_counted(round_) >= tally.MOST_PHONES:
        raise RoundRefused("too-many-phones")


@conflicts.atomic
def reopen_round(round_id: UUID, *, actor: Actor, now: datetime) -> Round:
    """Open a closed round again during its night; what came with the close stays received, and is not to be erased from a phone.

    `closed_on` stays: it says that the round's plan is counted already. What held drafts were covered with dies surely before a
    new draft is held (it did with the close, unless the machine stopped just then).

    Raises RoundRefused, or TooMany where the round is as full as an open one may be: it would be given as much room again.
    """
    round_ = hold_round(round_id)
    if round_.status != Round.Status.CLOSED:
        raise RoundRefused(round_.status)
    if night_of(now, ZoneInfo(round_.association.timezone)) > round_.night:
        raise RoundRefused("too-late")
    limits.check(0, late.received(round_), 1)
    keystore.destroy_subject(round_.id)
    round_.status = Round.Status.OPEN
    round_.ended_hour = None
    round_.save(update_fields=["status", "ended_hour"])
    audit.record(
        Event.ROUND_REOPENED,
        association_id=round_.association_id,
        actor=actor,
        subject_kind="round",
        now=now,
    )
    return round_
