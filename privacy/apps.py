"""Tells Django of the privacy package as a whole; keystore, audit and retention are applications of their own."""

from django.apps import AppConfig
from django.core.signals import request_started
from django.db.models.signals import post_migrate


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = "Privacy mechanisms"

    def ready(self) -> None:
        from privacy import sealed_rows
        from privacy.db import forcing

        post_migrate.connect(forcing.after_migration, dispatch_uid="privacy.forcing")
        request_started.connect(sealed_rows.begin, dispatch_uid="privacy.sealed_rows")
