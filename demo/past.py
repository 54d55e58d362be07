"""What a service that had run through an invented night would hold of it beside the night itself: its log and its account book.

The notes and transmissions of old nights are over and never stored; openings leave lines in the log. Without both, the auditor of
the demonstration would look at empty pages. Rule of the module: written with the round it belongs to, so that it comes once.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

from outreach.records.selectors import Reason
from outreach.rounds.models import Round
from privacy.audit import services as audit
from privacy.audit.actors import named
from privacy.audit.events import DONE, Event
from privacy.core.retention import RetentionClass, expires_on
from privacy.retention.models import LedgerEntry

LEAD, WORKER, COORDINATION, CONTROL = "lead+worker", "worker", "coordinator", "auditor"


class Line(NamedTuple):
    """One line of the log: who, what, of which kind of thing, how it ended."""

    role: str
    event: Event
    kind: str = ""
    outcome: str = DONE


def log(round_: Round, *, now: datetime) -> None:
    """The openings and refusals of a closed round's evening and morning. Call in its transaction and scope."""
    for line in _lines(round_.night):
        somebody = uuid5(NAMESPACE_OID, f"{round_.team_id} {line.role}")
        audit.record(
            line.event,
            association_id=round_.association_id,
            actor=named(line.role, somebody, now),
            subject_kind=line.kind,
            outcome=line.outcome,
            now=now,
        )


def _lines(night: date) -> Iterator[Line]:
    """Decided by the calendar alone, so that two starts of one installation tell the same."""
    day = night.toordinal()
    yield Line(LEAD, Event.LOGIN)
    yield Line(LEAD, Event.RECORD_REVEALED, "record", Reason.PREPARE_ROUND.value)
    yield Line(LEAD, Event.HANDOVER_READ, "handover")
    if day % 5 < 3:
        yield Line(WORKER, Event.LOGIN)
        yield Line(WORKER, Event.RECORD_REVEALED, "record", Reason.TEAM_MAP.value)
    if day % 3 == 0:
        yield Line(COORDINATION, Event.LOGIN)
        yield Line(COORDINATION, Event.MAP_READ, "map")
    if day % 12 == 5:
        yield Line(COORDINATION, Event.DENIED, outcome="wrong-role")
    if day % 15 == 7:
        yield Line(WORKER, Event.LOGIN_REFUSED)
    if day % 14 == 2:
        yield from (Line(CONTROL, Event.LEDGER_READ, kind) for kind in ("retention-ledger", "audit-log"))


def book(round_: Round, kept: int, *, told: bool, today: date) -> None:
    """Settle what of a closed round was over before the service began: `kept` notes, and a transmission if one was `told`."""
    for cls, count in ((RetentionClass.NOTE, kept), (RetentionClass.HANDOVER, int(told))):
        day = expires_on(cls, round_.night, round_.association.policy)
        if count and day <= today:
            _settled(round_.association_id, cls, day, count)


def _settled(association_id: UUID, cls: RetentionClass, day: date, count: int) -> None:
    line, made = LedgerEntry.objects.get_or_create(
        association_id=association_id,
        retention_class=cls.value,
        expires_on=day,
        defaults={"stored": count, "erased": count, "erased_on": day},
    )
    # A line that is still open is of notes that were stored: the purge settles it, nobody else.
    if not made and line.erased_on == day:
        line.stored += count
        line.erased += count
        line.save(update_fields=["stored", "erased"])
