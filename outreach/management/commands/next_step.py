"""`manage.py next_step`: what an operator does next on an installation without an association. Changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from outreach.associations.first_run import is_empty, typed


class Command(BaseCommand):
    help = "Dit ce qui vient après l'installation, tant qu'il n'y a pas d'association."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="l'adresse de ce serveur")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_empty():
            self.stdout.write(
                _("Les associations sont en place : connectez-vous sur {url}/").format(url=options["url"])
            )
            return
        self.stdout.write(
            _(
                "Aucune association pour l'instant. Créez la première ; la commande donne le lien de son "
                "administratrice ou de son administrateur :"
            )
        )
        self.stdout.write(
            f'  {typed()} create_association "Les Veilleurs" --admin ada@veilleurs.example --url {options["url"]}'
        )
        self.stdout.write(_("Puis ses secteurs (docs/users/fr/first-run.md dit la suite) :"))
        self.stdout.write(f"  {typed()} import_territory --default --wet-run")
