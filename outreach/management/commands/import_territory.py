"""Take in the sectors of a territory. Says what would change; writes with --wet-run."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from outreach.associations.models import Association
from outreach.management.progress import Progress
from outreach.places import territory as places
from outreach.places.errors import FileRefused
from outreach.places.geo_files import Source, read
from outreach.places.outlines import Territory, parse_sectors
from outreach.places.squares import assign_cells
from privacy import clock
from privacy.audit.actors import OPERATOR
from privacy.core.grid import LADDER
from privacy.core.policy import DEFAULT
from privacy.core.values import Cell

BUNDLED = Path(places.__file__).parent / "data" / "paris-arrondissements.geojson"
"""The territory of the demonstration: the twenty arrondissements of Paris (data/PROVENANCE.md)."""

SHOWN = 20
"""Names or refusals listed one by one before "and n more"."""

SAMPLES = 5
"""Names shown, so that a wrong column is seen before anything is written."""

DID = {
    places.Kind.NEW: ngettext_lazy("{count} nouveau", "{count} nouveaux", "count"),
    places.Kind.MOVED: ngettext_lazy("{count} au contour modifié", "{count} au contour modifié", "count"),
    places.Kind.RENAMED: ngettext_lazy("{count} renommé", "{count} renommés", "count"),
    places.Kind.SAME: ngettext_lazy("{count} inchangé", "{count} inchangés", "count"),
    places.Kind.BACK: ngettext_lazy("{count} de retour", "{count} de retour", "count"),
    places.Kind.GONE: ngettext_lazy(
        "{count} absent du fichier, désactivé (jamais supprimé)",
        "{count} absents du fichier, désactivés (jamais supprimés)",
        "count",
    ),
}


class Command(BaseCommand):
    help = "Importe les secteurs d'un territoire. Sans --wet-run, rien n'est écrit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", help="le fichier ; .zip accepté")
        parser.add_argument(
            "--default", action="store_true", help="les arrondissements de Paris, livrés avec l'outil"
        )
        parser.add_argument("--association", help="identifiant court de l'association, ou « all »")
        parser.add_argument("--layer", help="la couche, si le fichier en a plusieurs")
        parser.add_argument("--name-field", help="le champ du nom (deviné sinon)")
        parser.add_argument("--code-field", help="le champ du code (deviné sinon)")
        parser.add_argument(
            "--crs", help="le système de coordonnées, si le fichier ne le dit pas ou se trompe"
        )
        parser.add_argument(
            "--elsewhere", action="store_true", help="le territoire est vraiment ailleurs qu'avant"
        )
        parser.add_argument("--wet-run", action="store_true", help="écrire ; sans cela, seulement dire")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["file"]) == options["default"]:
            raise CommandError(_("Donnez un fichier, ou --default pour les arrondissements de Paris."))
        path = BUNDLED if options["default"] else Path(options["file"])
        associations = self._associations(options["association"])
        try:
            source = read(path, layer=options["layer"], crs=options["crs"])
            with Progress(_("Contours"), len(source.features)) as bar:
                territory = parse_sectors(
                    source,
                    name_field=options["name_field"],
                    code_field=options["code_field"],
                    known=places.codes(association.pk for association in associations),
                    tick=bar.step,
                )
            if not options["elsewhere"]:
                for association in associations:
                    places.refuse_elsewhere(association.pk, territory)
                    places.refuse_other_ground(association.pk, territory)
        except FileRefused as refused:
            raise CommandError(_("{reason}\nRien n'a changé.").format(reason=refused)) from refused
        shapes = {code: outline.shape for code, outline in territory.outlines.items()}
        with Progress(_("Carrés"), len(shapes)) as bar:
            cells = assign_cells(shapes, tick=bar.step)
        self._tell(path, source, territory, cells, options)
        self._take_in(associations, territory, cells, wet=options["wet_run"])

    def _associations(self, slug: str | None) -> list[Association]:
        """Whose sectors they become: one by its short name, all of them, or the only one there is."""
        everyone = list(Association.objects.order_by("slug"))
        names = ", ".join(association.slug for association in everyone) or _("aucune")
        if slug == "all" and everyone:
            return everyone
        found = [association for association in everyone if association.slug == slug]
        if slug is None and len(everyone) == 1:
            found = everyone
        if not found:
            raise CommandError(
                _("Quelle association ? Donnez --association parmi : {names} (ou « all »).").format(
                    names=names
                )
            )
        return found

    def _take_in(
        self, associations: list[Association], territory: Territory, cells: dict[Cell, str], *, wet: bool
    ) -> None:
        """One transaction for all associations: a failure leaves every one of them as it was."""
        with transaction.atomic():
            for association in associations:
                done = (
                    places.replace(association.pk, territory.outlines, cells, actor=OPERATOR, now=clock.now())
                    if wet
                    else places.changes(association.pk, territory.outlines)
                )
                self._tell_changes(association, done)
        if wet:
            self.stdout.write(self.style.SUCCESS(_("Enregistré.")))
        else:
            self.stdout.write(_("Rien n'a été écrit. Ajoutez --wet-run pour enregistrer."))

    def _tell(
        self,
        path: Path,
        source: Source,
        territory: Territory,
        cells: dict[Cell, str],
        options: dict[str, Any],
    ) -> None:
        """What was understood of the file, and what was refused and why."""
        assumed = _(" (supposé : un GeoJSON est en longitude, latitude)") if source.assumed else ""
        self.stdout.write(
            _("{file}, couche « {layer} », {crs}{assumed}").format(
                file=path.name, layer=source.layer, crs=source.crs[:60], assumed=assumed
            )
        )
        self._tell_columns(territory, options)
        self._tell_outlines(territory)
        self._tell_squares(territory, cells)

    def _tell_columns(self, territory: Territory, options: dict[str, Any]) -> None:
        """Which columns were read, with names out of them: a wrong one is seen there."""
        guessed = _(" (deviné)")
        self.stdout.write(
            _("  nom : champ « {name} »{how} ; code : champ « {code} »{way}").format(
                name=territory.name_field,
                how="" if options["name_field"] else guessed,
                code=territory.code_field,
                way="" if options["code_field"] else guessed,
            )
        )
        names = [outline.name for outline in territory.outlines.values()]
        samples = ", ".join(f"« {name} »" for name in names[:SAMPLES])
        self.stdout.write(_("  exemples de noms : {names}").format(names=samples))
        twins = [f"{name} ({count})" for name, count in Counter(names).items() if count > 1]
        self._list(
            ngettext(
                "  {count} nom que portent plusieurs secteurs :",
                "  {count} noms que portent plusieurs secteurs :",
                len(twins),
            ),
            twins,
        )

    def _tell_outlines(self, territory: Territory) -> None:
        west, south, east, north = territory.extent
        self.stdout.write(
            ngettext(
                "  {count} contour retenu, {area} km², de {south} à {north} N, de {west} à {east} E",
                "  {count} contours retenus, {area} km², de {south} à {north} N, de {west} à {east} E",
                len(territory.outlines),
            ).format(
                count=len(territory.outlines),
                area=round(territory.area, 1),
                south=f"{south:.3f}°",
                north=f"{north:.3f}°",
                west=f"{west:.3f}°",
                east=f"{east:.3f}°",
            )
        )
        mended = [
            f"n° {outline.number} ({outline.name}) : {outline.repaired}"
            for outline in territory.outlines.values()
            if outline.repaired
        ]
        self._list(ngettext("  {count} réparé :", "  {count} réparés :", len(mended)), mended)
        refused = [f"n° {refusal.number} : {refusal.reason}" for refusal in territory.refusals]
        self._list(ngettext("  {count} refusé :", "  {count} refusés :", len(refused)), refused)

    def _tell_squares(self, territory: Territory, cells: dict[Cell, str]) -> None:
        sizes = Counter(cell.size for cell in cells)
        told = ", ".join(f"{sizes[size]} de {size} m" for size in LADDER)
        self.stdout.write(_("  carrés : {sizes}").format(sizes=told))
        owners = {code for cell, code in cells.items() if cell.size == DEFAULT.team_cell}
        bare = [outline.name for code, outline in territory.outlines.items() if code not in owners]
        self._list(
            ngettext(
                "  {count} secteur sans carré à lui (on y note « tout le secteur ») :",
                "  {count} secteurs sans carré à eux (on y note « tout le secteur ») :",
                len(bare),
            ),
            bare,
        )

    def _tell_changes(self, association: Association, changes: list[places.Change]) -> None:
        counts = Counter(change.kind for change in changes)
        said = ", ".join(words.format(count=counts[kind]) for kind, words in DID.items() if counts[kind])
        self.stdout.write(f"{association.name} : {said}")
        self._list("", [change.name for change in changes if change.kind is places.Kind.GONE])

    def _list(self, title: str, lines: list[str]) -> None:
        if not lines:
            return
        if title:
            self.stdout.write(title.format(count=len(lines)))
        for line in lines[:SHOWN]:
            self.stdout.write(f"    {line}")
        if len(lines) > SHOWN:
            self.stdout.write(_("    … et {count} de plus").format(count=len(lines) - SHOWN))
