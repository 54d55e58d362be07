"""Words for kinds of data, as an account book of forgetting names them, and for what a round planned."""

from collections.abc import Iterable
from datetime import timedelta

from django import template
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from outreach.names import natural
from outreach.roles import LABELS, Role
from outreach.rounds.models import Round, RoundSector
from outreach.templatetags.ui import day, hour, isolate_all
from privacy.audit.events import CEILING_REACHED

register = template.Library()

KINDS: dict[str, Promise] = {
    "record": _("rencontres"),
    "note": _("notes"),
    "tally": _("comptages"),
    "handover": _("transmissions"),
    "summary": _("sommes par semaine"),
    "accumulator": _("sommes par mois"),
    "running_month": _("comptages du mois en cours"),
    "running_quarter": _("accords du trimestre en cours"),
    "consent": _("accords"),
    "draft": _("brouillons"),
    "quarantine": _("brouillons mis de côté"),
    "tombstone": _("traces d’envoi"),
    "itinerary": _("itinéraires prévus"),
    "import": _("imports"),
    "audit_body": _("lignes du registre"),
    "session": _("connexions"),
    "invitation": _("invitations"),
    "account": _("comptes de départ"),
}


@register.filter
def sectors(plan: Iterable[RoundSector]) -> SafeString:
    """The sectors of a round, as people count them."""
    return isolate_all(sorted((line.sector.name for line in plan), key=natural))


@register.filter
def departure(round_: Round) -> str:
    """21 h 30; after midnight with its day, which is not the one the night is called by; "" when no time was planned."""
    start = round_.planned_start
    if start is None:
        return ""
    if start.hour >= 12:
        return hour(start)
    return gettext("%(time)s, le %(day)s") % {
        "time": hour(start),
        "day": day(round_.night + timedelta(days=1)),
    }


@register.filter
def retention_word(code: str) -> str:
    """`record` → « rencontres »."""
    return str(KINDS.get(code, code))


OUTCOMES: dict[str, Promise] = {
    "done": _("fait"),
    "failed": _("échec"),
    "withdrawn": _("retiré"),
    "wrong-role": _("ce rôle n’y a pas accès"),
    "no-membership": _("aucune association"),
    "team-map": _("pour la carte de l’équipe"),
    "prepare-round": _("pour préparer la tournée"),
    "interrupted": _("repris après une interruption"),
    "not-found": _("introuvable, ou d’une autre équipe"),
    "nothing": _("rien n’a pu être repris"),
    "started": _("commencé"),
}


@register.filter
def outcome_word(code: str) -> str:
    """`done` → « fait », a role → its name; an unknown word of the log's closed list stays as it is."""
    if code in LABELS:  # which role came or went
        return str(LABELS[Role(code)])
    word = str(OUTCOMES.get(code.removesuffix(CEILING_REACHED), code))
    if code.endswith(CEILING_REACHED):
        return str(
            _("%(word)s : limite du jour atteinte pour une personne, la suite n’est pas comptée")
            % {"word": word}
        )
    return word
