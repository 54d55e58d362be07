"""What a run of an import did, or would do: numbers, and line numbers by reason; never the content of a line."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from outreach.importing.errors import COUNTED, Reason


@dataclass(slots=True)
class Report:
    """What a run did, or would do when dry. `reasons` holds every line that is not a record, by reason."""

    lines: int = 0
    kept: int = 0
    counted: int = 0
    known: int = 0
    set_aside: int = 0
    left_out: int = 0
    notes_left_out: int = 0
    after_frozen: int = 0
    """Lines of a month whose totals were shown already: taken as the others, and in no total."""
    resumed_at: int = 0
    done_before: bool = False
    other_teams: list[str] = field(default_factory=list)
    """Teams for which this very file came in."""
    reasons: Counter[Reason] = field(default_factory=Counter)
    where: dict[Reason, list[int]] = field(default_factory=dict)
    nights: set[date] = field(default_factory=set)
    """The first and last night read: a wrong column or pattern shows in them before anything is written."""

    @property
    def alike(self) -> int:
        """Lines known by another file: the same night, place and answers, and nothing tells them apart."""
        return len(self.where.get(Reason.ALIKE, ()))

    def know(self, line: int) -> None:
        """Count one line as known by another file and remember its number."""
        self.known += 1
        self.where.setdefault(Reason.ALIKE, []).append(line)

    def span(self, nights: Iterable[date]) -> None:
        """Widen `nights` to these."""
        found = self.nights.union(nights)
        self.nights = {min(found), max(found)} if found else found

    def note(self, reason: Reason, line: int) -> None:
        """Count one line under its reason and remember its number."""
        self.reasons[reason] += 1
        if reason in COUNTED:
            self.counted += 1
            return
        self.set_aside += 1
        self.where.setdefault(reason, []).append(line)

    def add(self, told: "Report") -> None:
        """What one more batch did."""
        self.lines += told.lines
        self.kept += told.kept
        self.counted += told.counted
        self.known += told.known
        self.set_aside += told.set_aside
        self.left_out += told.left_out
        self.notes_left_out += told.notes_left_out
        self.after_frozen += told.after_frozen
        self.span(told.nights)
        self.reasons += told.reasons
        for reason, lines in told.where.items():
            self.where.setdefault(reason, []).extend(lines)
