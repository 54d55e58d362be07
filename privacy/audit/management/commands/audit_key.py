"""The public half of the log's key, to be noted once by whoever will verify."""

from typing import Any

from django.core.management.base import BaseCommand

from privacy.audit import keys


class Command(BaseCommand):
    help = "Print the verifier key of this log (C2SP signed note: name+id+key). Makes the key at first use."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(keys.signing_key().verifier))
