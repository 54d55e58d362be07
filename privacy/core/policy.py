"""An association's settings, inside limits that no association can lift.

Every number stands in `LIMITS` with its unit and where it comes from. A `Policy` beyond a limit cannot be
built, so code that holds one need not check again. Shorter and coarser is always allowed down to the floor.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Final, Self

from privacy.core.errors import PolicyRefused
from privacy.core.grid import LADDER


@dataclass(frozen=True, slots=True)
class Limit:
    """One setting: its default, the least and the most it may be, its unit, and why."""

    default: int
    floor: int
    ceiling: int
    unit: str
    source: str


LATE_DAYS: Final = 4
"""Days after its night on which a phone may still bring something of a round: 72 h, and a night ends at noon."""

_STILL_TAKEN: Final = LATE_DAYS + 1
_BY_WEEK: Final = _STILL_TAKEN + 6
"""Floors. What is stored may not be over before the last phone came: else it is lost, or the promise is not kept.
A bucket that is a week goes up to six days before its term."""

_A_NIGHT: Final = 2
"""Floor of a session: the evening on which it begins, and the noon after it. With one day it ended at midnight, in a round."""

_SOCIAL = "CNIL, référentiel du suivi social et médico-social: 2 years from the last contact"
_LOGS = "CNIL, recommendation on logging: 6 to 12 months"
_NEED = "storage limitation, GDPR article 5(1)(e): "

LIMITS: Final[Mapping[str, Limit]] = MappingProxyType(
    {
        "record_days": Limit(90, _BY_WEEK, 730, "days", _SOCIAL),
        "note_days": Limit(30, _STILL_TAKEN, 90, "days", _NEED + "a note serves the handover between rounds"),
        "tally_days": Limit(90, _BY_WEEK, 90, "days", _NEED + "then association-month totals"),
        "handover_days": Limit(30, _STILL_TAKEN, 90, "days", _NEED + "as a note"),
        "itinerary_days": Limit(396, _BY_WEEK, 730, "days", "coverage by season, 13 months; no person in it"),
        "accumulator_days": Limit(
            120, 60, 120, "days", "a month or a quarter, 14 days to its release, a margin"
        ),
        "running_days": Limit(
            200,
            200,
            200,
            "days",
            "a quarter, its last late phone, and a worker that stands still for a season",
        ),
        "audit_days": Limit(365, 190, 365, "days", _LOGS),
        "session_days": Limit(30, _A_NIGHT, 183, "days", "CNIL, recommendation on logging: 6 months"),
        "invitation_days": Limit(7, 1, 14, "days", _NEED + "an unanswered invitation lets somebody in"),
        "account_days": Limit(90, 1, 92, "days", _NEED + "the account of a leaver, 3 months"),
        "import_days": Limit(30, 1, 90, "days", _NEED + "resuming an import"),
        "quarantine_days": Limit(7, 1, 30, "days", _NEED + "why a draft did not open"),
        "tombstone_days": Limit(4, 4, 4, "days", "one day longer than the last late sync"),
        "draft_days": Limit(3, 3, 3, "days", "72 hours: phone loss against dead zones"),
        "team_cell": Limit(500, 250, 1000, "metres", "INSPIRE grid; 250 m by choice of the association"),
        "coordinator_cell": Limit(1000, 1000, 1000, "metres", "INSEE publishes its 1 km squares"),
        "few": Limit(
            5,
            5,
            20,
            "people",
            "a team's share is rounded down to it before it is added; 5 as in the design of the public map",
        ),
    },
)


def _default(name: str) -> int:
    return LIMITS[name].default


@dataclass(frozen=True)
class Policy:
    """The settings of one association. Durations in days after the night of the round, squares in metres.

    Raises PolicyRefused(field) for a value that is no whole number or lies beyond its limit, and for a plan that would go before
    the records and counts of its round.
    """

    record_days: int = _default("record_days")
    note_days: int = _default("note_days")
    tally_days: int = _default("tally_days")
    handover_days: int = _default("handover_days")
    itinerary_days: int = _default("itinerary_days")
    accumulator_days: int = _default("accumulator_days")
    running_days: int = _default("running_days")
    audit_days: int = _default("audit_days")
    session_days: int = _default("session_days")
    invitation_days: int = _default("invitation_days")
    account_days: int = _default("account_days")
    import_days: int = _default("import_days")
    quarantine_days: int = _default("quarantine_days")
    tombstone_days: int = _default("tombstone_days")
    draft_days: int = _default("draft_days")
    team_cell: int = _default("team_cell")
    coordinator_cell: int = _default("coordinator_cell")
    few: int = _default("few")

    def __post_init__(self) -> None:
        for name, limit in LIMITS.items():
            value = getattr(self, name)
            if type(value) is not int or not limit.floor <= value <= limit.ceiling:
                raise PolicyRefused(name)
        for name in ("team_cell", "coordinator_cell"):
            if getattr(self, name) not in LADDER:
                raise PolicyRefused(name)
        if self.itinerary_days < max(self.record_days, self.tally_days):
            raise PolicyRefused("itinerary_days")

    @classmethod
    def from_dict(cls, settings: Mapping[str, object]) -> Self:
        """The defaults changed by `settings`. Raises PolicyRefused (for an unknown name: field "unknown")."""
        if not all(name in LIMITS for name in settings):
            raise PolicyRefused("unknown")
        return cls(**settings)  # type: ignore[arg-type]  # __post_init__ refuses what is no int

    def to_dict(self) -> dict[str, int]:
        """Every setting, for storing. `from_dict` reads it back."""
        return asdict(self)

    @cached_property
    def version(self) -> str:
        """12 hexadecimal characters, equal for equal settings. Stands in contexts; says nothing by itself."""
        listing = ",".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))
        return sha256(listing.encode("ascii")).hexdigest()[:12]


DEFAULT: Final = Policy()
"""What an association has until it chooses."""

STRICT: Final = Policy(
    record_days=30,
    note_days=7,
    tally_days=30,
    handover_days=7,
    itinerary_days=92,
    accumulator_days=60,
    audit_days=190,
    session_days=7,
    invitation_days=3,
    account_days=30,
    import_days=7,
    quarantine_days=3,
    team_cell=1000,
    few=10,
)
"""Short and coarse, still workable: for a city where the records themselves are a danger."""

PERMISSIVE: Final = Policy(
    **{
        name: limit.floor if name in {"team_cell", "few"} else limit.ceiling for name, limit in LIMITS.items()
    },
)
"""Every limit at its loosest: what the law and this design still tolerate. For measuring, not for use."""
