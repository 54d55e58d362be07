"""The demonstration as an application: its commands and the role switcher. Production settings leave it out."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Registers nothing: the lower packages must not know that a demonstration exists."""

    name = "demo"
    label = "demo"
    verbose_name = "demo"
