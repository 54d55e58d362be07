"""Settings of the servers under measurement: the test settings on the test databases; `bare` has no middleware and one view."""

import os

from config.settings.test import *  # noqa: F403
from config.settings.test import DATABASES
from tests import moment

moment.follow()

for _alias in DATABASES.values():
    _alias["NAME"] = _alias["TEST"]["NAME"]
SECURE_SSL_REDIRECT = False
if os.environ.get("BENCH_BARE"):
    MIDDLEWARE = []
    INSTALLED_APPS = []
    AUTH_USER_MODEL = "auth.User"
    ROOT_URLCONF = "tests.bench.bare"
    DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
