"""What the auditor's page shows of the log: which role did what kind of thing, in bands, by quarter.

Rule of the module: reads go through the `audit` connection, whose role sees only the living entries of one
association. Exact counts never leave this module: a band of a finished quarter, and nothing but "it happened"
while the quarter lasts (a live count is a diary).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections, transaction
from django.utils.translation import gettext_lazy as _

from privacy import bands
from privacy.audit import entry_keys, events
from privacy.audit.models import Checkpoint
from privacy.db import scope

ALIAS = "audit"
SETTLING = timedelta(days=2)
"""A quarter is frozen this long after its last day: that day's events are sealed at noon of the next."""


class Band(StrEnum):
    """How often, in a finished quarter; OPEN while it lasts."""

    FEW = bands.LABELS[0]
    SOME = bands.LABELS[20]
    MANY = bands.LABELS[50]
    OPEN = "…"

    @property
    def label(self) -> Any:
        return _("trimestre en cours") if self is Band.OPEN else self.value


class Quarter(NamedTuple):
    """A calendar quarter: `number` 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def following(self) -> "Quarter":
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def previous(self) -> "Quarter":
        return Quarter.of(self.first - timedelta(days=1))

    def frozen(self, today: date) -> bool:
        """Whether nothing more will be counted in it."""
        return today >= self.following.first + SETTLING

    def remembered(self, today: date) -> bool:
        """Whether all its bodies still live: a quarter half forgotten would show falling counts."""
        return entry_keys.body_expires_on(self.first) > today

    def __str__(self) -> str:
        return str(_("{year}-T{quarter}")).format(year=self.year, quarter=self.number)


class EventsRow(NamedTuple):
    """One line of the page: what happened, who (a role), how often (a band)."""

    event: str
    sentence: str
    role: str
    who: str
    outcome: str
    band: Band


class Readings(NamedTuple):
    """What a role opened: a band for each kind of `READS`, None where nothing."""

    role: str
    who: str
    bands: tuple[Band | None, ...]


class Told(NamedTuple):
    """One quarter as the page tells it. `capped`: somebody opened so much on one day that the rest was not counted."""

    name: str
    frozen: bool
    reads: list[Readings]
    refused: list[EventsRow]
    acts: list[EventsRow]
    capped: bool

    def __bool__(self) -> bool:
        return bool(self.reads or self.refused or self.acts)


def readable_from(now: datetime) -> datetime:
    """When the lines of the UTC day of `now` (aware) are in the log: at the seal of the next noon."""
    noon = now.astimezone(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    return noon + timedelta(days=1)


def quarters(today: date) -> Iterator[Quarter]:
    """The quarters the log can still tell about, newest first."""
    quarter = Quarter.of(today)
    while quarter.remembered(today):
        yield quarter
        quarter = quarter.previous


def band(count: int) -> Band:
    """The band of an exact count of a finished quarter."""
    return Band(bands.label(count))


_COUNTS = """
WITH living AS MATERIALIZED (
    SELECT body::jsonb AS said FROM audit_logentry
    WHERE association_id = %s AND day >= %s AND day < %s AND body IS NOT NULL)
SELECT said->>'event', split_part(said->>'actor', ':', 1), said->>'outcome', count(*) FROM living GROUP BY 1, 2, 3
"""


def told(association_id: UUID, quarter: Quarter, *, today: date) -> Told:
    """Who opened what, was refused or did what in `quarter`. Nothing of a quarter that the log has begun to forget."""
    frozen = quarter.frozen(today)
    found = _counted(association_id, quarter) if quarter.remembered(today) else {}
    opened: dict[tuple[str, str], int] = {}
    lines: list[EventsRow] = []
    capped = False
    for (event, role, outcome), count in found.items():
        if event in events.READS:
            opened[role, event] = opened.get((role, event), 0) + count
            capped = capped or outcome.endswith(events.CEILING_REACHED)
            continue
        sentence, who = events.sentence_of(event), events.who(role)
        lines.append(EventsRow(event, sentence, role, who, outcome, _shown(count, frozen)))
    lines.sort(key=lambda row: (row.sentence, row.who, row.outcome))
    reads = [
        Readings(
            role,
            events.who(role),
            tuple(
                _shown(opened[role, kind], frozen) if (role, kind) in opened else None
                for kind in events.READS
            ),
        )
        for role in {role for role, _event in opened}
    ]
    return Told(
        str(quarter),
        frozen,
        sorted(reads, key=lambda row: row.who),
        [row for row in lines if row.event in events.REFUSALS],
        [row for row in lines if row.event not in events.REFUSALS],
        capped,
    )


def _shown(count: int, frozen: bool) -> Band:
    return band(count) if frozen else Band.OPEN


def _counted(association_id: UUID, quarter: Quarter) -> dict[tuple[str, str, str], int]:
    """(event, roles, outcome) → exact count; it stays in this module."""
    with (
        scope.use_tenant(replace(scope.current(), association_id=association_id)),
        transaction.atomic(using=ALIAS),
        connections[ALIAS].cursor() as cursor,
    ):
        cursor.execute(_COUNTS, [association_id, quarter.first, quarter.following.first])
        counted = cursor.fetchall()
    found: dict[tuple[str, str, str], int] = {}
    for event, actor, outcome, count in counted:
        key = (event, events.role_of(actor), outcome)
        found[key] = found.get(key, 0) + count
    return found


class Standing(StrEnum):
    """How the database stands to the last promise: it keeps it, is older than it, or nobody has compared them for two days."""

    KEPT = "kept"
    OLDER = "older"
    UNLOOKED = "unlooked"


def standing(alias: str = ALIAS) -> Standing:
    """One word, through the auditor's connection unless told otherwise."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SELECT audit_standing()")
        return Standing(cursor.fetchone()[0])


class Shown(NamedTuple):
    """A checkpoint as the page shows it and as the auditor downloads it (`note`)."""

    origin: str
    size: int
    root: str
    day: date
    note: str


def checkpoint(root: bytes) -> str | None:
    """The newest checkpoint that signed `root`, for whoever was told it; None when there is none. A root cannot be guessed."""
    found = Checkpoint.objects.using(ALIAS).filter(root=root).order_by("-day", "-size")
    return found.values_list("note", flat=True).first()


def latest_checkpoints(limit: int = 10) -> list[Shown]:
    """The newest `limit` checkpoints (at most 400), newest first, for an auditor: their sizes count the acts by day."""
    newest = Checkpoint.objects.using(ALIAS).order_by("-size")[: min(limit, 400)]
    return [Shown(row.origin, row.size, bytes(row.root).hex(), row.day, row.note) for row in newest]
