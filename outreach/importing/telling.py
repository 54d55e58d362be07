"""What a run of an import is told as: counts, reasons and line numbers; never the content of a line."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outreach.importing.errors import COUNTED, Reason, sentence
from outreach.importing.report import Report

SHOWN = 10
"""Line numbers told per reason."""

_INDENT = " " * 10


def lines(report: Report, *, wet: bool) -> Iterator[str]:
    """What a person reads of a run, line by line."""
    if report.other_teams:
        teams = ", ".join(report.other_teams)
        yield _("  Ce fichier est déjà entré pour : {teams}. Est-il bien aussi de cette équipe ?").format(
            teams=teams
        )
    if report.done_before:
        yield _("Ce fichier a déjà été importé en entier pour cette équipe : rien à faire.")
        yield from _alike(report)
        return
    if report.resumed_at:
        yield _("  Reprise à la ligne {line}.").format(line=report.resumed_at)
    if report.nights:
        first, last = (night.isoformat() for night in (min(report.nights), max(report.nights)))
        yield "  " + _("nuits du {first} au {last}").format(first=first, last=last)
    kept = ngettext("gardée avec accord", "gardées avec accord", report.kept)
    yield _counted(report.kept, kept if wet else _("à garder avec accord"))
    yield _counted(report.known, ngettext("déjà importée", "déjà importées", report.known))
    yield from _alike(report)
    yield from _reasons(report)
    yield from _left_out(report)


def _counted(count: int, words: str) -> str:
    return f"  {count:>7} {words}"


def _alike(report: Report) -> Iterator[str]:
    if report.alike:
        yield _INDENT + ngettext(
            "dont {count} semblable à une ligne d’un autre fichier (même nuit, même lieu, mêmes réponses). "
            "Si c’est une autre rencontre, ajoutez --another-page.",
            "dont {count} semblables à des lignes d’un autre fichier (même nuit, même lieu, mêmes réponses). "
            "Si ce sont d’autres rencontres, ajoutez --another-page.",
            report.alike,
        ).format(count=report.alike)


def _reasons(report: Report) -> Iterator[str]:
    """Lines counted only, then those set aside with their numbers."""
    for reason in sorted(report.reasons, key=lambda one: (one not in COUNTED, one.value)):
        yield _counted(report.reasons[reason], sentence(reason, report.reasons[reason]))
        if numbers := report.where.get(reason, []):
            shown = ", ".join(map(str, numbers[:SHOWN])) + "…" * (len(numbers) > SHOWN)
            yield _INDENT + ngettext("ligne {lines}", "lignes {lines}", len(numbers)).format(lines=shown)
    if 0 < report.lines == report.reasons[Reason.NIGHT]:
        yield "  " + _(
            "Aucune date n’est lisible : dites dans « night.pattern » comment elles sont écrites, par exemple %d/%m/%Y."
        )


def _left_out(report: Report) -> Iterator[str]:
    """What of lines that came in is not there."""
    if count := report.left_out:
        yield _counted(
            count,
            ngettext(
                "réponse hors de la correspondance, laissée de côté",
                "réponses hors de la correspondance, laissées de côté",
                count,
            ),
        )
    if count := report.notes_left_out:
        yield _counted(
            count,
            ngettext(
                "note laissée de côté (nom, numéro, lieu ou mot sensible)",
                "notes laissées de côté (nom, numéro, lieu ou mot sensible)",
                count,
            ),
        )
    if count := report.after_frozen:
        yield _counted(
            count,
            ngettext(
                "ligne d’un mois déjà arrêté : prise, mais son total ne change plus",
                "lignes d’un mois déjà arrêté : prises, mais son total ne change plus",
                count,
            ),
        )
