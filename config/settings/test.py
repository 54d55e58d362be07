"""The test run: real PostgreSQL and Redis, the web role, fast password hashes, an own Redis database.

`MARAUDES_TEST_SUFFIX` keeps the databases of several runs on one machine apart.
"""

from config.settings import environment

environment.load(environment.ROOT / "var" / "env")

from config.settings.base import *  # noqa: E402, F403
from config.settings.base import CACHES, DATABASES, INSTALLED_APPS, REDIS_URL  # noqa: E402

SUFFIX = environment.read("MARAUDES_TEST_SUFFIX", "")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
CLOCK_OFFSET_DAYS = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [*INSTALLED_APPS, "tension"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

for _alias in DATABASES.values():
    _alias["TEST"] = {"NAME": f"test_{SUFFIX}{_alias['NAME']}"}
CACHES["default"] = {**CACHES["default"], "KEY_PREFIX": f"test_{SUFFIX}"}
HEARTBEAT_PREFIX = f"test_{SUFFIX}"
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1) + "?virtual_host=9"
