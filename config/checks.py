"""Unsafe configuration is refused at start, each refusal with an id and a hint. No check prints a value."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution

MIN_SECRET = 50  # characters; script/setup writes 64


def production(**_kwargs: Any) -> list[CheckMessage]:
    """What must never be true where real people's data lives."""
    if not getattr(settings, "PRODUCTION", False):
        return []
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(Error("DEBUG shows values to strangers.", hint="Remove DEBUG = True.", id="config.E001"))
    if getattr(settings, "CLOCK_OFFSET_DAYS", 0) or os.environ.get("MARAUDES_CLOCK_OFFSET_DAYS", "0") != "0":
        found.append(
            Error(
                "The clock is moved.",
                hint="Unset MARAUDES_CLOCK_OFFSET_DAYS; it is for demos.",
                id="config.E002",
            )
        )
    if len(settings.SECRET_KEY) < MIN_SECRET:
        hint = f"Give MARAUDES_SECRET_KEY at least {MIN_SECRET} random characters."
        found.append(Error("The secret key is too short.", hint=hint, id="config.E003"))
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "The host names are not listed.",
                hint="Set MARAUDES_HOSTS=a.example,b.example.",
                id="config.E004",
            )
        )
    if getattr(settings, "DEMO", False) or "demo" in settings.INSTALLED_APPS:
        found.append(Error("The demo is installed.", hint="Remove DEMO and the app demo.", id="config.E005"))
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        found.append(
            Error("Cookies would travel in clear.", hint="Keep *_COOKIE_SECURE = True.", id="config.E006")
        )
    return found


def proxies(**_kwargs: Any) -> list[CheckMessage]:
    """Guesses are counted by the network they come from: the web must know which proxies to believe about it."""
    serves = getattr(settings, "PRODUCTION", False) and settings.DB_ROLE == "web"
    if not serves or getattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0) >= 1:
        return []
    hint = "Set MARAUDES_PROXIES to the number of proxies that append to X-Forwarded-For: 1 for one that ends HTTPS."
    return [Error("The number of proxies in front is not said.", hint=hint, id="config.E013")]


def databases(**_kwargs: Any) -> list[CheckMessage]:
    """Each connection needs its own role and password, and the web process must not be the owner."""
    found: list[CheckMessage] = []
    for alias, database in settings.DATABASES.items():
        if not database["PASSWORD"] and alias in ("default", "keystore"):
            hint = f"Run script/setup or set MARAUDES_DB_PASSWORD_{database['USER'].removeprefix('maraudes_').upper()}."
            found.append(Error(f"The connection {alias} has no password.", hint=hint, id="config.E007"))
    keys = settings.DATABASES["keystore"]
    if keys["NAME"] == settings.DATABASES["default"]["NAME"]:
        found.append(
            Error("Keys and data share a database.", hint="Give the keystore its own.", id="config.E008")
        )
    return found


def kek_folder(**_kwargs: Any) -> list[CheckMessage]:
    """The folder of the key-encryption keys: there, private, and not on a shared or public place."""
    folder = Path(settings.KEK_DIR)
    if not folder.is_dir():
        return [
            Error(
                "The key folder is missing.", hint="Create MARAUDES_KEK_DIR with mode 0700.", id="config.E009"
            )
        ]
    if folder.stat().st_mode & 0o077:
        return [
            Error("Others can enter the key folder.", hint="chmod 700 MARAUDES_KEK_DIR.", id="config.E010")
        ]
    return []


def signing_folder(**_kwargs: Any) -> list[CheckMessage]:
    """The log's signing key: in a folder of its own, which no process of the web can enter."""
    if settings.DB_ROLE == "web":
        return _no_signing_key_for_the_web()
    if not settings.AUDIT_KEY_DIR:
        return []
    folder = Path(settings.AUDIT_KEY_DIR)
    if not folder.is_dir():
        hint = "Create MARAUDES_AUDIT_KEY_DIR with mode 0700."
        return [Error("The folder of the log's signing key is missing.", hint=hint, id="config.E014")]
    found: list[CheckMessage] = []
    if folder.stat().st_mode & 0o077:
        hint = "chmod 700 MARAUDES_AUDIT_KEY_DIR."
        found.append(Error("Others can enter the folder of the signing key.", hint=hint, id="config.E015"))
    if folder.resolve() == Path(settings.KEK_DIR).resolve():
        hint = "Give MARAUDES_AUDIT_KEY_DIR a folder that the web does not have."
        found.append(Error("The signing key would lie beside the epochs.", hint=hint, id="config.E016"))
    return found


def _no_signing_key_for_the_web() -> list[CheckMessage]:
    """In production only: on a developer's machine one user runs everything."""
    if not getattr(settings, "PRODUCTION", False):
        return []
    told = os.environ.get("MARAUDES_AUDIT_KEY_DIR", "")
    if told and os.access(told, os.R_OK | os.X_OK):
        hint = "Unset MARAUDES_AUDIT_KEY_DIR for the web, and give it neither the folder nor the volume."
        return [Error("The web can read the log's signing key.", hint=hint, id="config.E017")]
    if (Path(settings.KEK_DIR) / "audit-ed25519.key").exists():
        hint = "As the worker: manage.py audit_key --move."
        return [Error("The log's signing key still lies where the web reads.", hint=hint, id="config.E018")]
    return []


def content_security(**_kwargs: Any) -> list[CheckMessage]:
    """No source but ourselves: a request to a third party tells where someone looks."""
    policy: Any = settings.CONTENT_SECURITY_POLICY
    sources = {str(source) for values in policy["DIRECTIVES"].values() for source in values}
    if any(
        "://" in source or source in ("*", "https:", "'unsafe-inline'", "'unsafe-eval'") for source in sources
    ):
        return [
            Error("The content policy lets a third party in.", hint="Serve it from here.", id="config.E011")
        ]
    if settings.LEAFLET_CONFIG.get("TILES") != []:
        return [
            Caution("Map tiles are configured.", hint="Keep LEAFLET_CONFIG TILES empty.", id="config.W001")
        ]
    return []


def register_all() -> None:
    for check in (production, proxies, databases, kek_folder, signing_folder, content_security):
        register(check)
