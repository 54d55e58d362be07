"""`manage.py api_document > docs/api.json`: the OpenAPI document of the API, as this code speaks it."""

from typing import Any

from django.core.management.base import BaseCommand

from outreach.api import document


class Command(BaseCommand):
    help = "Print the OpenAPI document of the API under /api/v1/."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(document.text(), ending="")
