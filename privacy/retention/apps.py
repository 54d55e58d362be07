"""The account book, the high-water mark and the purges as an application; whoever stores data registers its erasers."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from privacy.db import statistics


class RetentionConfig(AppConfig):
    name = "privacy.retention"
    label = "retention"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_forbid_statistics, sender=self, dispatch_uid="retention.statistics")


def _forbid_statistics(using: str, **_more: Any) -> None:
    """After the tables of every application were made, in each database that was migrated."""
    statistics.forbid(connections[using])
