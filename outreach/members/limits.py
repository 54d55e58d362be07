"""How often somebody may guess, so that nobody can use up the tries of others.

Rule of the module: a guess is counted for the account **and** the network it comes from; a browser that signed in to the account
before has a count of its own, and passes what strangers used up. Counts live in Redis for an hour at most, under keys that say
nothing (config/cachekeys.py).
"""

import ipaddress
import time
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from outreach.members import known
from privacy import compat

UNKNOWN_ADDRESS = "unknown"
"""The operator's proxy tells none. Such requests have no count of their network: anybody could use it up for all."""

RATES = {
    # One account from one network; from one browser that knows it.
    "here": "5/300s/key,20/3600s/key",
    # One account from all networks together, browsers that never signed in: guesses spread over a hundred machines.
    "password": "200/3600s/key",
    "code": "60/3600s/key",
    # One network, whatever the account: what a guess costs us. Wrong ones; and tries of any kind.
    "wrong": "10/60s/key",
    "tries": "30/60s/key",
    # Invitation links that do not exist, from one network; and from those of whom we know no network.
    "link": "10/60s/key",
    "links": "300/60s/key",
    # Kept seals that one auditor checks: each reads the whole log.
    "checks": "6/60s/key",
}
_IPV4, _IPV6 = 24, 48
_MINUTE = 60


class Guess(StrEnum):
    """What is guessed."""

    PASSWORD = "password"  # noqa: S105 — a word, no secret
    CODE = "code"


@dataclass(slots=True)
class Attempt:
    """A guess that was counted; `rollback` takes it back when it was right."""

    usages: list[compat.RateLimitUsage] = field(default_factory=list)

    def rollback(self) -> None:
        for usage in self.usages:
            usage.rollback()

    def count(self, request: HttpRequest, action: str, key: str) -> bool:
        usage = compat.consume(request, app="outreach", action=action, config=RATES, key=key)
        if usage is not None:
            self.usages.append(usage)
        return usage is not None


def attempt(request: HttpRequest, guess: Guess, email: str) -> Attempt | None:
    """Count one guess about the account of `email`; None when it must not be looked at."""
    email = email.strip().lower()
    made = Attempt()
    browser = known.word_of(request, email) or _own_session(request, email)
    if browser and made.count(request, "here", f"{guess}:{email}:browser:{browser}"):
        return made
    address = address_of(request)
    steps = [("here", f"{guess}:{email}:network:{network_of(address)}"), (guess.value, email)]
    if address != UNKNOWN_ADDRESS:
        steps.append(("wrong", address))
    for action, key in steps:
        if not made.count(request, action, key):
            made.rollback()
            _note_wait(request, steps)
            return None
    return made


def refuse_flood(request: HttpRequest, email: str) -> None:
    """Raise the answer 429 when a network tries too often to sign in, right or wrong; known browsers are not asked."""
    address = address_of(request)
    if address == UNKNOWN_ADDRESS or known.word_of(request, email.strip().lower()):
        return
    if not Attempt().count(request, "tries", address):
        _note_wait(request, [("tries", address)])
        raise ImmediateHttpResponse(compat.respond_429(request))


def too_many_dead_links(request: HttpRequest) -> HttpResponse | None:
    """The 429 page for a network that tried too many links that do not exist. A link that does is never counted."""
    address = address_of(request)
    action = "links" if address == UNKNOWN_ADDRESS else "link"
    if Attempt().count(request, action, address):
        return None
    _note_wait(request, [(action, address)])
    return too_many(request)


def too_many_checks(request: HttpRequest, account_id: UUID) -> HttpResponse | None:
    """The 429 page for somebody who checks kept seals more often than one can read the answers."""
    if Attempt().count(request, "checks", str(account_id)):
        return None
    _note_wait(request, [("checks", str(account_id))])
    return too_many(request)


def too_many(request: HttpRequest) -> HttpResponse:
    """The page 429, ours and the library's (config.urls.handler429). It says how long to wait, and that is true."""
    seconds = getattr(
        request, "wait", _MINUTE
    )  # the library's own limits, of account pages, are all by the minute
    answer = render(request, "429.html", {"minutes": _minutes(seconds)}, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def complaint(request: HttpRequest) -> ValidationError:
    """The same for a form."""
    minutes = _minutes(getattr(request, "wait", _MINUTE))
    said = ngettext(
        "Trop d’essais. Attendez %(minutes)d minute, puis réessayez.",
        "Trop d’essais. Attendez %(minutes)d minutes, puis réessayez.",
        minutes,
    )
    return ValidationError(said % {"minutes": minutes}, code="too_many_login_attempts")


def _minutes(seconds: int) -> int:
    return max(1, ceil(seconds / _MINUTE))


def _note_wait(request: HttpRequest, steps: list[tuple[str, str]]) -> None:
    """Remember on the request when each of `steps` would let somebody try again: in the longest of their waits."""
    now, wait = time.time(), 0.0
    for action, key in steps:
        for rate in compat.get_rates(app="outreach", action=action, config=RATES):
            place = compat.get_cache_key(request, app="outreach", action=action, rate=rate, key=key)
            tries = cache.get(place, [])  # newest first
            if len(tries) >= rate.amount:
                wait = max(wait, tries[rate.amount - 1] + rate.duration - now)
    request.wait = ceil(wait)  # type: ignore[attr-defined]


def address_of(request: HttpRequest) -> str:
    """As the library counts addresses: IPv4 whole, IPv6 by /64."""
    return str(compat.truncate_ip(get_adapter().get_client_ip(request)))


def network_of(address: str) -> str:
    """The neighbourhood of an address: who rents one has many."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    prefix = _IPV4 if parsed.version == 4 else _IPV6
    return str(ipaddress.ip_network(f"{parsed}/{prefix}", strict=False).network_address)


def _own_session(request: HttpRequest, email: str) -> str | None:
    """Somebody signed in who proves once more who they are."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated and user.email == email
    return str(request.session.session_key) if signed_in else None
