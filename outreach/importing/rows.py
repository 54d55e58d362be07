"""What one line means: an encounter to keep, people to count, or a line set aside. Pure; no database, no clock.

Rule of the module: consent is looked at before anything else. Without a yes the place is never even parsed, and
no other cell is read but the date and the number of people.
"""

import re
from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any
from uuid import UUID, uuid4

from outreach.importing import moments, numbers, tidying
from outreach.importing.errors import Reason
from outreach.importing.mapping import Mapping
from outreach.importing.table import Row
from outreach.importing.tidying import normalise_answer
from outreach.names import with_single_breaks
from outreach.notes.checking import check
from outreach.records import vocabulary as words
from outreach.records.encounter import MAX_PEOPLE, NOTE_CHARS
from privacy.core import coarsening, consent
from privacy.core.errors import BadCell
from privacy.core.policy import Policy
from privacy.core.retention import RetentionClass, expires_on
from privacy.core.values import Cell, ExactPoint

_FORMULA = re.compile(
    r"=\s*(?:[\w.$]+\s*[-+*/^&(!:|\[]|[-+(\"'$#\[{]|[A-Za-z]{1,3}\d+\s*(?:$|[<>=]))"
    r"|[-+@](?:[\w.]*(?:[(|]|![$A-Za-z])|\$?[A-Za-z]{1,3}\$?\d+$)|[-+]\d+[-+*/^]\d"
)
"""What a spreadsheet computes: =SUM(…), =A1, =1+1, +cmd|…, @SUM(…), -2+3. Not "-duvet", "@gare (quai 2)" or "=)"."""
_FAILED = re.compile(r"#[A-Z][A-Z0-9/]*\s?[!?]")
"""What a formula leaves that could not be computed: #REF!, #NAME?."""

NOTICE = "import"
"""The notice version of a consent that another tool recorded."""


@dataclass(frozen=True, slots=True, repr=False)
class Kept:
    """An encounter with a yes. `body` holds its coded fields, without place; `cell` or `sector_id` is the place.

    `words`: letters and digits of the file's note, kept or not; they tell two encounters apart and are stored nowhere.
    """

    line: int
    night: date
    body: dict[str, Any]
    cell: Cell | None = None
    sector_id: UUID | None = None
    left_out: int = 0
    note_left_out: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Counted:
    """People to add to the counts of a night, and why nothing else of them is taken."""

    line: int
    night: date
    people: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class SetAside:
    """A line of which nothing is used."""

    line: int
    reason: Reason


Outcome = Kept | Counted | SetAside


class _Bad(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads lines for one association on one day. `sectors` maps normalised codes and names to ids, to None where several are.

    tonight: the night that is running; nothing later exists. today: the UTC day retention is measured against.
    is_near: whether a team of the association may have walked in a square.
    hours: whether the file's dates have hours (`moments.has_hours`); without, its midnights are dates alone.
    """

    mapping: Mapping
    policy: Policy
    timezone: tzinfo
    tonight: date
    today: date
    sectors: Dictionary[str, UUID | None] = field(default_factory=dict)
    hours: bool = True
    is_near: Callable[[Cell], bool] = lambda _cell: True

    def read(self, row: Row) -> Outcome:
        """What the line means. Never raises for its content."""
        try:
            return self._read(row)
        except _Bad as bad:
            return SetAside(row.line, bad.reason)

    def _read(self, row: Row) -> Outcome:
        if row.broken:
            raise _Bad(Reason(row.broken))
        cells = {name: tidying.cell(row.cells[name]) for name in self.mapping.columns}
        formulas = {name for name, cell in cells.items() if name in row.formulas or looks_like_formula(cell)}
        computed = {name for name, cell in cells.items() if cell[:1] == "=" or _FAILED.fullmatch(cell)}
        if (formulas | computed) - {self.mapping.note}:  # a note may begin with "=>"
            raise _Bad(Reason.FORMULA)
        night = self._night(row)
        people = self._people(cells)
        if night > self.tonight:
            raise _Bad(Reason.FUTURE)
        if expires_on(RetentionClass.RECORD, night, self.policy) <= self.today:
            return Counted(row.line, night, people, Reason.TOO_OLD)
        if not self._agreed(cells):
            return Counted(row.line, night, people, Reason.NO_CONSENT)
        body, left_out = self._fields(cells)
        if body.get("age_band") == "minor":
            return Counted(row.line, night, people, Reason.MINOR)
        body |= {"people": people, "zone": True, "notice": NOTICE}
        note = self._note(cells, night)
        # Nobody is there to rephrase: a note that names, locates or labels somebody is left out. So is a formula, which no
        # encounter is lost for.
        suspect = bool(note) and (self.mapping.note in formulas or bool(check(note)))
        if note and not suspect:
            body["note"] = note
        cell, sector_id = self._place(row, cells, night)
        words_of_note = tidying.letters(cells[self.mapping.note]) if self.mapping.note else ""
        return Kept(row.line, night, body, cell, sector_id, left_out, suspect, words_of_note)

    def _agreed(self, cells: dict[str, str]) -> bool:
        consent_column = self.mapping.consent
        return consent_column is not None and normalise_answer(cells[consent_column]) in self.mapping.yes

    def _night(self, row: Row) -> date:
        try:
            return moments.read(row, self.mapping.night, self.timezone).night(self.timezone, hours=self.hours)
        except (ValueError, OverflowError):
            raise _Bad(Reason.NIGHT) from None

    def _people(self, cells: dict[str, str]) -> int:
        column = self.mapping.people
        if column is None:
            return 1
        try:
            people = numbers.count(cells[column])
        except ValueError:
            raise _Bad(Reason.PEOPLE) from None
        if not 1 <= people <= MAX_PEOPLE:
            raise _Bad(Reason.PEOPLE)
        return people

    def _fields(self, cells: dict[str, str]) -> tuple[dict[str, Any], int]:
        body: dict[str, Any] = {}
        left_out = 0
        for name, wanted in self.mapping.fields:
            codes, unknown = wanted.codes(cells[wanted.column])
            left_out += unknown
            if codes:
                body[name] = codes if name in words.SEVERAL_OF else codes[0]
        return body, left_out

    def _note(self, cells: dict[str, str], night: date) -> str:
        column = self.mapping.note
        if column is None or expires_on(RetentionClass.NOTE, night, self.policy) <= self.today:
            return ""
        note = with_single_breaks(cells[column])
        if len(note) > NOTE_CHARS or "\x00" in note:
            raise _Bad(Reason.TOO_LONG)
        return note

    def _place(self, row: Row, cells: dict[str, str], night: date) -> tuple[Cell | None, UUID | None]:
        place = self.mapping.place
        if place.sector is not None:
            return None, self._sector(cells[place.sector])
        if place.cell is not None:
            cell = self._cell(cells[place.cell])
        else:
            point = self._point(row, cells)
            cell = None if point is None else self._snapped(*point, night)
        if cell is not None and not self.is_near(cell):
            raise _Bad(Reason.FAR)
        return cell, None

    def _point(self, row: Row, cells: dict[str, str]) -> tuple[float, float] | None:
        """(longitude, latitude) of the line; None where the file says no place."""
        place = self.mapping.place
        one = place.lat_lon or place.lon_lat
        try:
            if one is not None:
                if tidying.says_nothing(cells[one]) or numbers.says_nowhere(cells[one]):
                    return None
                return numbers.pair(cells[one], lat_first=place.lat_lon is not None)
            apart = row.point if place.geometry else None
            if place.lon and place.lat:
                apart = cells[place.lon], cells[place.lat]
            if apart is None or all(map(tidying.says_nothing, apart)):
                return None
            return numbers.degrees(apart[0], "lon"), numbers.degrees(apart[1], "lat")
        except ValueError:
            raise _Bad(Reason.PLACE) from None

    def _sector(self, text: str) -> UUID | None:
        word = normalise_answer(text)
        if word not in self.sectors and tidying.says_nothing(text):  # a sector may be called NA
            return None
        if word not in self.sectors:
            raise _Bad(Reason.SECTOR)
        found = self.sectors[word]
        if found is None:
            raise _Bad(Reason.AMBIGUOUS)
        return found

    def _cell(self, text: str) -> Cell | None:
        if tidying.says_nothing(text):
            return None
        try:
            # Spreadsheets and databases change case; the m of metres is the one small letter.
            cell = Cell.parse(text.upper().replace("MN", "mN"))
            return (
                cell if cell.size >= self.policy.team_cell else coarsening.parent(cell, self.policy.team_cell)
            )
        except BadCell:
            raise _Bad(Reason.CELL) from None

    def _snapped(self, lon: float, lat: float, night: date) -> Cell:
        """The team's square of a place given in degrees, under a proof made of the yes in this very line."""
        subject = uuid4()
        said = consent.ConsentEvent(
            subject=subject,
            purpose=consent.Purpose.ZONE,
            decision=consent.Decision.GIVEN,
            notice_version=NOTICE,
            night=night,
            expires_on=expires_on(RetentionClass.RECORD, night, self.policy),
            sequence=1,
        )
        proof = consent.require(consent.Purpose.ZONE, subject, [said], self.today)
        try:
            return coarsening.snap(ExactPoint(lon, lat), self.policy.team_cell, proof)
        except BadCell:
            raise _Bad(Reason.OUTSIDE) from None


def looks_like_formula(cell: str) -> bool:
    """Whether a spreadsheet would compute the cell. A signed number is a number, and a word after a dash a word."""
    return cell[:1] in ("=", "+", "-", "@") and _FORMULA.match(cell) is not None
