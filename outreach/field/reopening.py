"""Fifteen minutes in which the lead's phone that closed a round may open it again.

Rule of the module: no table says at what minute a round was closed. The phone that closed it has a cookie for these minutes,
signed and bound to its account, which its browser then drops.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

from outreach.field import counter_cookie
from outreach.rounds.models import Round
from privacy.core.retention import night_of

MINUTES = 15


def offer(response: HttpResponse, round_: Round, now: datetime) -> None:
    """Let this phone open `round_` again until fifteen minutes from now."""
    until = now + timedelta(minutes=MINUTES)
    response.set_cookie(
        _name(round_),
        _signer(round_).sign(str(int(until.timestamp()))),
        max_age=MINUTES * 60,
        path=counter_cookie.home(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def is_offered(request: HttpRequest, round_: Round, now: datetime) -> bool:
    """Whether this account closed `round_` on this phone within the last fifteen minutes of a night that is not over."""
    try:
        until = int(_signer(round_).unsign(request.COOKIES.get(_name(round_), "")))
    except (BadSignature, ValueError):
        return False
    tonight = night_of(now, ZoneInfo(round_.association.timezone)) <= round_.night
    return tonight and round_.status == Round.Status.CLOSED and now <= datetime.fromtimestamp(until, UTC)


def withdraw(response: HttpResponse, round_: Round) -> None:
    response.delete_cookie(_name(round_), path=counter_cookie.home(), samesite="Lax")


def _name(round_: Round) -> str:
    return f"rouvrir-{round_.id.hex[:16]}-{counter_cookie.owner(round_.id)[:8]}"


def _signer(round_: Round) -> Signer:
    return Signer(salt=f"outreach.field.reopening:{round_.id.hex}:{counter_cookie.owner(round_.id)}")
