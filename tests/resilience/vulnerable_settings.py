"""The drill's settings with pages that are broken on purpose, for the controls of its scanners and fuzzers."""

from tests.resilience.settings import *  # noqa: F403

ROOT_URLCONF = "tests.resilience.vulnerable_urls"
