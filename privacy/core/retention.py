"""When a thing becomes unreadable: a day, computed once, told to the person, never later than promised.

A night runs from noon to noon in the association's own time zone, so that a round and all it records has one
date. Things expire in buckets, because keys are destroyed by bucket: by day, or by week (on a Monday). A
bucket never ends later than the policy promised (week buckets round down) and never before the night is over.
A thing with ``expires_on = D`` is unreadable from D 00:00 UTC on: ``today >= D`` where today is the UTC date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from privacy.core.policy import Policy

_NOON: Final = time(12)
_DAY: Final = timedelta(days=1)


class Granularity(StrEnum):
    """How expiries are grouped: one key per day, or per week."""

    DAY = "day"
    WEEK = "week"


class RetentionClass(StrEnum):
    """What a column is, for the question of when it goes. `RULES` gives the rest."""

    RECORD = "record"
    NOTE = "note"
    CONSENT = "consent"
    TALLY = "tally"
    SUMMARY = "summary"
    ACCUMULATOR = "accumulator"
    RUNNING_MONTH = "running_month"
    RUNNING_QUARTER = "running_quarter"
    HANDOVER = "handover"
    ITINERARY = "itinerary"
    DRAFT = "draft"
    QUARANTINE = "quarantine"
    TOMBSTONE = "tombstone"
    IMPORT = "import"
    AUDIT_BODY = "audit_body"
    SESSION = "session"
    INVITATION = "invitation"
    ACCOUNT = "account"

    @property
    def granularity(self) -> Granularity:
        """Whether its buckets are days or weeks."""
        return RULES[self].granularity


@dataclass(frozen=True, slots=True)
class Rule:
    """field: the setting of `Policy` that gives the days. with_record: it never outlives its record."""

    field: str
    granularity: Granularity
    with_record: bool = False


RULES: Final[Mapping[RetentionClass, Rule]] = MappingProxyType(
    {
        RetentionClass.RECORD: Rule("record_days", Granularity.WEEK),
        RetentionClass.NOTE: Rule("note_days", Granularity.DAY, with_record=True),
        RetentionClass.CONSENT: Rule("record_days", Granularity.WEEK),
        RetentionClass.SUMMARY: Rule("record_days", Granularity.WEEK),
        RetentionClass.TALLY: Rule("tally_days", Granularity.WEEK),
        RetentionClass.ACCUMULATOR: Rule("accumulator_days", Granularity.WEEK),
        RetentionClass.RUNNING_MONTH: Rule("running_days", Granularity.WEEK),
        RetentionClass.RUNNING_QUARTER: Rule("running_days", Granularity.WEEK),
        RetentionClass.HANDOVER: Rule("handover_days", Granularity.DAY),
        RetentionClass.ITINERARY: Rule("itinerary_days", Granularity.WEEK),
        RetentionClass.DRAFT: Rule("draft_days", Granularity.DAY),
        RetentionClass.QUARANTINE: Rule("quarantine_days", Granularity.DAY),
        RetentionClass.TOMBSTONE: Rule("tombstone_days", Granularity.DAY),
        RetentionClass.IMPORT: Rule("import_days", Granularity.DAY),
        RetentionClass.AUDIT_BODY: Rule("audit_days", Granularity.WEEK),
        RetentionClass.SESSION: Rule("session_days", Granularity.DAY),
        RetentionClass.INVITATION: Rule("invitation_days", Granularity.DAY),
        RetentionClass.ACCOUNT: Rule("account_days", Granularity.DAY),
    },
)


def night_of(instant: datetime, tz: tzinfo) -> date:
    """The night that `instant` (aware) belongs to in `tz`: from noon of that date to noon of the next.

    Raises ValueError for a naive instant.
    """
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError("an aware instant is needed")
    # Wall time, no arithmetic on hours: clocks change at night, never at noon.
    local = instant.astimezone(tz)
    return local.date() if local.time() >= _NOON else local.date() - _DAY


def expires_on(cls: RetentionClass, night: date, policy: Policy) -> date:
    """The first UTC day on which a thing of class `cls`, born in `night`, is unreadable.

    night + 1 ≤ result ≤ night + days of the policy; week buckets end on a Monday (or on night + 1 where no Monday
    fits). A shorter policy never gives a later day. For a sum of a month or quarter, `night` is its first day.
    """
    rule = RULES[cls]
    end = _bucket(night, getattr(policy, rule.field), rule.granularity)
    if rule.with_record:
        end = min(end, expires_on(RetentionClass.RECORD, night, policy))
    return end


def is_over(expires_on: date, today: date) -> bool:
    """Whether a thing that expires on `expires_on` is unreadable on `today` (a UTC date)."""
    return today >= expires_on


def _bucket(night: date, days: int, granularity: Granularity) -> date:
    end = night + timedelta(days=days)
    if granularity is Granularity.WEEK:
        end -= timedelta(days=end.weekday())
    return max(end, night + _DAY)
