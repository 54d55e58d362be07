"""When a line happened: dates as people, spreadsheets and other tools write them, alone or with an hour. Pure.

Rule of the module: a date is read in one way or not at all. 03/04/2026 without a pattern is not read, nor is a year
before 1990: epochs, empty dates and wrong columns have given people to months of the 18th century.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from outreach.importing import clocks, days, patterns, tidying
from outreach.importing.mapping import Night
from outreach.importing.table import Row
from privacy.core.retention import night_of

_MIDNIGHT = time()
_DAY = timedelta(days=1)
_LONGEST = 100
"""Characters of a date or hour."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, and its hour when `hour`. `at` is aware when the file says the zone.

    sure: the hour is one though it is midnight: it has a column of its own, or is written 24:00.
    """

    at: datetime
    hour: bool = False
    sure: bool = False

    def midnight(self, zone: tzinfo) -> date | None:
        """The day that begins at this very moment, on the file's own clock or in `zone`; None at any other hour."""
        walls = [self.at] if self.at.tzinfo is None else [self.at, self.at.astimezone(zone)]
        return next((wall.date() for wall in walls if wall.time() == _MIDNIGHT), None)

    def day(self, zone: tzinfo) -> date:
        """The day in `zone`; a midnight on the file's own clock is that day everywhere."""
        return self.midnight(zone) or (self.at if self.at.tzinfo is None else self.at.astimezone(zone)).date()

    def night(self, zone: tzinfo, *, hours: bool) -> date:
        """The night. Where a column has no `hours`, midnight is how its file writes a date alone."""
        if not self.hour:
            return self.at.date()
        day = None if hours or self.sure else self.midnight(zone)
        return day or night_of(self.at if self.at.tzinfo else self.at.replace(tzinfo=zone), zone)


def read(row: Row, wanted: Night, association: tzinfo) -> Moment:
    """The moment of a line. Raises ValueError or OverflowError.

    An hour in a column of its own is the one on the `association`'s wall, on the day that the date is there.
    """
    moment = _date(row, wanted)
    if wanted.time is None or tidying.says_nothing(row.cells[wanted.time]):
        return moment
    text = _spoken(row.cells[wanted.time])
    pattern = "" if wanted.time in row.typed else wanted.time_pattern
    day = moment.day(association)
    clock, zone = patterns.clock(text, pattern) or clocks.read(
        text, day, twelve=patterns.says_twelve(pattern)
    )
    return Moment(datetime.combine(day, _MIDNIGHT, zone) + clock, hour=True, sure=True)


def has_hours(rows: Iterable[Row], wanted: Night, zone: tzinfo) -> bool:
    """Whether any date of the column has an hour other than the midnight of a date alone."""
    for row in rows:
        try:
            moment = None if row.broken else _date(row, wanted)
        except (ValueError, OverflowError):
            continue
        if moment is not None and moment.hour and (moment.sure or moment.midnight(zone) is None):
            return True
    return False


def _date(row: Row, wanted: Night) -> Moment:
    """The moment that the date's own cell says."""
    text = _spoken(row.cells[wanted.column])
    moment = _read(text, "" if wanted.column in row.typed else wanted.pattern)
    if moment is None or moment.at.date() < days.EARLIEST:
        raise ValueError
    return moment


def _spoken(cell: str) -> str:
    if len(cell) > _LONGEST:
        raise ValueError
    return days.spoken(tidying.plain(tidying.cell(cell)))


def _read(text: str, pattern: str) -> Moment | None:
    found = patterns.whole(text, pattern) if pattern else None
    if found is not None:
        return Moment(found, hour=patterns.says_hour(pattern))
    counted = None if pattern and patterns.begins_with_year(pattern) else days.counted(text)
    counted = counted or (None if pattern else days.compact(text))
    if counted is not None:
        return Moment(*counted)
    left, clock, zone = clocks.split(text, twelve=patterns.says_twelve(pattern))
    day = patterns.day(left, pattern) if pattern else None
    if day is None and not patterns.begins_with_year(pattern):
        day = days.day_of(left)
    if day is None and not pattern and (bare := days.compact(left)):
        day = bare[0].date()
    if day is None:
        return None
    at = datetime.combine(day, _MIDNIGHT, zone) + (clock or timedelta())
    return Moment(at, hour=clock is not None, sure=clock == _DAY)
