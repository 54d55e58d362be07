"""The experiment's app: demo commands only. Production settings leave it out."""

from django.apps import AppConfig


class TensionConfig(AppConfig):
    """Registers nothing: the lower rooms must not know that an experiment exists."""

    name = "tension"
    label = "tension"
    verbose_name = "tension"
