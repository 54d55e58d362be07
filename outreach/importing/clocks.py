"""Hours as people write them: 22:15, 22h15, 10:15 PM, 22:15:00.000+01:00. Pure.

Rule of the module: an hour that can be read in two ways is not read. 0.25 may be a quarter past midnight or the quarter of a day.
"""

import re
from datetime import date, timedelta, timezone, tzinfo

from outreach.importing import days

Clock = timedelta
"""Time since the day began; 24:00 is the end of it."""

_CLOCK = re.compile(
    r"(?<![\d:.,/])(?:"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?(?:\s*h\b)?"
    r"(?:\s*(?P<half>[ap])\s?m\b|(?P<glued>[ap])\b)?"
    r"|(?P<h>\d{1,2})\s*(?:h(?:eures?|rs?)?)(?:\s*(?P<hm>\d{2})(?:\s*(?:min|mn))?)?(?:\s*(?P<after>[ap])\s?m\b)?(?![\w:])"
    r"|(?P<twelve>\d{1,2})\s*(?P<only>[ap])\s?m\b)"
    r"(?P<zone>\s*(?:(?:utc|gmt)\s*[+-]\d{1,2}(?::?\d{2})?|[+-]\d{2}(?::?\d{2})?(?:\s+[a-z]{3,4})?|z|utc|gmt|cest|cet)"
    r"(?![\w:/-])(?:\s*\([^()]*\)|\[[^\[\]]*\])?)?",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d{2}))?(?!\d)", re.ASCII)
_NAMED = {"cet": 1, "cest": 2}
_DIGITS = re.compile(r"\d{1,4}", re.ASCII)
_DECIMAL = re.compile(r"(\d{1,2})[.,](\d+)", re.ASCII)
_DAY = timedelta(days=1)
_BEFORE = re.compile(r"(?:(?<=\d)t|[\s,@-]*(?:\b(?:a|at|vers))?[\s,@]*)$")
_AFTER = re.compile(r"^[\s,@-]*(?:(?:le|on)\b)?\s*")
_PART_OF_DAY = re.compile(r"\s*(?:(?:(?:du|ce) )?(matin|soir)|de l'apres-midi)\b")
_END = re.compile(
    r"\s*(?:[-–—]|\b(?:a|et)\b)\s*\d{1,2}(?::\d{2}(?::\d{2})?|\s*h(?:eures?)?(?:\s*\d{2})?|$)(?![\w:/.-])"
    r"(?P<half>\s*[ap]\s?m\b|\s*(?:(?:du|ce) )?(?:matin|soir)\b)?",
    re.ASCII,
)
"""The second hour of a span: the first one is meant."""
_LAST_HOUR = re.compile(r"\s*-\d{2}(?::\d{2})?", re.ASCII)
_BESIDE = frozenset(("vers", "env", "environ", "approx", "entre", "de", "a", "et", "le", "du", "matin"))
"""Words that change no hour."""
_WORDS = re.compile(r"[^\W_]+")
_DATED = re.compile(r"(?:\d{1,2}\D\d{1,2}\D\d{4}|\d{4}\D\d{1,2}\D\d{1,2})", re.ASCII)
_NOON = timedelta(hours=12)
_ONE = timedelta(hours=1)
_FARTHEST = 14
"""Hours between a place's clock and the world's, at most."""


def split(text: str, *, twelve: bool = False) -> tuple[str, Clock | None, tzinfo | None]:
    """(what is left, hour, zone) of a text in plain letters. Raises ValueError for an hour that is none.

    twelve: the column counts to twelve, where 10:15 alone is two hours.
    """
    found = _CLOCK.search(text)
    if found is None:
        return text, None, None
    left = _BEFORE.sub("", text[: found.start()])
    span = _ends_a_span(found)
    clock, right = _clock(found), text[found.start("zone") if span else found.end() :]
    said = _half(found) is not None
    if part := _PART_OF_DAY.match(right):
        said, right = True, right[part.end() :]
        clock = _in_part(clock, part[1])
    if end := _END.match(right):
        # 10h-11h du soir: the first hour is in the evening too.
        if end["half"] and not said and clock < _NOON:
            raise ValueError
        right = right[end.end() :]
    exact = said or found.string[: found.start()].endswith("t")
    if twelve and not exact:
        _only_of_24(clock)
    return f"{left} {_AFTER.sub('', right)}".strip(), clock, None if span else _zone(found["zone"])


def _in_part(clock: Clock, part: str | None) -> Clock:
    """The hour in the morning, in the evening, or after noon without a word. Raises ValueError for one that is not there."""
    if part == "matin":
        if clock >= _NOON:
            raise ValueError  # 12h30 du matin: half past midnight, or noon
        return clock
    clock = clock if clock >= _NOON else clock + _NOON
    if part == "soir" and clock < _NOON + _ONE:
        raise ValueError
    return clock


def _ends_a_span(found: re.Match[str]) -> bool:
    """Whether what looks like an offset is a second hour, 05:00-07:00: programs write seconds or a T before an offset."""
    exact = found["second"] or found.string[: found.start()].endswith("t")
    return not exact and _LAST_HOUR.fullmatch(found["zone"] or "") is not None


def read(text: str, day: date, *, twelve: bool = False) -> tuple[Clock, tzinfo | None]:
    """The hour in a column of its own, where 2215, 22 and a part of the day are hours too. Raises ValueError.

    Beside it may stand what changes nothing: "vers", the line's own `day`, a program's day zero.
    """
    left, clock, zone = split(text, twelve=twelve)
    if clock is not None:
        if not _changes_nothing(left, day):
            raise ValueError
        return clock, zone
    clock = _of_digits(text)
    if twelve:
        _only_of_24(clock)
    return clock, None


def _only_of_24(clock: Clock) -> None:
    """Raises ValueError for an hour that a clock of twelve has too."""
    if _ONE <= clock < _NOON + _ONE:
        raise ValueError


def _of_digits(text: str) -> Clock:
    if _DIGITS.fullmatch(text):
        hour, minute = (text[:-2], text[-2:]) if len(text) > 2 else (text, "0")
        return _since_midnight(int(hour), int(minute))
    decimal = _DECIMAL.fullmatch(text)
    if decimal is None:
        raise ValueError
    return _decimal(*decimal.groups())


def _changes_nothing(left: str, day: date) -> bool:
    words = [word for word in _WORDS.findall(days.numbered(left)) if word not in _BESIDE]
    if not words:
        return True
    if not _DATED.fullmatch(" ".join(words)):
        return False
    parts = sorted(map(int, words))
    return parts[-1] < days.EARLIEST.year or parts == sorted((day.day, day.month, day.year))


def _decimal(whole: str, part: str) -> Clock:
    """22.15 as people type it, 0.927 as spreadsheets count. Raises ValueError where it could be either, or a lost zero."""
    if int(whole):
        if len(part) != 2:
            raise ValueError
        return _since_midnight(int(whole), int(part))
    if len(part) == 2 and int(part) < 60:
        raise ValueError
    return of_fraction(float(f"0.{part}"))


def of_fraction(fraction: float) -> Clock:
    """The hour that a part of a day is, to the second: spreadsheets count so."""
    return timedelta(seconds=round(fraction * _DAY.total_seconds()))


def _clock(found: re.Match[str]) -> Clock:
    hour = int(found["hour"] or found["h"] or found["twelve"])
    half = _half(found)
    if half:
        if hour > 12:
            raise ValueError
        hour = hour % 12 + (12 if half == "p" else 0)
    return _since_midnight(hour, int(found["minute"] or found["hm"] or 0), int(found["second"] or 0))


def _half(found: re.Match[str]) -> str | None:
    return found["half"] or found["glued"] or found["after"] or found["only"]


def _since_midnight(hour: int, minute: int, second: int = 0) -> Clock:
    clock = timedelta(hours=hour, minutes=minute, seconds=second)
    if minute > 59 or second > 60 or clock > _DAY:
        raise ValueError
    return clock


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    offset = _OFFSET.search(text)
    if offset is None:
        return timezone(timedelta(hours=_NAMED.get(text.strip(), 0)))
    sign, hours, minutes = offset.groups()
    if int(hours) > _FARTHEST or int(minutes or 0) > 59:
        raise ValueError
    return timezone((-1 if sign == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes or 0)))
