from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "outreach"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from outreach import erasers
        from outreach.members import factors, sessions
        from outreach.records import tasks

        erasers.register()
        tasks.register()
        sessions.connect()
        factors.connect()
