"""Hand the newest checkpoint over: whoever keeps it can later prove that what it covers was not touched."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from privacy import clock
from privacy.audit.actors import OPERATOR
from privacy.audit.events import Event
from privacy.audit.models import Checkpoint
from privacy.audit.services import record


class Command(BaseCommand):
    help = "Write the newest signed checkpoint to a file, or to the standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", metavar="FILE", help="where to write it; never overwrites another file")

    def handle(self, *args: Any, **options: Any) -> None:
        checkpoint = Checkpoint.objects.order_by("-size").first()
        if checkpoint is None:
            raise CommandError(_("Aucun sceau : rien n’a encore été scellé (audit_seal)."))
        if options["out"] is None:
            self.stdout.write(checkpoint.note, ending="")
        else:
            try:
                with Path(options["out"]).open("x", encoding="utf-8") as file:
                    file.write(checkpoint.note)
            except OSError:
                raise CommandError(_("Impossible d’écrire %(name)s.") % {"name": options["out"]}) from None
            written = ngettext(
                "Sceau écrit : %(size)s entrée.",
                "Sceau écrit : %(size)s entrées.",
                checkpoint.size,
            )
            self.stderr.write(written % {"size": checkpoint.size})
        record(Event.CHECKPOINT_EXPORTED, association_id=None, actor=OPERATOR, now=clock.now())
