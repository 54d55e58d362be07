"""What sign-in may do: no account without an invitation, and second-factor secrets sealed before they reach the database."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models.signals import pre_save
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """No mail server is needed and none is told who works here; a lost password is answered by a new invitation."""


class MFAAdapter(DefaultMFAAdapter):
    """TOTP keys and recovery seeds are sealed under the secret key, which is in no database and no dump."""

    def _box(self) -> Fernet:
        material = HKDF(hashes.SHA256(), 32, None, b"maraudes second factor 1").derive(settings.SECRET_KEY.encode())
        return Fernet(base64.urlsafe_b64encode(material))

    def encrypt(self, text: str) -> str:
        return self._box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._box().decrypt(encrypted_text.encode()).decode()


def device(user_agent: str) -> str:
    """One word for the device list ("Firefox · Android"): enough to recognise one's own phone, too little to follow it."""
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
    systems = (("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iOS"), ("Windows", "Windows"), ("Mac", "macOS"), ("Linux", "Linux"))
    browser = next((name for mark, name in browsers if mark in user_agent), "?")
    system = next((name for mark, name in systems if mark in user_agent), "?")
    return f"{browser} · {system}"


def keep_sessions_coarse() -> None:
    """The device list would record each worker's address, exact user agent and second of sign-in; a day and a word remain."""
    from allauth.usersessions.models import UserSession

    def coarsen(instance: UserSession, **_kwargs: Any) -> None:
        instance.ip = "0.0.0.0"  # noqa: S104 — an address of nobody, not one to listen on
        if " · " not in instance.user_agent:
            instance.user_agent = device(instance.user_agent)
        for field in ("created_at", "last_seen_at"):
            setattr(instance, field, getattr(instance, field).replace(hour=0, minute=0, second=0, microsecond=0))

    pre_save.connect(coarsen, sender=UserSession, weak=False, dispatch_uid="config.coarse_sessions")
