"""The one place where the service reads the time; services take `now` as an argument and views ask here once.

Outside production `CLOCK_OFFSET_DAYS` moves the clock, so that a person can watch their own data disappear in a demo.
Production settings do not define it, and a system check refuses to start if they do.
"""

from datetime import UTC, date, datetime, timedelta

from django.conf import settings


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return moved(datetime.now(UTC))


def moved(instant: datetime) -> datetime:
    """An instant of the machine's own clock as the service's clock shows it; at the same time of its day."""
    return instant + timedelta(days=getattr(settings, "CLOCK_OFFSET_DAYS", 0))


def today() -> date:
    """The UTC day. A bucket that expires on day D is unreadable from D 00:00 UTC on."""
    return now().date()
