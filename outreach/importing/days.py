"""Dates that can be read in one way only, without a pattern: ISO 8601, a month in letters, an epoch, a spreadsheet's serial."""

import re
from datetime import UTC, date, datetime, timedelta

EARLIEST = date(1990, 1, 1)
"""No date before it is believed."""

_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan janv janvier january",
            "feb fev fevr fevrier february",
            "mar mars march",
            "apr avr avril april",
            "mai may",
            "jun juin june",
            "jul juil juillet july",
            "aug aou aout august",
            "sep sept septembre september",
            "oct octobre october",
            "nov novembre november",
            "dec decembre december",
        ),
        start=1,
    )
    for word in words.split()
}
_WEEKDAYS = frozenset(
    word
    for words in (
        "lun lundi mar mardi mer mercredi jeu jeudi ven vendredi sam samedi dim dimanche",
        "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday",
    )
    for word in words.split()
)
_WORD = re.compile(r"[a-z]+")
_DOT = re.compile(r"(?<=[a-z])\.")
_ORDINAL = re.compile(r"(?<=\d)(?:er|st|nd|rd|th)\b")
_NUMERIC = re.compile(r"(?<!\d)\d{1,4}([-/.])\d{1,2}\1\d{2,4}(?!\d)", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.: ])(\d{1,2})\2(\d{1,2})", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?", re.ASCII)
_ISO = re.compile(r"\d{8}t\d|\d{4}-\d{2}-\d{2}t\d{2}(?!:)", re.ASCII)
_WEEK = re.compile(r"\d{4}-?w\d{2}-?\d", re.ASCII)
_SPOKEN = re.compile(r"(?:le |the )?(\d{1,4})\D+(\d{1,4})", re.ASCII)
_SPAN = re.compile(
    r"(?:nuit )?(?:du )?(\d{1,2})(?: ([a-z]+))?(?: (\d{4}))?\s*(?:au|et|a|-|/)\s*(\d{1,2}) ([a-z]+) (\d{4})",
    re.ASCII,
)
_SERIAL = re.compile(r"(\d{5})(?:[.,](\d+))?", re.ASCII)
_STAMP = re.compile(r"(\d{9,19})(?:[.,]\d+)?", re.ASCII)

_FIRST_SECOND = int(datetime.combine(EARLIEST, datetime.min.time(), UTC).timestamp())
_LAST_SECOND = 4_102_444_800
"""1 January 2100. Seconds, milliseconds and finer of 1990 to 2100 never share a number, nor do they with 20261117."""


def spoken(text: str) -> str:
    """A text in plain letters without what adds nothing to its date: weekday, dots of shortened words, "er" of 1er."""
    text = _ORDINAL.sub("", _DOT.sub("", text))
    months = [word for word in _WORD.findall(text) if word in _MONTHS]
    # "mar" is March, and Tuesday beside another month.
    beside = len(months) > 1 or _NUMERIC.search(text) is not None
    for word in _WORD.findall(text):
        if word in _WEEKDAYS and (word not in _MONTHS or beside):
            text = re.sub(rf"(?<![a-z]){word}(?![a-z])[\s,]*", "", text, count=1)
    return text.strip()


def months(text: str) -> set[int]:
    """The months that stand in letters in a spoken text."""
    return {_MONTHS[word] for word in _WORD.findall(text) if word in _MONTHS}


def numbered(text: str) -> str:
    """The text with months in letters as numbers, as a pattern's %m reads them."""
    return _WORD.sub(lambda found: f"{_MONTHS[found[0]]:02}" if found[0] in _MONTHS else found[0], text)


def day_of(text: str) -> date | None:
    """The day of a spoken text without hour; None when it says none, or could say two. Raises ValueError for 31 November."""
    if found := _YEAR_FIRST.fullmatch(text):
        return date(int(found[1]), int(found[3]), int(found[4]))
    if _WEEK.fullmatch(text):
        return date.fromisoformat(text.upper())
    if found := _SPAN.fullmatch(text):
        return _first_of_a_night(found)
    months = [_MONTHS[word] for word in _WORD.findall(text) if word in _MONTHS]
    numbers = _SPOKEN.fullmatch(_WORD.sub(" ", text).strip(" ,.-/"))
    strange = [
        word for word in _WORD.findall(text) if word not in _MONTHS and word not in ("le", "the", "de", "of")
    ]
    if len(months) != 1 or strange or numbers is None:
        return None
    day, year = numbers.groups()
    if len(day) == 4:
        day, year = year, day
    if len(day) > 2 or len(year) not in (2, 4):
        return None
    return date(int(year) + (2000 if len(year) == 2 else 0), months[0], int(day))


def _first_of_a_night(found: re.Match[str]) -> date | None:
    """The first of two days that follow one another; None for a longer span, which is no night."""
    first, month, year, second, last_month, last_year = found.groups()
    if last_month not in _MONTHS or (month or last_month) not in _MONTHS:
        return None
    last = date(int(last_year), _MONTHS[last_month], int(second))
    day = date(int(year or last_year), _MONTHS[month or last_month], int(first))
    return day if last - day == timedelta(days=1) else None


def compact(text: str) -> tuple[datetime, bool] | None:
    """(moment, whether it has an hour) of 20261117, 20261117221500 or 20261117T2215+01; else None. Raises ValueError."""
    if _ISO.match(text):
        return datetime.fromisoformat(text.upper()), True
    found = _COMPACT.fullmatch(text)
    if found is None:
        return None
    parts = [int(part) for part in found.groups(default="0")]
    return datetime(*parts), found[4] is not None  # type: ignore[arg-type]  # noqa: DTZ001


def counted(text: str) -> tuple[datetime, bool] | None:
    """(moment, whether it has an hour) of an epoch, in seconds or finer, or of a spreadsheet's day; None for anything else."""
    if found := _STAMP.fullmatch(text):
        for unit in (1, 10**3, 10**6, 10**9):
            if _FIRST_SECOND <= int(found[1]) // unit < _LAST_SECOND:
                return datetime.fromtimestamp(int(found[1]) // unit, UTC), True
    if found := _SERIAL.fullmatch(text):
        return of_serial(float(f"{found[1]}.{found[2] or 0}"))
    return None


def of_serial(days: float, *, since_1904: bool = False) -> tuple[datetime, bool]:
    """(moment, whether it has an hour) of a spreadsheet's day count, to the second."""
    start = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001
    moment = start + timedelta(seconds=round(days * 86_400))
    return moment, days != int(days)
