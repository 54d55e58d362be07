"""What a session keeps of a worker: an account, the day it began, a word for the device. Nothing to follow anybody by.

Rule of the module: the login library wants an IP address, the exact browser and the second of the sign-in, in its
list of devices and in the session itself. They are reduced before they are stored, and the database refuses rows
that are not reduced.
"""

from datetime import date, datetime, time, timedelta, tzinfo
from math import ceil
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.signals import authentication_step_completed, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection
from django.db.models.signals import pre_save
from django.http import HttpRequest
from django.utils import timezone

from outreach.members.models import Membership
from outreach.members.session_store import SessionStore
from privacy import clock
from privacy.core.policy import DEFAULT

MEMBERSHIP = "membership"
"""Session key: the membership a person chose to look as."""

WAITS = "attente-"
"""How the name of a cookie begins that says: counts of a round wait on this phone (outreach.field.counter_cookie)."""

SINCE = "since"
"""Session key: the UTC day on which it began."""

RESUME = "account_reauthentication_state"
"""Session key of allauth: the request that waits for a second proof, with every header and answer of it."""

STASH = "account_login"
"""Session key of allauth: a sign-in between its password and its second factor."""

QUARTER = 900
"""Seconds to which the time of a sign-in is rounded up."""

NO_ADDRESS = "0.0.0.0"  # noqa: S104 — an address of nobody, not one to listen on
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac", "macOS"),
    ("Linux", "Linux"),
)


def device(user_agent: str) -> str:
    """ "Firefox · Android": enough to recognise one's own phone, too little to follow it."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "?")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "?")
    return f"{browser} · {system}"


def is_over(
    request: HttpRequest, now: datetime, term: int = DEFAULT.session_days, zone: tzinfo | None = None
) -> bool:
    """Whether the session's term is over: at the last noon before the day on which the purge erases it (`erasers`).

    `term` days after it began; the shortest of the associations its owner works in. At a noon: it does not end within a night.
    """
    end = _end_of_term(request, term, zone or timezone.get_default_timezone())
    return end is not None and now >= end


def _end_of_term(request: HttpRequest, term: int, zone: tzinfo) -> datetime | None:
    try:
        since = date.fromisoformat(request.session[SINCE])
    except (KeyError, ValueError):
        return None
    return datetime.combine(since + timedelta(days=term - 1), time(12), zone)


def prolong(request: HttpRequest, term: int, zone: tzinfo) -> None:
    """The session was used: it lasts until the night is over; what a page says of its end is put on the request."""
    session = request.session
    if not isinstance(session, SessionStore):
        return
    session.prolong(zone)
    # The row goes by the machine's clock, as the framework does; the term and the page by the service's.
    row = clock.moved(session.ends.astimezone(zone)) if session.ends else None
    ends = [one for one in (row, _end_of_term(request, term, zone)) if one is not None]
    request.session_ends = min(ends).astimezone(zone) if ends else None  # type: ignore[attr-defined]


def tidy(request: HttpRequest) -> None:
    """Take out of the session what allauth parks there of a person.

    A whole request that waits for a second proof (address, browser, what was typed): the person comes back to its page
    instead. And the address typed before the second factor.
    """
    if "request" in request.session.get(RESUME, {}):
        del request.session[RESUME]
    stash = request.session.get(STASH)
    if isinstance(stash, dict) and stash.get("email"):
        request.session[STASH] = {**stash, "email": None}


def end_everywhere(membership: Membership) -> int | None:
    """Sign a member of the scope's association out of every device; returns how many sessions ended.

    None, and nothing ended, for somebody who works in another association too. The database function checks that, and that an
    administrator of that association asks for a member of it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT outreach_end_sessions(%s)", [membership.id])
        ended = cursor.fetchone()[0]
        return None if ended is None else int(ended)


def _coarsen(instance: UserSession, **_kwargs: Any) -> None:
    instance.ip = NO_ADDRESS
    if " · " not in instance.user_agent:
        instance.user_agent = device(instance.user_agent)
    for field in ("created_at", "last_seen_at"):
        setattr(instance, field, getattr(instance, field).replace(hour=0, minute=0, second=0, microsecond=0))


def _coarsen_factor(instance: Authenticator, **_kwargs: Any) -> None:
    """When a second factor was last used is when somebody signed in: nobody reads it, so it is not kept."""
    instance.last_used_at = None
    instance.created_at = instance.created_at.replace(hour=0, minute=0, second=0, microsecond=0)


def _begin(request: HttpRequest, **_kwargs: Any) -> None:
    request.session[SINCE] = clock.today().isoformat()


def _coarsen_proofs(request: HttpRequest, **_kwargs: Any) -> None:
    """allauth writes the typed address and the second beside each proof. Who it is stands in the session once already, as an
    account id; when, is needed to ask for the password again after a while: the end of the quarter of an hour is enough.
    """
    for record in request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, []):
        record.pop("email", None)
        if isinstance(record.get("at"), int | float):
            record["at"] = QUARTER * ceil(record["at"] / QUARTER)
    request.session.modified = True


def connect() -> None:
    """Called once, when the application is ready."""
    pre_save.connect(_coarsen, sender=UserSession, dispatch_uid="members.coarse")
    pre_save.connect(_coarsen_factor, sender=Authenticator, dispatch_uid="members.coarse-factor")
    user_logged_in.connect(_begin, dispatch_uid="members.begin")
    authentication_step_completed.connect(_coarsen_proofs, dispatch_uid="members.proofs")
