"""Settings of a drill's service: a developer's, on the folder that MARAUDES_VAR names, with quick password hashes and no demo."""

from config.settings.dev import *  # noqa: F403
from tests import moment

moment.follow()

DEMO = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
HEALTH_HELD_SECONDS = 0  # a drill breaks a part and asks at once
