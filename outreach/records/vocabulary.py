"""Shared codes of what a round records, with the words a volunteer reads. Codes are stored; labels may change.

No list here has room for nationality, origin, papers, religion, sexuality, diagnosis, substance, description or police.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Vocabulary = dict[str, str | Promise]

UNKNOWN = "unknown"
"""« Ne sait pas » is an answer; it is neither "no" nor "not asked" (None)."""

CONTACT: Vocabulary = {"first": _("Premier contact"), "follow": _("Suivi"), "urgent": _("Urgence")}
NEEDS: Vocabulary = {
    "meal": _("Repas"),
    "water": _("Eau"),
    "sleeping_bag": _("Duvet"),
    "clothes": _("Vêtements"),
    "hygiene": _("Hygiène"),
    "care": _("Soins"),
    "shelter": _("Hébergement"),
    "rights": _("Droits"),
    "listening": _("Écoute"),
    "animal": _("Animal"),
    "other": _("Autre"),
}
GIVEN: Vocabulary = {
    "meal": _("Repas"),
    "hot_drink": _("Boisson chaude"),
    "water": _("Eau"),
    "sleeping_bag": _("Duvet"),
    "clothes": _("Vêtements"),
    "hygiene_kit": _("Kit d’hygiène"),
    "listening": _("Écoute"),
    "other": _("Autre"),
}
REFERRALS: Vocabulary = {
    "call_115": _("115"),
    "day_centre": _("Accueil de jour"),
    "care": _("Soins"),
    "rights": _("Accès aux droits"),
    "emergency": _("Secours"),
    "other": _("Autre"),
}
REFERRAL_OUTCOME: Vocabulary = {
    "accepted": _("Accepté"),
    "no_place": _("Pas de place"),
    "declined": _("Ne souhaite pas"),
    UNKNOWN: _("Ne sait pas"),
}
WELLBEING: Vocabulary = {
    "good": _("Ça va"),
    "worried": _("Inquiétant"),
    "alarming": _("Très inquiétant"),
    UNKNOWN: _("Ne sait pas"),
}
HOUSEHOLD: Vocabulary = {
    "alone": _("Seul·e"),
    "couple": _("Couple"),
    "family": _("Famille"),
    "group": _("Groupe"),
    UNKNOWN: _("Ne sait pas"),
}
AGE: Vocabulary = {
    "minor": _("Mineur·e"),
    "18_25": _("18–25 ans"),
    "26_59": _("26–59 ans"),
    "60_plus": _("60 ans et plus"),
    UNKNOWN: _("Ne sait pas"),
}
GENDER: Vocabulary = {"woman": _("Femme"), "man": _("Homme"), "other": _("Autre"), UNKNOWN: _("Ne sait pas")}
SHELTER: Vocabulary = {
    "none": _("Rien"),
    "tent": _("Tente"),
    "car": _("Voiture"),
    "hut": _("Cabane"),
    "hall": _("Hall"),
    UNKNOWN: _("Ne sait pas"),
}
YES_NO: Vocabulary = {"yes": _("Oui"), "no": _("Non"), UNKNOWN: _("Ne sait pas")}
CALL_115_OUTCOME: Vocabulary = {
    "answered": _("Répondu"),
    "no_place": _("Pas de place"),
    "place": _("Place trouvée"),
    "declined": _("Ne souhaite pas"),
}
REFUSAL: Vocabulary = {
    "not_now": _("Pas maintenant"),
    "no_trace": _("Ne veut pas de trace"),
    "asleep": _("Dort"),
    "not_asked": _("Question non posée"),
}
ITEMS: Vocabulary = {
    "meal": _("Repas"),
    "hot_drink": _("Boissons chaudes"),
    "water": _("Eau"),
    "sleeping_bag": _("Duvets"),
    "clothes": _("Vêtements"),
    "hygiene_kit": _("Kits d’hygiène"),
}

ONE_OF: dict[str, Vocabulary] = {
    "contact_kind": CONTACT,
    "referral_outcome": REFERRAL_OUTCOME,
    "wellbeing": WELLBEING,
    "household_kind": HOUSEHOLD,
    "age_band": AGE,
    "gender": GENDER,
    "shelter_kind": SHELTER,
    "interpreter_needed": YES_NO,
    "has_animal": YES_NO,
}
"""Fields of an encounter that hold one code, by name; forms, phones and imports read the same table."""

SEVERAL_OF: dict[str, Vocabulary] = {"needs": NEEDS, "given": GIVEN, "referrals": REFERRALS}
"""Fields of an encounter that hold any number of codes."""
