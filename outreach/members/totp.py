"""Codes of an application, taken for one step more than their 30 seconds, and once.

Rule of the module: RFC 6238 allows one step of delay (5.2) and forbids taking a code twice. The library forgets a used code
after one step; with a step of delay a code lives for three, so that is how long it is remembered here.
"""

from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as library
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from outreach.members import limits
from outreach.members.access_denied import Stranger
from outreach.members.models import Account
from privacy import clock
from privacy.audit import services as audit

USED = "second-factor-used"


def use_up(authenticator_id: int, code: str) -> bool:
    """Take `code` once; False when it was taken before, as long as it could be taken."""
    lifetime = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    # The key is hashed before Redis sees it (CACHES["default"]["KEY_FUNCTION"]).
    return bool(cache.add(f"{USED}:{authenticator_id}:{''.join(code.split())}", 1, timeout=lifetime))


class _Once:
    """Mixed into the library's forms, which check the code."""

    def clean_code(self) -> str:
        user: Account = self.user  # type: ignore[attr-defined]
        tried = limits.attempt(context.request, limits.Guess.CODE, user.email)
        if tried is None:
            audit.count_denied(Stranger.RATE.value, now=clock.now())
            raise limits.complaint(context.request)
        code: str = super().clean_code()  # type: ignore[misc]
        authenticator: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if not use_up(authenticator.pk, code):
            raise get_adapter().validation_error("incorrect_code")
        tried.rollback()
        return code


class AuthenticateForm(_Once, library.AuthenticateForm):  # type: ignore[misc]
    """The second step of a sign-in."""


class ReauthenticateForm(_Once, library.ReauthenticateForm):  # type: ignore[misc]
    """A proof asked for again."""
