"""A round's life: planned, started, closed. Closing opens its drafts, stores its counts and ends every right to write to it.

Rule of the room: a service takes the actor and `now`, locks the round, and does all of it in one transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F

from outreach.associations.models import Association
from outreach.places.models import Sector
from outreach.records import intake, receiving
from outreach.records.counting import count_consent
from outreach.records.models import Quarantine, Record, Tombstone
from outreach.records.receiving import Receipt, SealedDraft
from outreach.rounds import handovers, limits, tally
from outreach.rounds.locks import hold_round, hold_rounds, hold_secrets
from outreach.rounds.models import CALLED_OFF, Round, RoundSector, Tally
from outreach.rounds.tally import Counts, Sent, TooMuch, Turns
from privacy.audit import services as audit
from privacy.audit.actors import ROUND, Actor
from privacy.audit.events import Event
from privacy.core.errors import PrivacyError
from privacy.core.retention import RetentionClass, expires_on, night_of
from privacy.db import conflicts
from privacy.keystore import services as keystore

LATE = timedelta(hours=72)
"""How long after its night a closed round still takes what a phone could not send."""
MOST_SEEN = 1_000
"""Where the number of phones on a round stops: it is there to be read beside a crew."""


@dataclass(slots=True)
class Closed(Receipt):
    """What became of each draft; and of this phone's counts. first: this sending closed the round, which nobody had before."""

    sent: Sent = field(default_factory=Sent)
    first: bool = False


class RoundRefused(PrivacyError):
    """The round is not in a state for this. `reason` comes from a closed list."""

    code = "round-refused"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


@conflicts.atomic
def plan_round(
    *,
    association_id: UUID,
    team_id: UUID,
    night: date,
    sector_ids: Iterable[UUID],
    planned_start: time | None = None,
    **choice: str,
) -> Round:
    """Plan a team's night with the sectors it means to walk. Raises RoundRefused when the team already has one that night."""
    shift = choice.get("shift", Round.Shift.NIGHT)
    # Held: of two who plan a night that was called off, the second would take the place of a round that has left by then.
    before = next((one for one in hold_rounds(team_id, [night]) if one.shift == shift), None)
    if before is not None and before.status not in CALLED_OFF:
        raise RoundRefused("already-planned")
    association = Association.objects.get(id=association_id)
    round_ = Round(
        association_id=association_id,
        team_id=team_id,
        night=night,
        planned_start=planned_start,
        expires_on=expires_on(RetentionClass.ITINERARY, night, association.policy),
        **choice,
    )
    if before is not None:
        round_.id, round_.pseudonym = before.id, before.pseudonym
        round_.save(force_update=True)
        RoundSector.objects.filter(round=round_).delete()
    else:
        try:
            with transaction.atomic():
                round_.save(force_insert=True)
        except IntegrityError:
            # Two people planned the same night at the same moment: the other one was first.
            raise RoundRefused("already-planned") from None
    sectors = Sector.objects.filter(id__in=list(sector_ids), active=True)
    RoundSector.objects.bulk_create(
        [RoundSector(association_id=association_id, round=round_, sector=sector) for sector in sectors]
    )
    return round_


@conflicts.atomic
def start_round(round_id: UUID, *, now: datetime, crew_count: int | None = None, **choice: str) -> Round:
    """Open the round. Starting an open one changes nothing; a closed or cancelled one is refused."""
    round_ = hold_round(round_id)
    if round_.status == Round.Status.OPEN:
        return round_
    if round_.status != Round.Status.PLANNED:
        raise RoundRefused(round_.status)
    round_.status = Round.Status.OPEN
    round_.planned_start = None
    round_.started_hour = now.astimezone(ZoneInfo(round_.association.timezone)).hour
    round_.crew_count = crew_count
    for name, value in choice.items():
        setattr(round_, name, value)
    round_.save()
    return round_


@conflicts.atomic
def cancel_round(round_id: UUID, *, now: datetime) -> Round:
    """Call a planned round off: explicitly, so that what is counted never depends on what was found.

    It is cancelled until its night is over, and from then on "not walked". Once called off, a second time changes nothing.
    """
    round_ = hold_round(round_id)
    if round_.status in CALLED_OFF:
        return round_
    if round_.status != Round.Status.PLANNED:
        raise RoundRefused(round_.status)
    over = night_of(now, ZoneInfo(round_.association.timezone)) > round_.night
    round_.status = Round.Status.NOT_WALKED if over else Round.Status.CANCELLED
    round_.save(update_fields=["status"])
    return round_


@conflicts.atomic
def restore_round(round_id: UUID) -> Round:
    """Plan a round that was called off again, with the hour and the sectors it had.

    A planned one is refused: it may be somebody's new plan, with other sectors.
    """
    round_ = hold_round(round_id)
    if round_.status not in CALLED_OFF:
        raise RoundRefused(round_.status)
    round_.status = Round.Status.PLANNED
    round_.save(update_fields=["status"])
    return round_


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
    limits.check(0, _received(round_), 1)
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


def phone_joined(round_id: UUID) -> None:
    """One more phone has the round on its screen: a number, so that a lead knows how many have not sent. No phone is named."""
    seen = Round.objects.filter(id=round_id, status=Round.Status.OPEN, phone_count__lt=MOST_SEEN)
    seen.update(phone_count=F("phone_count") + 1)


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
    policy = round_.association.policy
    closing = round_.status == Round.Status.OPEN
    first = closing and round_.closed_on is None
    if closing and not may_close:
        raise RoundRefused("reopened")
    if not closing:
        refuse_unless_late(round_, now)
    _refuse_counts_of_strangers(round_, phone, counts)
    hold_secrets()
    if closing:
        receipt = intake.receive_held(round_, drafts, now=now, first=first)
    else:
        sender = _room_for(round_, drafts, account)
        receipt = receiving.receive(round_, drafts, policy=policy, now=now, closing=False, sender=sender)
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
        handovers.leave(round_, words)
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
    # Where no row can stay (a house whose own day ran ahead), nothing would know a second sending: the close counts, once.
    if round_.status != Round.Status.OPEN and tally.is_over(round_):
        raise RoundRefused("too-late")
    if tally.phones_counted(round_) >= tally.MOST_PHONES:
        raise RoundRefused("too-many-phones")


def _room_for(round_: Round, drafts: Sequence[SealedDraft], account: UUID | None) -> UUID | None:
    """The number under which late drafts of this account are counted. Raises TooMany when there is no room for the new ones."""
    if not drafts or account is None:
        return None
    ids = {draft.id for draft in drafts}
    known = Tombstone.objects.filter(id__in=ids).count()
    sender = limits.late_number(round_, account)
    there = _received(round_)
    of_member = Tombstone.objects.filter(sender=sender).count()
    limits.check(of_member, there - limits.OF_ROUND, len(ids) - known)
    return sender


def _received(round_: Round) -> int:
    return Record.objects.filter(round=round_).count() + Quarantine.objects.filter(round=round_).count()


def refuse_unless_late(round_: Round, now: datetime) -> None:
    """Raise RoundRefused unless the round is closed and its 72 hours still run."""
    if round_.status != Round.Status.CLOSED:
        raise RoundRefused(round_.status)
    night = night_of(now, ZoneInfo(round_.association.timezone))
    if night > round_.night + LATE:
        raise RoundRefused("too-late")
