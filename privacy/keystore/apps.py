"""The keystore as an application: the router looks at its label, so its tables exist in the key database only."""

from django.apps import AppConfig


class KeystoreConfig(AppConfig):
    name = "privacy.keystore"
    label = "keystore"
    default_auto_field = "django.db.models.BigAutoField"
