"""`manage.py quarantine`: what was set aside, counted; `--retry ROUND` tries it again, `--wet-run` stores what is taken."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outreach.closing import retry
from outreach.rounds.models import Round
from outreach.rounds.services import RoundRefused
from privacy import clock

WHY = {
    "planned": "This round has not closed yet: close it first.",
    "open": "This round has not closed yet: close it first.",
    "cancelled": "This round was cancelled: it takes nothing.",
    "too-late": "Too late: the week of this round is shown to coordinators, and its ingress key is due to die. What is set aside"
    " goes on its day. Lines of an imported file come in by importing the file again.",
}


class Command(BaseCommand):
    help = "Counts drafts set aside, by round and reason. With --retry ROUND: would they be taken now? --wet-run takes them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--retry", metavar="ROUND", help="id of a round, as the list names it")
        parser.add_argument("--wet-run", action="store_true", help="store what is taken; only with --retry")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["retry"] is None:
            if options["wet_run"]:
                raise CommandError("Which round? Give --retry ROUND with --wet-run. Nothing was changed.")
            self._list()
        else:
            self._retry(options["retry"], wet=options["wet_run"])

    def _list(self) -> None:
        found = retry.listing()
        if not found:
            self.stdout.write("Nothing is set aside.")
            return
        self.stdout.write(
            f"{'round':<36}  {'night':<10}  {'association':<16}  {'reason':<14}  drafts  gone on"
        )
        for one in found:
            self.stdout.write(
                f"{one.round_id}  {one.night}  {one.association:<16}  {one.reason:<14}  {one.drafts:>6}  {one.until}"
            )
        self.stdout.write(
            "--retry ROUND says which would be taken now; docs/operations/running.md says when that helps."
        )

    def _retry(self, typed: str, *, wet: bool) -> None:
        try:
            done = retry.retry(_round_id(typed), now=clock.now(), wet=wet)
        except Round.DoesNotExist:
            raise CommandError("There is no such round. `manage.py quarantine` lists them.") from None
        except RoundRefused as refused:
            raise CommandError(WHY[refused.reason]) from None
        self.stdout.write(f"{done.taken:>6} {'taken' if wet else 'would be taken'}")
        for reason, count in sorted(done.left.items()):
            self.stdout.write(f"{count:>6} {'stay' if wet else 'would stay'} set aside: {reason}")
        if not wet:
            self.stdout.write("Nothing was changed. Add --wet-run to take them.")


def _round_id(typed: str) -> UUID:
    """Raises Round.DoesNotExist for what is no id."""
    try:
        return UUID(typed)
    except ValueError:
        raise Round.DoesNotExist from None
