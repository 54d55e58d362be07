"""`strptime` patterns of a mapping, read with French and English months, 12-hour clocks and capitals. Pure."""

import re
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache

from outreach.importing import clocks, days, tidying

_DIRECTIVE = re.compile(r"%[-_#]?([A-Za-z%])")
_WEEKDAY = re.compile(r"%[aA][\s,.]*")
_MONTH = re.compile(r"%[bBh]\.?")
_HOUR = re.compile(r"(?<!%)(?:%%)*%[HIcX]")
_CLOCKLIKE = re.compile(r"%[HIMSfpzZ]")
_LINK = re.compile(r"(?:(?<=%\w)t|[\s,@-]*(?:(?<![%\w])(?:a|at))?[\s,@-]*)$")
_SIGNS = re.compile(r"\s*[-./]\s*|\s+")
_GLUED = re.compile(r"%[A-Za-z]%[A-Za-z]")
_YEAR = re.compile(r"%[YyGcx]")
_BROKEN = (ValueError, OverflowError, IndexError, KeyError, re.error)
"""What `strptime` raises for texts and patterns that do not fit."""


def says_day(pattern: str) -> bool:
    """Whether the pattern says a whole day, and an hour only in full: %d/%m has no year, %I without %p two hours."""
    try:
        for sample in (datetime(2026, 11, 17, 22, 15), datetime(2027, 3, 9, 1, 30)):  # noqa: DTZ001
            found = datetime.strptime(sample.strftime(_dashless(pattern)), _dashless(pattern))  # noqa: DTZ007
            if found.date() != sample.date() or (says_hour(pattern) and found.hour != sample.hour):
                return False
    except _BROKEN:
        return False
    return True


def says_clock(pattern: str) -> bool:
    """Whether the pattern of an hour's own column says one of the 24."""
    try:
        samples = (time(22, 15), time(1, 30))
        found = [datetime.strptime(one.strftime(_dashless(pattern)), _dashless(pattern)) for one in samples]  # noqa: DTZ007
    except _BROKEN:
        return False
    return [one.hour for one in found] == [22, 1]


def says_hour(pattern: str) -> bool:
    """Whether the pattern holds an hour."""
    return bool(_HOUR.search(_dashless(pattern)))


def says_twelve(pattern: str) -> bool:
    """Whether its hours count to twelve."""
    return "%I" in _dashless(pattern)


def begins_with_year(pattern: str) -> bool:
    """Whether year, then month and day, or year, day and month: only the pattern knows, and no other reading may guess."""
    first = _DIRECTIVE.search(_prepared(pattern)) if pattern else None
    return first is not None and bool(_YEAR.match(first[0]))


def whole(text: str, pattern: str) -> datetime | None:
    """The text (spoken) read by the whole pattern; None when it does not fit."""
    return _either(text, _prepared(pattern))


def day(text: str, pattern: str) -> date | None:
    """The text (spoken, its hour taken away) read by the day's part of the pattern; None when it does not fit."""
    start = _LINK.sub("", _CLOCKLIKE.split(_prepared(pattern))[0])
    found = _either(text, start) if start else None
    return None if found is None else found.date()


def clock(text: str, pattern: str) -> tuple[clocks.Clock, tzinfo | None] | None:
    """The hour in a column of its own read by its pattern; None when it does not fit."""
    found = _parsed(text, _prepared(pattern)) if pattern else None
    if found is None:
        return None
    return timedelta(hours=found.hour, minutes=found.minute, seconds=found.second), found.tzinfo


def _either(text: str, pattern: str) -> datetime | None:
    """By the pattern, by its year in two digits or four, or by its order with other signs between: 17-11-2026 for %d/%m/%Y.

    A month in letters is that month: where the order makes it the day, nov 10 is not 11 October.
    """
    months, text = days.months(text), days.numbered(text)
    other = pattern.replace("%Y", "%y") if "%Y" in pattern else pattern.replace("%y", "%Y")
    found = _parsed(text, pattern) or _parsed(text, other)
    if found is None and "%Y" in pattern:  # signs tell apart 26-11-17 and 17/11/26, four digits need none
        found = _parsed(_SIGNS.sub("/", text), _SIGNS.sub("/", pattern))
    return None if found is None or months - {found.month} else found


def _parsed(text: str, pattern: str) -> datetime | None:
    try:
        found = datetime.strptime(text.upper(), pattern)  # noqa: DTZ007
        if _GLUED.search(pattern) and _digits(found.strftime(pattern)) != _digits(text):
            return None  # a zero is lost, nobody knows where: 3042026
        if "%p" in pattern and "%H" in pattern and found.hour <= 12:
            return None  # %H does not hear %p: 10:15 PM would be the morning
    except _BROKEN:
        return None
    return found


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _dashless(pattern: str) -> str:
    """%-d of other tools is %d here, where zeros are optional."""
    return _DIRECTIVE.sub(lambda found: f"%{found[1]}", pattern)


@cache
def _prepared(pattern: str) -> str:
    """The pattern for a spoken text whose months are numbers: no weekday, plain letters."""
    found = [one[1] for one in _DIRECTIVE.finditer(pattern)]
    apart = _DIRECTIVE.split(pattern)[::2]
    letters = "\ue000".join(apart)
    edges = (" " * letters.startswith(" "), " " * letters.endswith(" "))
    plain = (edges[0] + tidying.plain(letters) + edges[1]).split("\ue000")
    joined = plain[0] + "".join(f"%{letter}{rest}" for letter, rest in zip(found, plain[1:], strict=True))
    return _MONTH.sub("%m", _WEEKDAY.sub("", joined)).strip()
