"""Where sessions are kept: Django's table, read in one plain statement, without the second in which a worker last did something.

Rule of the room: an expiry is rounded up to the hour. To the second, it would tell when its owner's session last changed.
"""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

from privacy.db import prepared


def full_hour(instant: datetime) -> datetime:
    """The next full hour, or the same instant when it is one."""
    hour = instant.replace(minute=0, second=0, microsecond=0)
    return hour if hour == instant else hour + timedelta(hours=1)


class SessionStore(DatabaseStore):
    def _get_session_from_db(self) -> Any:
        """The row of a session that lives, or None: every request of a signed-in person pays for this statement."""
        with prepared.cursor() as cursor:
            cursor.run(
                "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s",
                [self.session_key, timezone.now()],
            )
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        return SimpleNamespace(session_data=row[0])

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        made = super().create_model_instance(data)
        made.expire_date = full_hour(made.expire_date)
        return made
