"""Words for kinds of data, as an account book of forgetting names them."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

KINDS: dict[str, Promise] = {
    "record": _("rencontres"),
    "note": _("notes"),
    "point": _("points exacts"),
    "tally": _("comptages"),
    "handover": _("transmissions"),
    "summary": _("sommes par semaine"),
    "accumulator": _("sommes par mois"),
    "consent": _("accords"),
    "draft": _("brouillons"),
    "quarantine": _("brouillons mis de côté"),
    "tombstone": _("traces d’envoi"),
    "itinerary": _("itinéraires prévus"),
    "import": _("imports"),
    "audit_body": _("lignes du registre"),
    "session": _("connexions"),
    "login_attempt": _("essais de connexion"),
    "invitation": _("invitations"),
    "account": _("comptes de départ"),
    "quote": _("paroles"),
    "slip": _("bordereaux"),
    "pseudonym": _("pseudonymes"),
}


@register.filter
def retention_word(code: str) -> str:
    """`record` → « rencontres »."""
    return str(KINDS.get(code, code))
