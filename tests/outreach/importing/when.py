"""The night of one line, for the tests of dates and hours."""

from datetime import date
from zoneinfo import ZoneInfo

from outreach.importing import moments
from outreach.importing.mapping import Night
from outreach.importing.table import Row

PARIS = ZoneInfo("Europe/Paris")
NOV_16, NOV_17, NOV_18 = (date(2026, 11, day) for day in (16, 17, 18))


def night(text: str, pattern: str = "", clock: str | None = None, time_pattern: str = "%H:%M") -> date | None:
    """The night of one line of a file whose dates have hours; None when it does not read."""
    wanted = Night("d", pattern, None if clock is None else "t", time_pattern)
    try:
        return moments.read(Row(2, {"d": text, "t": clock or ""}), wanted, PARIS).night(PARIS, hours=True)
    except (ValueError, OverflowError):
        return None
