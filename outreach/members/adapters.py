"""What the login library may do here: no account without an invitation, no mail, second-factor secrets sealed at rest."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse

from outreach.members import known, limits
from outreach.members.access_denied import Stranger
from outreach.members.models import Account
from privacy import clock
from privacy.audit import services as audit


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """No mail server is needed and none is told who works here; a lost password is answered by a new invitation."""

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **more: Any
    ) -> None:
        """A greeting stands alone: no "Done." before it."""
        if message_template == "account/messages/logged_in.txt":
            more["extra_tags"] = "greeting"
        super().add_message(request, level, message_template, *args, **more)

    def get_client_ip(self, request: HttpRequest) -> str:
        """For rate limits only; it is hashed before it becomes a cache key and is stored nowhere else."""
        try:
            return str(super().get_client_ip(request))
        except (
            PermissionDenied,
            ImproperlyConfigured,
        ):  # no address at all, or fewer than the proxies would add
            return limits.UNKNOWN_ADDRESS

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Instead of the library's limits, which anybody could use up for everybody (members.limits)."""
        email = str(credentials.get("email", ""))
        try:
            limits.refuse_flood(request, email)
        except ImmediateHttpResponse:
            audit.count_denied(Stranger.RATE.value, now=clock.now())
            raise
        self.attempt = limits.attempt(request, limits.Guess.PASSWORD, email)
        if self.attempt is None:
            audit.count_denied(Stranger.RATE.value, now=clock.now())
            raise limits.complaint(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """A right password is no guess: its count is taken back."""
        user = super().authenticate(request, **credentials)
        if user and self.attempt:
            self.attempt.rollback()
        return user

    def post_login(self, request: HttpRequest, user: Account, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        known.remember(request, response, user.email)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Counted, never listed: a list of failed sign-ins says which addresses somebody tried."""
        audit.count_denied(Stranger.LOGIN.value, now=clock.now())


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP keys and recovery seeds are sealed under the secret key, which is in no database and no dump."""

    def _box(self) -> Fernet:
        material = HKDF(hashes.SHA256(), 32, None, b"maraudes second factor 1").derive(
            settings.SECRET_KEY.encode()
        )
        return Fernet(base64.urlsafe_b64encode(material))

    def encrypt(self, text: str) -> str:
        return self._box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._box().decrypt(encrypted_text.encode()).decode()
