"""Where real people's data lives: plain environment or secret files, HTTPS only; config/checks.py refuses what is unsafe."""

from config.settings.base import *
from config.settings.environment import read, whole

PRODUCTION = True
LOGGING = {"level": "INFO", "quiet": True}
DEBUG = False
ALLOWED_HOSTS = [host for host in read("MARAUDES_HOSTS", "").split(",") if host]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies stand in front and append to X-Forwarded-For. One too many, and a stranger chooses the network by which guesses
# are counted; one too few, and all strangers share one limit, which any of them can use up. So there is no default: the web does
# not start until the operator says it (config.E013).
ALLAUTH_TRUSTED_PROXY_COUNT = whole("MARAUDES_PROXIES", 0)
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_SECURE = True
