"""What every place shares: applications, databases and their roles, sign-in, languages, the content security policy.

Rule of the module: settings name things and hold numbers of the machine; a rule about people lives in `privacy` or `outreach`.
"""

from typing import Any

from csp.constants import NONCE, NONE, SELF

from config.settings.environment import ROOT, read, whole
from privacy.db.forcing import SAYING_SO

SECRET_KEY = read("MARAUDES_SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS: list[str] = []
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "outreach.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "config",
    "privacy",
    "privacy.keystore",
    "privacy.audit",
    "privacy.retention",
    "outreach",
    "maps",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.forms",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "leaflet",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Answers come to a phone on a bad network: a quarter of their size, with random padding against whoever compares lengths.
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.headers.HeadersMiddleware",
    "outreach.sending.SendingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    # Before authentication: reading the account needs the scope that this middleware sets.
    "outreach.members.middleware.TenantMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "outreach.refusals.NotAllowedMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "outreach.ui.context",
            ]
        },
    }
]

FORM_RENDERER = "outreach.ui.FormRenderer"

# Databases. Each connection has its own role; a bug in one must not be a breach of another.
DB_ROLE = read("MARAUDES_DB_ROLE", "web")
CONN_MAX_AGE = 600


def database(name: str, role: str, engine: str = "privacy.db.backend") -> dict[str, Any]:
    """One connection as `maraudes_<role>`; only the owner may change tables."""
    options = {"application_name": f"maraudes-{role}"}
    if role == "owner" and read("MARAUDES_OWNER_WORK", ""):  # said by manage.py, never by a server
        options["options"] = SAYING_SO
    return {
        "ENGINE": engine,
        "NAME": name,
        "USER": f"maraudes_{role}",
        "PASSWORD": read(f"MARAUDES_DB_PASSWORD_{role.upper()}", ""),
        "HOST": read("MARAUDES_PG_HOST"),
        "PORT": read("MARAUDES_PG_PORT", "5432"),
        "CONN_MAX_AGE": CONN_MAX_AGE,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


_OWNER = DB_ROLE == "owner"
DATABASES: dict[str, dict[str, Any]] = {
    "default": database("maraudes", DB_ROLE),
    "keystore": database("maraudes_keys", "owner" if _OWNER else "keys", "django.db.backends.postgresql"),
    "audit": database("maraudes", "audit"),
}
DATABASE_ROUTERS = ["privacy.db.router.Router"]
KEK_DIR = read("MARAUDES_KEK_DIR")
# The folder of the log's signing key is the worker's: the web does not know of one, whatever its environment says.
AUDIT_KEY_DIR = "" if DB_ROLE == "web" else read("MARAUDES_AUDIT_KEY_DIR", "")
REDIS_URL = read("MARAUDES_REDIS_URL")

# Sign-in: e-mail and password, a second factor or a passkey; members come by invitation only.
AUTHENTICATION_BACKENDS = ["outreach.members.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "outreach.members.passwords.Guessable"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
# A proof is kept as the end of its quarter of an hour: it holds 5 to 20 minutes.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Guesses are counted in outreach.members.limits: the library's own limits can be used up by anybody for everybody.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}
ACCOUNT_FORMS = {"login": "outreach.members.entrance.LoginForm"}
ACCOUNT_ADAPTER = "outreach.members.adapters.AccountAdapter"
MFA_ADAPTER = "outreach.members.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# A passkey is a second factor: before sign-in, row security shows nobody's credentials.
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the invitation was the verification
MFA_TOTP_ISSUER = "maraudes"
MFA_TOTP_TOLERANCE = 1  # a code typed slowly, or a clock that is half a minute off
MFA_FORMS = {
    "authenticate": "outreach.members.totp.AuthenticateForm",
    "reauthenticate": "outreach.members.totp.ReauthenticateForm",
    "add_webauthn": "outreach.members.entrance.AddKeyForm",
    "edit_webauthn": "outreach.members.entrance.EditKeyForm",
}
USERSESSIONS_TRACK_ACTIVITY = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
# A mail server is optional, and then carries invitation links only: MARAUDES_SMTP_HOST and its companions.
EMAIL_HOST = read("MARAUDES_SMTP_HOST", "")
EMAIL_PORT = whole("MARAUDES_SMTP_PORT", 587)
EMAIL_HOST_USER = read("MARAUDES_SMTP_USER", "")
EMAIL_HOST_PASSWORD = read("MARAUDES_SMTP_PASSWORD", "")
EMAIL_USE_TLS = True
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = read("MARAUDES_MAIL_FROM", "maraudes@localhost")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"

# A session names an account and nothing else; it lives in the database, where it can be listed and revoked.
SESSION_ENGINE = "outreach.members.session_store"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "outreach.sending.csrf_failure"
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Rate limits of allauth count in Redis under hashed keys; no cache key holds a personal value.
# /healthz is open to strangers: however often they ask, a process looks again after this long.
HEALTH_HELD_SECONDS = 5
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "web",
        "KEY_FUNCTION": "config.cachekeys.opaque",
    }
}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

# Static files come from this origin alone: ours and Django packages'. What we use of the style library is made by script/css.mjs.
STATIC_URL = "/static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_ROOT = read("MARAUDES_STATIC_ROOT", str(ROOT / "var" / "static"))
GUIDES_DIR = ROOT / "docs" / "users"
LUCIDE_DIR = ROOT / "node_modules" / "lucide-static" / "icons"
LEAFLET_CONFIG: dict[str, Any] = {
    "TILES": [],
    "RESET_VIEW": False,
    "ATTRIBUTION_PREFIX": "",
    "NO_GLOBALS": True,
}

# Nothing but ourselves: a request to a third party would tell where someone looks.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# "no-referrer" would make browsers send `Origin: null`, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# No page takes a file: one that is sent is refused on its first byte, and none is ever written down.
FILE_UPLOAD_HANDLERS = ["config.uploads.Refusing"]

# GDAL before 3.9 cannot refuse network access for a hostile spatial reference. Ours opens no file, and outreach.places.outlines
# hands it nothing but codes and texts that name neither file nor address.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
LOGGING_CONFIG = "config.logging.configure"
LOGGING: dict[str, Any] = {"level": "INFO"}
