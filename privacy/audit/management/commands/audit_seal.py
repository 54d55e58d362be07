"""Seal the days that are over, as the daily task does; by hand after an outage, or before handing a checkpoint over."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from privacy import clock
from privacy.audit import keys, last_checkpoint
from privacy.audit.models import Checkpoint
from privacy.audit.sealing import publish_checkpoint, start_log
from privacy.core.errors import BadCheckpoint


class Command(BaseCommand):
    help = "Seal the audit log: shuffle the finished days, append them, sign a checkpoint. Idempotent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--now-only",
            action="store_true",
            help="seal today's events too, now, instead of tomorrow (the shuffle then hides less)",
        )

        parser.add_argument(
            "--new-origin",
            action="store_true",
            help="after entries or the key were really lost: resume the log under a new name and say so in it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            now = clock.now()
            if options["new_origin"]:
                checkpoint: Checkpoint | None = start_log(now)
            else:
                last_checkpoint.publish(now)
                checkpoint = publish_checkpoint(now, today_too=options["now_only"])
        except keys.KeyTrouble as trouble:
            raise CommandError(trouble.sentence) from None
        except BadCheckpoint as error:
            raise CommandError(
                _(
                    "Rien n’a été signé : le registre contredit ce qui l’a été avant (%(code)s). Lancez audit_verify."
                )
                % {"code": error.code}
            ) from None
        if checkpoint is None:
            self.stdout.write(_("Rien à sceller."))
        else:
            sealed = ngettext(
                "Registre scellé : %(size)s entrée.", "Registre scellé : %(size)s entrées.", checkpoint.size
            )
            self.stdout.write(sealed % {"size": checkpoint.size})
