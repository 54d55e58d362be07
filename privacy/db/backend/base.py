"""The database connection with row security.

Rule of the module: nothing here decides who may see what; it only hands the current scope to PostgreSQL.
What is hooked is the one place every transaction of Django passes (requests, tasks, commands); a
middleware's own `set_config` would be lost.
"""

from typing import Any

from django.contrib.gis.db.backends.postgis.base import DatabaseWrapper as PostGISWrapper

from privacy.compat import TransactionHook
from privacy.db.scope import SET_SCOPE, current


class DatabaseWrapper(TransactionHook, PostGISWrapper):
    def begun(self) -> None:
        """BEGIN and the scope travel together: every transaction of every request pays for this."""
        connection: Any = self.connection
        with connection.pipeline():
            self.apply_scope()

    def apply_scope(self) -> None:
        """Hand the current scope to the transaction that is open."""
        connection: Any = self.connection
        with connection.cursor() as cursor:
            cursor.execute(SET_SCOPE, current().settings())
