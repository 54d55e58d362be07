"""What the rest of the service may do with the log: add to it. Nothing here reads, and nothing can be taken back.

Rule of the module: `record` inserts in the caller's transaction, so that what did not happen is not logged and
what was not logged did not happen. Arguments are words of checked alphabets, never a name, an address, a
place or a free text.
"""

import re
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection

from privacy.audit.actors import Actor
from privacy.audit.events import DONE, Event
from privacy.audit.models import PendingEvent

_ACTOR = re.compile(r"[A-Za-z0-9_.:+-]{1,80}")
_WORD = re.compile(r"[a-z0-9_.:+-]{0,40}")
_OUTCOME = re.compile(r"[a-z0-9_-]{1,30}")


def record(
    event: Event,
    *,
    association_id: UUID | None,
    actor: Actor,
    subject_kind: str = "",
    count: int | None = None,
    outcome: str = DONE,
    now: datetime,
) -> None:
    """Note that `event` happened on the UTC day of `now` (aware), in the caller's transaction on `default`.

    association_id: opaque tenant, None for what concerns the whole installation. actor: made by `privacy.audit.actors`,
    1-80 characters of [A-Za-z0-9_.:+-]. subject_kind: kind of thing, never which one;
    at most 40 of [a-z0-9_.:+-]. count: how many, 0 to 2**31 - 1. outcome: one word. Raises ValueError naming
    the argument (never its value) that breaks these rules.

    For a request the database itself decides the day and refuses another association, the system's name and, after a few lines
    of one person, kind and day, one more (see `events.ceiling`): then nothing is added, and nothing is raised.
    """
    for name, value, alphabet in (
        ("actor", actor, _ACTOR),
        ("subject_kind", subject_kind, _WORD),
        ("outcome", outcome, _OUTCOME),
    ):
        if not alphabet.fullmatch(value):
            raise ValueError(name)
    if count is not None and not 0 <= count < 2**31:
        raise ValueError("count")
    PendingEvent(
        day=now.astimezone(UTC).date(),
        event=Event(event).value,
        association_id=association_id,
        actor=actor,
        subject_kind=subject_kind,
        count=count,
        outcome=outcome,
    ).save(force_insert=True)


def count_denied(kind: str, *, now: datetime) -> None:
    """Count one refusal of somebody without an account, up to a ceiling per day and kind; one word,
    [a-z0-9_-], 1-30 characters.

    A lower bound by design: when two requests count at once, one of them may not wait, and counts nothing.
    """
    if not _OUTCOME.fullmatch(kind):
        raise ValueError("kind")
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_count_denied(%s, %s)", [now.astimezone(UTC).date(), kind])
