"""Browsers that were let in before: a cookie that names nobody, by which an account's own people pass what strangers used up.

Rule of the module: nothing is stored on the server. An entry is a random word, a month, and a signature over both and the
account's address, which stands in no cookie; who reads the cookie learns that somebody signed in here in that month. It
opens nothing: it only decides by which limit a guess is counted (members.limits).
"""

import secrets
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from privacy import clock

MONTHS = 12
"""How long a browser is remembered, counted from the first day of the month of its last sign-in."""

MOST = 6
"""Accounts that one browser remembers: a phone that a team shares."""


class _Entry(NamedTuple):
    month: str
    word: str
    mac: str


def cookie_name() -> str:
    return "__Host-known" if settings.SESSION_COOKIE_SECURE else "known"


def word_of(request: HttpRequest, email: str) -> str | None:
    """The random word of this browser for the account of `email`; None for a browser that never signed in to it."""
    entry = _find(request, email)
    return entry.word if entry else None


def remember(request: HttpRequest, response: HttpResponseBase, email: str) -> None:
    """This browser just signed in to the account of `email`."""
    month = clock.today().replace(day=1)
    mine = _find(request, email)
    word = mine.word if mine else secrets.token_hex(8)
    fresh = _Entry(month.isoformat(), word, _mac(month.isoformat(), word, email))
    others = [entry for entry in _entries(request) if entry != mine]
    kept = [fresh, *others][:MOST]
    response.set_cookie(
        cookie_name(),
        ".".join("_".join(entry) for entry in kept),
        expires=datetime.combine(_after(month), time(), clock.now().tzinfo),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _find(request: HttpRequest, email: str) -> _Entry | None:
    return next(
        (
            entry
            for entry in _entries(request)
            if constant_time_compare(entry.mac, _mac(entry.month, entry.word, email))
        ),
        None,
    )


def _entries(request: HttpRequest) -> Iterator[_Entry]:
    """What the cookie holds and is not too old; signatures are looked at where an address is known."""
    today = clock.today()
    for text in request.COOKIES.get(cookie_name(), "").split(".")[:MOST]:
        parts = text.split("_")
        if len(parts) != 3:
            continue
        entry = _Entry(*parts)
        try:
            over = today >= _after(date.fromisoformat(entry.month))
        except (ValueError, OverflowError):
            continue
        if not over:
            yield entry


def _after(month: date) -> date:
    return month.replace(year=month.year + MONTHS // 12)


def _mac(month: str, word: str, email: str) -> str:
    key = f"{month}:{word}:{email.strip().lower()}"
    return salted_hmac("outreach.members.known", key, algorithm="sha256").hexdigest()[:32]
