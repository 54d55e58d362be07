"""The log as an application. It registers how its own bodies are forgotten: the purge knows no table by name."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "privacy.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from privacy.audit.erasing import BODIES, STUCK
        from privacy.erasers import register

        register(BODIES)
        register(STUCK)
