"""What every test may ask for. Tests commit for real and run as the real database roles; each one starts from empty tables.

Mark a test (or a module) `@pytest.mark.database`; ask for `lanterne` and `passerelle` to have the cast.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import Client
from pytest_django.plugin import blocking_manager_key

from tests import moment

moment.restart()  # before anything else of the tests looks at a clock

from tests import databases, factories  # noqa: E402

os.environ.setdefault(
    "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
)  # Playwright's synchronous API runs an event loop of its own
pytest_plugins = ["tests.browser"] if (Path(__file__).parent / "browser.py").exists() else []


@pytest.fixture(scope="session")
def _databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    settings.KEK_DIR = str(tmp_path_factory.mktemp("kek"))
    settings.MARAUDES_KEK_DIR = settings.KEK_DIR
    settings.AUDIT_KEY_DIR = str(tmp_path_factory.mktemp("audit"))
    with request.config.stash[blocking_manager_key].unblock():
        databases.create(durable=False)
        yield
        databases.drop()


@pytest.fixture(scope="module", autouse=True)
def _at_the_moment() -> None:
    """Every file begins there: how long those before it took changes nothing."""
    moment.restart()
    databases.set_clock()


@pytest.fixture(autouse=True)
def db_clean(request: pytest.FixtureRequest) -> Iterator[None]:
    """For tests marked `database`: unblocks Django's connections and empties every table afterwards."""
    if request.node.get_closest_marker("database") is None:
        yield
        return
    request.getfixturevalue("_databases")
    blocker = request.config.stash[blocking_manager_key]
    with blocker.unblock():
        yield
        for alias in databases.ALIASES:
            connections[alias].close()
        databases.empty()
        cache.clear()
        for folder, name in (
            (settings.KEK_DIR, "epoch-*.key"),
            (settings.AUDIT_KEY_DIR, "audit-last-checkpoint"),
            (settings.AUDIT_KEY_DIR, "audit-origin"),
        ):
            for file in Path(folder).glob(name):
                file.unlink()


@pytest.fixture
def new_files(db_clean: None) -> None:
    """For tests that read the files of the tables: they hold nothing of the tests before."""
    databases.empty(most=0)


@pytest.fixture
def lanterne(db_clean: None) -> factories.Tenant:
    """Lanterne, made by the owner."""
    with databases.as_owner():
        return factories.make_lanterne()


@pytest.fixture
def passerelle(db_clean: None) -> factories.Tenant:
    """Passerelle, which walks the same streets and must see nothing of Lanterne."""
    with databases.as_owner():
        return factories.make_passerelle()


@pytest.fixture
def client() -> Client:
    return Client()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Said of a quiet run too: a failure at a drawn moment can be repeated."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f"the tests' moment: {moment.ASKED}={moment.MOMENT:%Y-%m-%dT%H:%M}")
