"""Why a territory is not taken in. A file is refused whole, an outline is refused alone.

A `code` is stable and tested; the sentence is for the person who ran the command and says what to do next.
A territory holds no person, so its names and numbers may be told; what does not even read as one is not repeated.
"""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


class FileRefused(Exception):
    """Nothing of the file is taken in and nothing changes."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence.encode(errors="replace").decode())  # a terminal prints no half characters
        self.code = code


Degrees = tuple[float, float]
"""Longitude and latitude."""


class OutlineRefused(Exception):
    """One outline of the file is left out. `where`: the middle of one that lies outside the grid."""

    def __init__(self, code: str, sentence: str, where: Degrees | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.where = where


def needs_crs() -> FileRefused:
    return FileRefused(
        "no_crs",
        _(
            "Le fichier ne dit pas son système de coordonnées (pas de .prj ?). Donnez-le : "
            "--crs EPSG:2154 (Lambert-93) ou --crs EPSG:4326 (longitude, latitude)."
        ),
    )


def looks_projected() -> FileRefused:
    return FileRefused(
        "looks_projected",
        _(
            "Les coordonnées ne sont pas des longitudes et latitudes : le fichier semble projeté, en mètres. "
            "Donnez son système : --crs EPSG:2154 pour Lambert-93."
        ),
    )


def outside_the_grid(where: Degrees | None, *, swapped: bool) -> FileRefused:
    """A right file of another continent is refused too, and must not read that it is wrong.

    swapped: its numbers would be inside the other way round, which is so for Paris and for Réunion: only a person knows.
    """
    outside = _(
        "Les contours tombent hors de la grille européenne (EPSG:3035). Cet outil ne couvre que la grille "
        "européenne : il ne sert pas ailleurs."
    )
    there = (
        "" if where is None else " " + _("Le fichier les place près de {place}.").format(place=said(where))
    )
    if where is not None and swapped:
        perhaps = _(
            "Longitude et latitude échangées, ils seraient dans la grille, près de {place} : si la ville est là, c’est "
            "l’erreur du fichier."
        ).format(place=said((where[1], where[0])))
    else:
        perhaps = _("Si la ville est en Europe, le système de coordonnées n'est pas le bon (--crs).")
    return FileRefused("outside", f"{outside}{there} {perhaps}")


def said(where: Degrees) -> str:
    """A place as people say one: 48.86° N, 2.35° E."""
    lon, lat = where
    north = pgettext("point cardinal", "S") if lat < 0 else pgettext("point cardinal", "N")
    east = pgettext("point cardinal", "O") if lon < 0 else pgettext("point cardinal", "E")
    return f"{abs(lat):.2f}°\u00a0{north}, {abs(lon):.2f}°\u00a0{east}"
