"""The test run: real PostgreSQL and Redis, the web role, fast password hashes.

`MARAUDES_TEST_SUFFIX` keeps several runs on one machine apart, and pytest-xdist its workers: it names their databases. Each run
claims a numbered database of Redis as well, because a test empties its own (config/settings/numbers.py).
"""

from config.settings import environment, numbers

environment.load(environment.VAR / "env")

from config.settings.base import *  # noqa: E402
from config.settings.base import CACHES, DATABASES, INSTALLED_APPS, REDIS_URL  # noqa: E402

WORKER = environment.read("PYTEST_XDIST_WORKER", "")
SUFFIX = environment.read("MARAUDES_TEST_SUFFIX", "") + (f"{WORKER}_" if WORKER else "")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
CLOCK_OFFSET_DAYS = 0
HEALTH_HELD_SECONDS = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
DEMO_KEYS = environment.VAR / f"test-{SUFFIX}demo-accounts"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

for _alias in DATABASES.values():
    _alias["TEST"] = {"NAME": f"test_{SUFFIX}{_alias['NAME']}"}

_NUMBER = numbers.number_of(environment.VAR / "redis-numbers", SUFFIX)
HEARTBEAT_PREFIX = f"test_{SUFFIX}"
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1) + f"?virtual_host={_NUMBER}"
REDIS_URL = f"{REDIS_URL}?db={_NUMBER}"
CACHES["default"] = {**CACHES["default"], "LOCATION": REDIS_URL, "KEY_PREFIX": f"test_{SUFFIX}"}
