"""Why a territory is not taken in. A file is refused whole, an outline is refused alone.

A `code` is stable and tested; the sentence is for the person who ran the command and says what to do next.
A territory holds no person, so its names and numbers may be told; what does not even read as one is not repeated.
"""

from django.utils.translation import gettext as _


class FileRefused(Exception):
    """Nothing of the file is taken in and nothing changes."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence.encode(errors="replace").decode())  # a terminal prints no half characters
        self.code = code


class OutlineRefused(Exception):
    """One outline of the file is left out."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


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


def outside_the_grid(*, swapped: bool) -> FileRefused:
    """A right file of another continent is refused too, and must not read that it is wrong."""
    outside = _(
        "Les contours tombent hors de la grille européenne (EPSG:3035). Cet outil ne couvre que la grille "
        "européenne : il ne sert pas ailleurs."
    )
    perhaps = (
        _("Longitude et latitude échangées, ils y tomberaient : c'est peut-être l'erreur du fichier.")
        if swapped
        else _("Si la ville est en Europe, le système de coordonnées n'est pas le bon (--crs).")
    )
    return FileRefused("outside", f"{outside} {perhaps}")
