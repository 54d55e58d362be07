"""`manage.py purge`: what would be destroyed now; with `--wet-run`, destroys it. The system timer calls it with `--wet-run`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.template.defaultfilters import pluralize

from privacy import clock
from privacy.retention import services


class Command(BaseCommand):
    help = "Destroys what has reached its day: keys first, then rows. Only counts, unless --wet-run is given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wet-run", action="store_true", help="destroy; without it nothing is changed")

    def handle(self, *args: Any, **options: Any) -> None:
        wet = options["wet_run"]
        tty = self.stderr.isatty()

        def progress(name: str, done: int, of: int) -> None:
            if tty and of:
                bar = "#" * (20 * done // of)
                self.stderr.write(f"\r{name:<24} [{bar:<20}] {done}/{of}", ending="\n" if done >= of else "")

        report = services.purge(clock.now(), wet=wet, progress=progress)
        if report.running_elsewhere:
            self.stdout.write("Another purge is running; this one left everything to it.")
            return
        verb = "destroyed" if wet else "would be destroyed"
        for name, count in report.rows.items():
            self.stdout.write(f"{name:<24} {count:>8} row{pluralize(count)} {verb}")
        self.stdout.write(f"{'keys':<24} {report.keys:>8} key{pluralize(report.keys)} {verb}")
        if not wet:
            self.stdout.write("Nothing was changed. Add --wet-run to destroy what is listed.")
