"""Real processes, on the tests' databases, for the length of a module; people in browsers of their own."""

from collections.abc import Iterator

import pytest

from tests.e2e.processes import Processes


@pytest.fixture
def processes(db_clean: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    yield Processes(tmp_path_factory.mktemp("processes"))
