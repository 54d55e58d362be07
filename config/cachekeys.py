"""Cache keys without a readable part: allauth's rate limits would otherwise write an IP address into Redis."""

import hashlib
import hmac

from django.conf import settings


def opaque(key: str, prefix: str, version: int) -> str:
    """The key under which Redis stores an entry: an HMAC of the name, useless without the secret key."""
    name = hmac.new(settings.SECRET_KEY.encode(), f"{version}:{key}".encode(), hashlib.sha256)
    return f"{prefix}:{name.hexdigest()}"
