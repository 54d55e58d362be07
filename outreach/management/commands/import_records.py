"""Bring records in from a file of another tool. Says what would happen; writes with --wet-run."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from outreach.associations.models import Association
from outreach.importing import mapping as mappings
from outreach.importing import sources, tidying
from outreach.importing.errors import COUNTED, SENTENCES, ImportRefused, Reason
from outreach.importing.report import Report
from outreach.importing.services import Import
from outreach.management.progress import Progress
from outreach.members.models import Team
from privacy import clock
from privacy.db.scope import Scope, acting

SHOWN = 10
"""Line numbers told per reason."""


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
        with acting(Scope(association.id)):
            teams = {tidying.name(team.name): team for team in Team.objects.filter(association=association)}
        team = teams.get(tidying.name(options["team"]))
        if team is None:
            known = ", ".join(sorted(one.name for one in teams.values()))
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
        source = sources.examine(path, mapping)
        self.stdout.write(
            _("{file} : {kind}{encoding}, {lines} lignes").format(
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
        write = self.stdout.write
        if report.other_teams:
            write(
                _("  Ce fichier est déjà entré pour : {teams}. Est-il bien aussi de cette équipe ?").format(
                    teams=", ".join(report.other_teams)
                )
            )
        if report.done_before:
            write(_("Ce fichier a déjà été importé en entier pour cette équipe : rien à faire."))
            self._tell_alike(report)
            return
        if report.resumed_at:
            write(_("  Reprise à la ligne {line}.").format(line=report.resumed_at))
        if report.nights:
            first, last = min(report.nights), max(report.nights)
            write(
                "  " + _("nuits du {first} au {last}").format(first=first.isoformat(), last=last.isoformat())
            )
        kept = _("gardées avec accord") if wet else _("à garder avec accord")
        write(f"  {report.kept:>7} {kept}")
        write(f"  {report.known:>7} " + _("déjà importées"))
        self._tell_alike(report)
        for reason, count in sorted(
            report.reasons.items(), key=lambda pair: (pair[0] not in COUNTED, pair[0].value)
        ):
            write(f"  {count:>7} {SENTENCES[reason]}")
            lines = report.where.get(reason, [])
            if lines:
                more = "…" if len(lines) > SHOWN else ""
                write(
                    "          " + _("lignes {lines}").format(lines=", ".join(map(str, lines[:SHOWN])) + more)
                )
        if 0 < report.lines == report.reasons[Reason.NIGHT]:
            write(
                "  "
                + _(
                    "Aucune date ne se lit : dites dans « night.pattern » comment elles sont écrites, par exemple %d/%m/%Y."
                )
            )
        if report.left_out:
            write(f"  {report.left_out:>7} " + _("réponses hors de la correspondance, laissées de côté"))
        if report.notes_left_out:
            write(
                f"  {report.notes_left_out:>7} "
                + _("notes laissées de côté (nom, numéro, lieu ou mot sensible)")
            )
        if report.after_frozen:
            write(
                f"  {report.after_frozen:>7} "
                + _("lignes d’un mois déjà arrêté : prises, mais son total ne change plus")
            )
        if wet:
            write(self.style.SUCCESS(_("Enregistré.")))
        else:
            write(_("Rien n'a été écrit. Ajoutez --wet-run pour enregistrer."))

    def _tell_alike(self, report: Report) -> None:
        if report.alike:
            self.stdout.write(
                "          "
                + _(
                    "dont {count} semblables à des lignes d’un autre fichier (même nuit, même lieu, mêmes réponses). "
                    "Si ce sont d’autres rencontres, ajoutez --another-page."
                ).format(count=report.alike)
            )
