"""Connects what composes the house: system checks and the gates of third-party views."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks, gates, memory

        memory.keep_off_disk()
        checks.register_all()
        gates.declare_all()
