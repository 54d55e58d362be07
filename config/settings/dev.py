"""A developer's machine and the demo: values from var/env, plain HTTP on this machine only, a clock that can be moved.

`MARAUDES_DEBUG=1` shows tracebacks in the browser; `MARAUDES_CLOCK_OFFSET_DAYS=95` lets one watch a record
disappear; `MARAUDES_DEMO=0` refuses the demonstration's commands and hides its banner.
"""

from config.settings import environment

environment.load(environment.VAR / "env")

from config.settings.base import *  # noqa: E402
from config.settings.base import INSTALLED_APPS  # noqa: E402

DEBUG = environment.read("MARAUDES_DEBUG", "0") == "1"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
DEMO = environment.read("MARAUDES_DEMO", "1") == "1"
DEMO_KEYS = environment.VAR / "demo-accounts"
CLOCK_OFFSET_DAYS = environment.whole("MARAUDES_CLOCK_OFFSET_DAYS", 0)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
