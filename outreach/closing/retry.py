"""The way out of the quarantine: what was set aside is tried again while it can be, by the same way, under the same rule.

Rule of the module: nothing is opened to be shown; counts, reasons and rounds are all that is said. What fails again stays as
it is, with the day it had: trying keeps nothing longer. After the week of the round is shown to coordinators nothing is
added to it any more (two readings of a square would differ by one encounter); by then the ingress key of that week is due to
die too.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from outreach.closing import intake
from outreach.closing.intake import SealedDraft
from outreach.records import quarantine
from outreach.records.counting import count_consent
from outreach.records.models import Quarantine, Tombstone
from outreach.rounds.locks import hold_round, hold_secrets
from outreach.rounds.models import Round
from outreach.rounds.services import LATE_SUBMISSION_WINDOW, RoundRefused
from privacy.audit import services as audit
from privacy.audit.actors import OPERATOR
from privacy.audit.events import Event
from privacy.core import ingress
from privacy.core.errors import BadDraft
from privacy.core.retention import RetentionClass, expires_on, night_of
from privacy.db import conflicts
from privacy.db.scope import Scope, use_tenant
from privacy.keystore import services as keystore
from privacy.retention import ledger
from privacy.retention.services import effective_today


@dataclass(frozen=True, slots=True)
class QuarantineLine:
    """Drafts of one round set aside for one reason. `until`: the first day on which they are gone."""

    round_id: UUID
    night: date
    association: str
    reason: str
    drafts: int
    until: date


@dataclass(slots=True)
class Retried:
    """What a try took, or would take when dry; `left` counts what stays, by today's reason."""

    taken: int = 0
    left: Counter[str] = field(default_factory=Counter)


def listing() -> list[QuarantineLine]:
    """What is set aside, by round, reason and day. Run as the worker, which sees every association."""
    rows = Quarantine.objects.select_related("round", "association").defer("blob")
    rounds = {row.round_id: (row.round.night, row.association.slug) for row in rows}
    found = [
        QuarantineLine(round_id, *rounds[round_id], reason, drafts, until)
        for (round_id, reason, until), drafts in quarantine.reasons(rows).items()
    ]
    return sorted(found, key=lambda one: (one.night, one.round_id, one.reason, one.until))


def retry(round_id: UUID, *, now: datetime, wet: bool) -> Retried:
    """Try the drafts that `round_id` set aside; store what is taken when `wet`. Run as the worker.

    Raises Round.DoesNotExist, RoundRefused ("open" rounds are closed first, "too-late" when the week was shown).
    """
    with transaction.atomic():
        found = Round.objects.get(id=round_id)
    with use_tenant(Scope(found.association_id, frozenset({found.team_id}))):
        return _retry(round_id, now, wet)


@conflicts.atomic
def _retry(round_id: UUID, now: datetime, wet: bool) -> Retried:
    round_ = hold_round(round_id)
    hold_secrets()
    _refuse_unless_possible(round_, now)
    rows = {row.id: row for row in Quarantine.objects.filter(round=round_, expires_on__gt=effective_today())}
    drafts = _drafts(round_, list(rows.values()))
    why = intake.dry_run(round_, drafts, policy=round_.association.policy, now=now)
    taken = [draft for draft in drafts if draft.id not in why]
    done = Retried(len(taken), Counter(why.values()))
    if not wet:
        return done
    Tombstone.objects.filter(id__in=[draft.id for draft in taken]).delete()
    receipt = intake.store_drafts(round_, taken, policy=round_.association.policy, now=now, closing=False)
    count_consent(round_.association, round_.night, given=len(receipt.stored))
    _out(round_, [rows[id_] for id_ in receipt.stored])
    done = Retried(len(receipt.stored), done.left + Counter(receipt.quarantined.values()))
    audit.record(
        Event.QUARANTINE_RETRIED,
        association_id=round_.association_id,
        actor=OPERATOR,
        subject_kind="round",
        outcome="done" if done.taken else "nothing",
        now=now,
    )
    return done


def _refuse_unless_possible(round_: Round, now: datetime) -> None:
    if round_.status != Round.Status.CLOSED:
        raise RoundRefused(round_.status)
    shown = keystore.monday(round_.night) + timedelta(days=7) + LATE_SUBMISSION_WINDOW
    if night_of(now, ZoneInfo(round_.association.timezone)) >= shown:
        raise RoundRefused("too-late")


def _drafts(round_: Round, rows: list[Quarantine]) -> list[SealedDraft]:
    """The drafts as they came. The day that stood in their info was not kept: it is the round's, or an earlier one."""
    keys = keystore.ingress_private({row.key_id for row in rows}) if rows else {}
    last = expires_on(RetentionClass.DRAFT, round_.night, round_.association.policy)
    days = [last - timedelta(days=back) for back in range((last - round_.night).days + 1)]
    blobs = quarantine.uncovered(rows)
    return [
        SealedDraft(
            row.id, row.key_id, _day(round_, row, blobs[row.id], keys.get(row.key_id), days), blobs[row.id]
        )
        for row in rows
    ]


def _day(round_: Round, row: Quarantine, blob: bytes, private: bytes | None, days: list[date]) -> date:
    for day in days if private is not None else ():
        info = intake.draft_info(round_, row.id, row.key_id, day)
        try:
            ingress.open_draft(private or b"", info, row.id, blob)
        except BadDraft:
            continue
        return day
    return days[0]


def _out(round_: Round, rows: list[Quarantine]) -> None:
    """What was taken leaves the quarantine and its book: it will not be erased on that day."""
    days = Counter(row.expires_on for row in rows)
    ledger.decrement_stored(
        round_.association_id, {(RetentionClass.QUARANTINE, day): count for day, count in days.items()}
    )
    quarantine.out(rows)
