"""Tells Django of the privacy room as a whole; keystore, audit and retention are applications of their own."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = "Privacy mechanisms"
