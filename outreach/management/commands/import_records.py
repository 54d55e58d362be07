"""Bring records in from a file of another tool. Says what would happen; writes with --wet-run."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outreach.associations.models import Association
from outreach.importing import mapping as mappings
from outreach.importing import sources, telling, tidying
from outreach.importing.errors import ImportRefused
from outreach.importing.report import Report
from outreach.importing.services import Import
from outreach.management.progress import Progress
from outreach.members.models import Team
from outreach.names import natural
from privacy import clock
from privacy.db.scope import Scope, use_tenant


class Command(BaseCommand):
    help = "Importe des rencontres d'un fichier CSV, XLSX ou GeoJSON. Sans --wet-run, rien n'est écrit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="le fichier")
        parser.add_argument("--association", required=True, help="identifiant court de l'association")
        parser.add_argument("--team", required=True, help="nom de l'équipe")
        parser.add_argument("--mapping", required=True, help="la correspondance des colonnes (JSON)")
        parser.add_argument(
            "--another-page",
            action="store_true",
            help="les lignes semblables à celles d'un autre fichier sont d'autres rencontres",
        )
        parser.add_argument("--wet-run", action="store_true", help="écrire ; sans cela, seulement dire")

    def handle(self, *args: Any, **options: Any) -> None:
        association = Association.objects.filter(slug=options["association"]).first()
        if association is None:
            known = ", ".join(Association.objects.order_by("slug").values_list("slug", flat=True))
            raise CommandError(
                _("Quelle association ? Choisissez parmi : {names}.").format(names=known or "—")
            )
        with use_tenant(Scope(association.id)):
            teams = {tidying.name(team.name): team for team in Team.objects.filter(association=association)}
        team = teams.get(tidying.name(options["team"]))
        if not teams:
            raise CommandError(
                _(
                    "Cette association n'a pas encore d'équipe : qui l'administre en crée une dans Membres, puis Équipes."
                )
            )
        if team is None:
            known = ", ".join(sorted((one.name for one in teams.values()), key=natural))
            raise CommandError(_("Quelle équipe ? Choisissez parmi : {names}.").format(names=known))
        try:
            report = self._run(association, team, options)
        except ImportRefused as refused:
            raise CommandError(_("{reason}\nRien n'a changé.").format(reason=refused)) from None
        except KeyboardInterrupt:
            raise CommandError(
                _(
                    "Interrompu. Ce qui est écrit l'est une fois pour toutes ; la même commande reprend au même endroit."
                )
            ) from None
        self._tell(report, wet=options["wet_run"])

    def _run(self, association: Association, team: Team, options: dict[str, Any]) -> Report:
        mapping = mappings.read(Path(options["mapping"]))
        path = Path(options["file"])
        source = sources.open_source(path, mapping)
        self.stdout.write(
            ngettext(
                "{file} : {kind}{encoding}, {lines} ligne",
                "{file} : {kind}{encoding}, {lines} lignes",
                source.lines,
            ).format(
                file=path.name,
                kind=source.kind,
                encoding=f", {source.encoding}" if source.encoding else "",
                lines=source.lines,
            )
        )
        if source.others:
            self.stdout.write(
                _("  feuille « {sheet} » ; pas lues (« sheet » en choisit une autre) : {others}").format(
                    sheet=source.sheet, others=", ".join(f"« {name} »" for name in source.others)
                )
            )
        if source.header > 1:
            self.stdout.write(_("  en-tête : ligne {line}").format(line=source.header))
        if mapping.consent is None:
            self.stdout.write(
                _("  Aucune colonne d'accord : les personnes seront comptées, aucune rencontre gardée.")
            )
        work = Import(path, mapping, association, team, clock.now(), options["another_page"])
        with Progress(_("Lignes"), source.lines) as bar:
            return work.run(source, wet=options["wet_run"], tick=bar.step)

    def _tell(self, report: Report, *, wet: bool) -> None:
        for line in telling.lines(report, wet=wet):
            self.stdout.write(line)
        if report.done_before:
            return
        if not wet:
            self.stdout.write(_("Rien n'a été écrit. Ajoutez --wet-run pour enregistrer."))
        elif report.kept or report.counted:
            self.stdout.write(self.style.SUCCESS(_("Enregistré.")))
        else:
            self.stdout.write(_("Rien de nouveau n’est entré."))
