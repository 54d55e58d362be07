"""A lead sets one phone's counts aside while late phones may still send: they leave the month and the quarter.

Rule of the module: phones have a letter, in the order of random ids; no name, no hour, numbers rounded down to ten. That is
enough to see which one is wrong, and no diary of anybody. What was set aside stays sent: the phone counts nothing twice.
"""

from dataclasses import dataclass
from datetime import datetime
from string import ascii_uppercase
from uuid import UUID

from outreach.records import tally
from outreach.records.counting import count_consent
from outreach.records.models import Tally
from outreach.rounds.locks import hold_books, hold_round
from outreach.rounds.models import Round
from outreach.rounds.services import refuse_unless_late
from privacy.audit import services as audit
from privacy.audit.actors import Actor
from privacy.audit.events import Event
from privacy.db import conflicts
from privacy.masking import rounded

STEP = 10


@dataclass(frozen=True, slots=True)
class Sent:
    """What one phone sent for a round, rounded down; `aside` when a lead set it aside."""

    id: UUID
    letter: str
    people: int
    refused: int
    things: int
    aside: bool


def sent_by_phones(round_: Round) -> list[Sent]:
    """Each phone's counts that still open."""
    lines = []
    rows = Tally.objects.filter(round=round_).order_by("id")
    for number, row in enumerate(rows):
        for counts in tally.read([row]):
            lines.append(
                Sent(
                    row.id,
                    _letter(number),
                    rounded(counts.people_count or 0, STEP),
                    rounded(counts.refused, STEP),
                    rounded(sum(counts.distributions.values()), STEP),
                    counts.empty,
                )
            )
    return lines


def _letter(number: int) -> str:
    """A to Z, then AA: what was set aside is listed as well, so there may be more than an alphabet of them."""
    more, last = divmod(number, len(ascii_uppercase))
    return (_letter(more - 1) if more else "") + ascii_uppercase[last]


@conflicts.atomic
def void(round_id: UUID, tally_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Take one phone's counts back; False when there are none such. Raises RoundRefused once 72 hours are over."""
    round_ = hold_round(round_id)
    refuse_unless_late(round_, now)
    row = Tally.objects.filter(id=tally_id, round=round_).first()
    opened = tally.read([row]) if row else []
    if row is None or not opened or opened[0].empty:
        return False
    [counts] = opened
    hold_books(round_.association_id)
    tally.add_to_month(round_.association, round_.night, counts, sign=-1)
    count_consent(round_.association, round_.night, refused=-counts.refused)
    tally.empty(row)
    audit.record(
        Event.COUNTS_VOIDED,
        association_id=round_.association_id,
        actor=actor,
        subject_kind="tally",
        now=now,
    )
    return True
