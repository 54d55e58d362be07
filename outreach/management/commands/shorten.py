"""`manage.py shorten [ASSOCIATION] [record_days=14 …]`: shorter rules, also for what is stored. `--wet-run` applies them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outreach.associations import services
from outreach.associations.models import Association
from privacy import clock
from privacy.audit.actors import OPERATOR
from privacy.core.errors import PolicyRefused
from privacy.core.policy import LIMITS
from privacy.retention.shortening import Found


class Command(BaseCommand):
    help = (
        "Shortens rules of an association (ASSOCIATION record_days=14 …) and moves what is stored to its earlier day. Says what"
        " would go sooner; --wet-run does it, and nothing brings it back. Without rules: applies those that stand, to one"
        " association or to all."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("association", nargs="?", help="its short name")
        parser.add_argument("rules", nargs="*", metavar="NAME=DAYS", help="see docs/privacy-parameters.md")
        parser.add_argument("--wet-run", action="store_true", help="do it")

    def handle(self, *args: Any, **options: Any) -> None:
        rules = dict(_rule(typed) for typed in options["rules"])
        rows = Association.objects.order_by("slug")
        if options["association"] is not None:
            rows = rows.filter(slug=options["association"])
            if not rows:
                raise CommandError("There is no such association. Nothing was changed.")
        for association in rows:
            try:
                found = services.shorten(
                    association.id, rules, actor=OPERATOR, now=clock.now(), wet=options["wet_run"]
                )
            except PolicyRefused as refused:
                raise CommandError(_why(refused, association)) from None
            self._tell(association, found, wet=options["wet_run"])

    def _tell(self, association: Association, found: Found, *, wet: bool) -> None:
        self.stdout.write(f"{association.slug}:")
        if not found:
            self.stdout.write("  nothing that is stored is kept longer than this.")
        for (name, at_once), count in sorted(found.items()):
            when = "unreadable at once" if at_once else "sooner"
            self.stdout.write(f"{count:>8} {name}: {'' if wet else 'would go '}{when}")
        if not wet:
            self.stdout.write("Nothing was changed. Add --wet-run to do it; nothing brings it back.")
        elif found:
            self.stdout.write("Done. Older copies of their keys die with the next purge (at most 24 hours).")


def _rule(typed: str) -> tuple[str, int]:
    name, equals, days = typed.partition("=")
    if not equals or not days.isascii() or not days.isdigit() or len(days) > 4:
        raise CommandError("Write a rule as record_days=14. Nothing was changed.")
    return name, int(days)


def _why(refused: PolicyRefused, association: Association) -> str:
    limit = LIMITS.get(refused.field)
    if isinstance(refused, services.NotShorter) and limit is not None:
        standing = getattr(association.policy, refused.field)
        return (
            f"{refused.field} is {standing} for {association.slug}, and this command only shortens durations."
            " Nothing was changed."
        )
    if limit is None:
        return "There is no such rule. docs/privacy-parameters.md lists them. Nothing was changed."
    least = ""
    if refused.field == "itinerary_days":
        least = " and at least record_days and tally_days"
    return f"{refused.field} is between {limit.floor} and {limit.ceiling} {limit.unit}{least}. Nothing was changed."
