"""The associations' work as one application: rooms are folders, and their models share one set of migrations."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "outreach"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from outreach import erasers, models, shortening
        from outreach.members import factors, sessions
        from outreach.records import tasks
        from privacy import sealed_sums

        erasers.register()
        shortening.register_all()
        tasks.register()
        sealed_sums.register(models.RunningMonth)
        sealed_sums.register(models.RunningQuarter)
        sessions.connect()
        factors.connect()
