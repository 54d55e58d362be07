"""The maps as an application. It registers with the packages below what a round adds to the sums, and how the sums die."""

from django.apps import AppConfig


class MapsConfig(AppConfig):
    name = "maps"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maps import aggregate_listeners, erasers, shorteners
        from maps.models import MonthlyAccumulator, WeeklySummary
        from privacy import sealed_sums

        aggregate_listeners.register()
        erasers.register()
        shorteners.register()
        sealed_sums.register(WeeklySummary)
        sealed_sums.register(MonthlyAccumulator)
