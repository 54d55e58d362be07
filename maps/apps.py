from django.apps import AppConfig


class MapsConfig(AppConfig):
    name = "maps"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from maps import accumulate, erasers, sums

        accumulate.register()
        erasers.register()
        sums.register()
