"""Why an import stops, and why a line is set aside. A file is refused whole; a line alone, by number and reason.

Rule of the module: no sentence and no reason ever repeats what a cell holds. Column names may be told: the
person who runs the command wrote them in the mapping.
"""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class ImportRefused(Exception):
    """Nothing of the file is taken in and nothing changes. `code` is stable and tested."""

    def __init__(self, code: str, sentence: str | Promise) -> None:
        super().__init__(
            str(sentence).encode(errors="replace").decode()
        )  # a terminal prints no half characters
        self.code = code


class Reason(StrEnum):
    """Why a line is not kept as a record: set aside (nothing of it is used) or only counted."""

    COLUMNS = "columns"
    FORMULA = "formula"
    NIGHT = "night"
    FUTURE = "future"
    PEOPLE = "people"
    PLACE = "place"
    OUTSIDE = "outside"
    CELL = "cell"
    SECTOR = "sector"
    AMBIGUOUS = "ambiguous-sector"
    FAR = "far"
    TOO_LONG = "too-long"
    TEXT = "text"
    HAS_ROUND = "night-has-round"
    PLANNED = "night-planned"
    NOT_OVER = "night-not-over"
    REFUSED = "refused"
    ALIKE = "alike"  # to a line of another file: told with what is known, never as set aside
    NO_CONSENT = "no-consent"
    MINOR = "minor"
    TOO_OLD = "too-old"


COUNTED = frozenset({Reason.NO_CONSENT, Reason.MINOR, Reason.TOO_OLD})
"""A line with one of these is counted, and nothing else of it exists."""

SENTENCES: dict[Reason, str | Promise] = {
    Reason.COLUMNS: _("la ligne n’a pas autant de cellules que l’en-tête"),
    Reason.FORMULA: _("une cellule contient une formule"),
    Reason.NIGHT: _("la date ne se lit pas"),
    Reason.FUTURE: _("la date est dans l’avenir"),
    Reason.PEOPLE: _("le nombre de personnes ne se lit pas (de 1 à 200)"),
    Reason.PLACE: _("la longitude ou la latitude ne se lit pas"),
    Reason.OUTSIDE: _("le lieu est hors de la grille européenne"),
    Reason.CELL: _("l’identifiant de carré ne se lit pas"),
    Reason.SECTOR: _("le secteur n’est pas connu de l’association"),
    Reason.AMBIGUOUS: _("plusieurs secteurs portent ce nom : écrivez le code"),
    Reason.FAR: _("le lieu est à plus de 10 km de tous les secteurs"),
    Reason.TOO_LONG: _("un texte est trop long"),
    Reason.TEXT: _("un texte ne peut pas s’écrire (octet nul ou moitié de caractère)"),
    Reason.HAS_ROUND: _("l’équipe a déjà une tournée notée cette nuit-là"),
    Reason.NOT_OVER: _("cette nuit n’est pas finie : importez la ligne après midi"),
    Reason.PLANNED: _("l’équipe a une tournée prévue cette nuit-là : importez après elle, ou annulez-la"),
    Reason.REFUSED: _("refusée à la réception"),
}


def sentence(reason: Reason, count: int) -> str:
    """What the reason says of so many lines."""
    match reason:
        case Reason.NO_CONSENT:
            return ngettext("sans accord : comptée seulement", "sans accord : comptées seulement", count)
        case Reason.MINOR:
            return ngettext(
                "mineur·e seul·e : compté·e seulement", "mineur·es seul·es : compté·es seulement", count
            )
        case Reason.TOO_OLD:
            return ngettext(
                "au-delà de la durée de conservation : comptée seulement",
                "au-delà de la durée de conservation : comptées seulement",
                count,
            )
    return str(SENTENCES[reason])
