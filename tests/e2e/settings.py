"""Settings of the processes that a journey starts: the tests' own, on the tests' databases, with a clock that can be moved."""

from config.settings.environment import read
from config.settings.test import *  # noqa: F403
from config.settings.test import DATABASES
from tests import moment

moment.follow()

for _database in DATABASES.values():
    _database["NAME"] = _database["TEST"]["NAME"]
CLOCK_OFFSET_DAYS = int(read("MARAUDES_CLOCK_OFFSET_DAYS", "0"))
