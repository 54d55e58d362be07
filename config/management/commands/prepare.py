"""Do what a start owes before anybody is served: purge and seal, and fill the demonstration up to today.

One process instead of three, for loading Django takes longer than the steps. None of them keeps the service from starting: what
failed is said here by its name, and by /healthz until it is done.
"""

import io
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

# The days before this one (a demonstration brings a whole past) are sealed as if the service had run through their noons.
STEPS: tuple[tuple[str, dict[str, bool]], ...] = (("purge", {"wet_run": True}), ("audit_seal", {}))


class Command(BaseCommand):
    help = "Fait ce qui doit l'être avant d'ouvrir : purge, registre scellé, et la démonstration jusqu'à ce soir."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="remplir d'abord la démonstration")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["demo"]:
            call_command("seed_demo", stdout=self.stdout, stderr=self.stderr)
        for name, arguments in STEPS:
            try:
                call_command(name, stdout=io.StringIO(), **arguments)
            except Exception as error:
                self.stderr.write(f"== {name} failed ({type(error).__name__}); see /healthz")
