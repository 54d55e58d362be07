"""Connects what composes the house: system checks, gates of third-party views, the coarse device list."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks, gates, signin

        checks.register_all()
        gates.declare_all()
        signin.keep_sessions_coarse()
