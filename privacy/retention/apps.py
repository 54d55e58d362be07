"""The account book, the high-water mark and the purges as an application; whoever stores data registers its erasers."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "privacy.retention"
    label = "retention"
    default_auto_field = "django.db.models.BigAutoField"
