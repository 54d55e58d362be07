"""Connects what composes the service: system checks and the access rules of third-party views."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import access_rules, checks, memory

        memory.keep_off_disk()
        checks.register_all()
        access_rules.declare_all()
