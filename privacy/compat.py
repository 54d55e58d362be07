"""Every name of Django and allauth that their documents do not promise.

Rule of the module: nothing else of ours touches such a name, and tests/privacy/test_compat.py fails when one of them changes.
What a new version promises instead takes its place here and nowhere else. allauth's modules load models, and this one is read
before there are any: its names are looked up when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet
    from django.http import HttpRequest

ALLAUTH = {
    "perform_login": ("allauth.account.internal.flows.login", "request, login"),
    "record_authentication": ("allauth.account.internal.flows.login", "request, user, method, extra_data"),
    "did_recently_reauthenticate": ("allauth.account.internal.flows.reauthentication", "request"),
    "RateLimitUsage": ("allauth.core.internal.ratelimit", "usage"),
    "consume": (
        "allauth.core.internal.ratelimit",
        "request, app, action, config, key, user, dry_run, limit_get, raise_exception",
    ),
    "get_cache_key": ("allauth.core.internal.ratelimit", "request, app, action, rate, key, user"),
    "get_rates": ("allauth.core.internal.ratelimit", "app, action, config"),
    "respond_429": ("allauth.core.internal.ratelimit", "request"),
    "truncate_ip": ("allauth.core.internal.ratelimit", "ip"),
    "TOTP": ("allauth.mfa.totp.internal.auth", "instance"),
    "format_hotp_value": ("allauth.mfa.totp.internal.auth", "value"),
    "generate_totp_secret": ("allauth.mfa.totp.internal.auth", "length"),
    "hotp_value": ("allauth.mfa.totp.internal.auth", "secret, counter"),
}
"""Name → where it is, and the parameters by which we know it again."""


def __getattr__(name: str) -> Any:
    if name not in ALLAUTH:
        raise AttributeError(name)
    return getattr(import_module(ALLAUTH[name][0]), name)


class TransactionHook:
    """Tells a database backend that a transaction begins: every one passes here, whoever began it."""

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        if not autocommit:
            self.begun()

    def begun(self) -> None:
        raise NotImplementedError


class SessionRowHook:
    """Lets a session store read its row itself."""

    _session_key: Any

    def _get_session_from_db(self) -> Any:
        row = self.read_row()
        if row is None:
            self._session_key = None  # a key that a browser made up is never taken over
        return row

    def read_row(self) -> Any:
        """The row of `session_key` that lives, with its `session_data`; or None."""
        raise NotImplementedError


def delete_in_one_statement(rows: "QuerySet[Any]") -> int:
    """Delete without reading what hangs on the rows: PostgreSQL itself takes that along. Gives how many."""
    return int(rows._raw_delete(using=rows.db))


def user_of(request: "HttpRequest") -> "AbstractBaseUser | AnonymousUser | None":
    """Whom `set_user` put there, or Django's middleware; None when nobody looked yet."""
    return getattr(request, "_cached_user", None)


def set_user(request: "HttpRequest", user: "AbstractBaseUser | AnonymousUser") -> None:
    """Let Django's middleware, which comes later, find the account already loaded."""
    request._cached_user = user  # type: ignore[attr-defined]
