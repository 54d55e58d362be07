"""Nights in which the clock changes: four of them, in Paris and in Montréal, walked from noon to noon through the real services.

Rule of the module: the nights lie ahead of today, because row security compares days of expiry with the tests' day.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

HALF_AN_HOUR = timedelta(minutes=30)
ZONES = ("Europe/Paris", "America/Montreal")

NightOf = Callable[[datetime, tzinfo], date]


@dataclass(frozen=True)
class Night:
    """The night of `date` in `zone`, at whose end the clock stands `hours` after the noon before: 23, 24 or 25."""

    zone: str
    date: date

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def noon(self) -> datetime:
        return datetime.combine(self.date, time(12), self.tz).astimezone(UTC)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.date + timedelta(days=1), time(12), self.tz).astimezone(UTC)

    @property
    def hours(self) -> int:
        return round((self.end - self.noon) / timedelta(hours=1))

    def instants(self) -> Iterator[datetime]:
        """Every half hour from noon to the last minute before the next noon, in UTC, so that no wall time is lost or doubled."""
        at = self.noon
        while at < self.end:
            yield at
            at += HALF_AN_HOUR
        yield self.end - timedelta(minutes=1)


def changes(zone: str, after: date) -> list[Night]:
    """The next two nights after `after` in which the clock of `zone` changes: one short, one long."""
    found: list[Night] = []
    day = after
    while len(found) < 2:
        day += timedelta(days=1)
        night = Night(zone, day)
        if night.hours != 24:
            found.append(night)
    return found


def misplaced(night: Night, night_of: NightOf) -> list[datetime]:
    """Instants of the night that `night_of` gives to another one, and edges that it draws elsewhere than at noon."""
    wrong = [at for at in night.instants() if night_of(at, night.tz) != night.date]
    before, after = night.noon - timedelta(minutes=1), night.end
    wrong += [before] if night_of(before, night.tz) != night.date - timedelta(days=1) else []
    wrong += [after] if night_of(after, night.tz) != night.date + timedelta(days=1) else []
    return wrong


def by_elapsed_hours(instant: datetime, tz: tzinfo) -> date:
    """The control: twelve hours ago, counted in hours. Right on every night of 24 hours."""
    return (instant - timedelta(hours=12)).astimezone(tz).date()
