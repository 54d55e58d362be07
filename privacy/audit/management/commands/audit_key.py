"""The public half of the log's key, to be noted once by whoever will verify; and the way of an older key to its own folder."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from privacy.audit import keys
from privacy.audit.models import Checkpoint


class Command(BaseCommand):
    help = "Print the verifier key of this log (C2SP signed note: name+id+key). Makes the key at first use."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--move",
            action="store_true",
            help="first bring the key of an older installation from MARAUDES_KEK_DIR to MARAUDES_AUDIT_KEY_DIR",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["move"]:
                self.stderr.write(_("Fichiers déplacés : %(count)s.") % {"count": keys.move()})
            if not keys.exists() and Checkpoint.objects.exists():
                raise CommandError(
                    _(
                        "Ce registre a été signé avec une clé qui n’est pas ici ; aucune autre n’est créée. "
                        "Voir audit_seal --new-origin."
                    )
                )
            self.stdout.write(str(keys.signing_key().verifier))
        except keys.KeyTrouble as trouble:
            raise CommandError(trouble.sentence) from None
