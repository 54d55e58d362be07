"""Each test of the log starts with no promise made: neither in the database nor beside the key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from privacy.audit import keys


@pytest.fixture(autouse=True)
def no_promise(request: pytest.FixtureRequest, db_clean: None) -> Iterator[None]:
    yield
    if request.node.get_closest_marker("database") is None:
        return  # without the tests' databases the folder is still the installation's own
    for name in (keys.LAST_FILE, keys.ORIGIN_FILE):
        (Path(settings.AUDIT_KEY_DIR) / name).unlink(missing_ok=True)
