"""The associations' work as one application: packages are folders, and their models share one set of migrations."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "outreach"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from outreach import erasers, models, shortening
        from outreach.closing import orphans
        from outreach.members import mfa_signals, sessions
        from privacy import sealed_sums

        erasers.register()
        shortening.register_all()
        orphans.register()
        sealed_sums.register(models.RunningMonth)
        sealed_sums.register(models.RunningQuarter)
        sessions.connect()
        mfa_signals.connect()
