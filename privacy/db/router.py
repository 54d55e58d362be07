"""Keys and data never share a database: the keystore app lives in its own, with its own role and no place in the data's dump."""

from typing import Any

KEYSTORE = "keystore"
AUDIT = "audit"
"""Another connection to the data, with the auditor's role; tables are made through `default` alone."""


class Router:
    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return KEYSTORE if model._meta.app_label == KEYSTORE else None

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool | None:
        return bool((one._meta.app_label == KEYSTORE) == (other._meta.app_label == KEYSTORE))

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return db != AUDIT and (db == KEYSTORE) == (app_label == KEYSTORE)
