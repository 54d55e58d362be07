"""`manage.py rebuild_summaries`: makes weekly summaries again from the records that still live. Destroys
nothing; safe to repeat.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.template.defaultfilters import pluralize

from maps import rebuild


class Command(BaseCommand):
    help = "Makes the sealed weekly summaries again from live records (all of them with --all, else those of an older format)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="every week, not only summaries of an older format"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        todo = list(rebuild.weeks(stale_only=not options["all"]))
        for done, (association_id, week) in enumerate(todo, start=1):
            rebuild.rebuild(association_id, week)
            if self.stderr.isatty():
                self.stderr.write(f"\r{done}/{len(todo)} summaries", ending="")
        self.stdout.write(f"{len(todo)} summar{pluralize(len(todo), 'y,ies')} rebuilt.")
