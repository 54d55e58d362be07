"""Codes of an application, taken for one step more than their 30 seconds, and once.

Rule of the room: RFC 6238 allows one step of delay (5.2) and forbids taking a code twice. The library forgets a used code
after one step; with a step of delay a code lives for three, so that is how long it is remembered here.
"""

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as library
from allauth.mfa.models import Authenticator
from django.core.cache import cache

USED = "second-factor-used"


class _Once:
    """Mixed into the library's forms, which check the code and count the attempts."""

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        authenticator: Authenticator = self.authenticator  # type: ignore[attr-defined]
        lifetime = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
        digits = "".join(code.split())
        # The key is hashed before Redis sees it (CACHES["default"]["KEY_FUNCTION"]).
        if not cache.add(f"{USED}:{authenticator.pk}:{digits}", 1, timeout=lifetime):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(_Once, library.AuthenticateForm):  # type: ignore[misc]
    """The second step of a sign-in."""


class ReauthenticateForm(_Once, library.ReauthenticateForm):  # type: ignore[misc]
    """A proof asked for again."""
