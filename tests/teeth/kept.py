"""A pytest plugin: the test databases stay from one planted fault to the next, so that each costs its tests and no set-up.

Not for a fault in a migration, which must make the tables.
"""

from django.db import connections
from pytest_django.plugin import blocking_manager_key  # noqa: F401 - here so that Django is set up before `tests.databases`

from tests import databases


def pytest_configure() -> None:
    make, drop = databases.create, databases.drop

    def create(*, durable: bool = True) -> None:
        for alias in databases.ALIASES:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = databases._name(alias)
        try:
            databases.empty()
        except Exception:  # not there yet, or half made
            databases.drop = drop
            make(durable=durable)
            databases.drop = close

    def close() -> None:
        for alias in databases.ALIASES:
            connections[alias].close()

    databases.create, databases.drop = create, close
