"""Where sessions are kept: Django's table, read in one plain statement, without the second in which a worker last did something.

Rule of the module: a session ends at a noon, whenever it was last used. An hour would tell when its owner worked; and a session
that ends so many hours after a sign-in ends in the middle of a night.
"""

from datetime import UTC, datetime, time, timedelta, tzinfo
from types import SimpleNamespace
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

from privacy.compat import SessionRowHook
from privacy.db import prepared


def full_hour(instant: datetime) -> datetime:
    """The next full hour, or the same instant when it is one."""
    hour = instant.replace(minute=0, second=0, microsecond=0)
    return hour if hour == instant else hour + timedelta(hours=1)


LEAST = timedelta(hours=4)
"""How long a session lasts at the least after it was used: one that is used in the morning lasts through the next night."""


def end_after(used: datetime, zone: tzinfo) -> datetime:
    """The first noon in `zone` that is at least LEAST away, as a full hour: the one that ends the night it was used in."""
    local = used.astimezone(zone)
    noon = datetime.combine(local.date(), time(12), zone)
    if noon - local < LEAST:
        noon = datetime.combine(local.date() + timedelta(days=1), time(12), zone)
    return full_hour(noon.astimezone(UTC))


class SessionStore(SessionRowHook, DatabaseStore):
    ends: datetime | None = None
    """When the row that was read ends; None before it was read."""

    def read_row(self) -> Any:
        """The row of a session that lives, or None: every request of a signed-in person pays for this statement."""
        with prepared.cursor() as cursor:
            cursor.run(
                "SELECT session_data, expire_date FROM django_session WHERE session_key = %s AND expire_date > %s",
                [self.session_key, timezone.now()],
            )
            row = cursor.fetchone()
        if row is None:
            return None
        self.ends = row[1]
        return SimpleNamespace(session_data=row[0])

    def prolong(self, zone: tzinfo) -> None:
        """It was used: it lasts until the night is over. Written at most once a night, and says of the night no hour."""
        wanted = end_after(timezone.now(), zone)
        if self.ends is None or self.ends >= wanted:
            return
        with prepared.cursor() as cursor:
            cursor.run(
                "UPDATE django_session SET expire_date = %s WHERE session_key = %s",
                [wanted, self.session_key],
            )
        self.ends = wanted

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        made = super().create_model_instance(data)
        made.expire_date = end_after(timezone.now(), timezone.get_default_timezone())
        return made
