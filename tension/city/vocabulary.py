"""The words a round may use: codes shared by every association, and how often each is heard.

The list is closed, and is the whole vocabulary: there is no code for origin, language, papers, belief,
diagnosis or substance. Frequencies are ASSUMPTIONS (weights), with the season's effect beside them.
"""

NEEDS: dict[str, float] = {
    "meal": 0.46,
    "water": 0.18,
    "sleeping_bag": 0.22,
    "hygiene": 0.20,
    "care": 0.11,
    "clothes": 0.24,
    "shelter": 0.34,
    "rights": 0.10,
    "listening": 0.38,
    "animal": 0.0,
}

WINTER: dict[str, float] = {"sleeping_bag": 1.9, "clothes": 1.5, "shelter": 1.3, "water": 0.6}
"""Needs that weigh more in winter (November to March) and in summer (June to August), as factors."""
SUMMER: dict[str, float] = {"water": 2.4, "hygiene": 1.4, "sleeping_bag": 0.4, "clothes": 0.7}

GIVEN: dict[str, str] = {
    "meal": "meal",
    "water": "water",
    "sleeping_bag": "sleeping_bag",
    "hygiene": "hygiene_kit",
    "clothes": "clothes",
    "listening": "listening",
}
"""What a team can hand over for a need; shelter, rights and care are orientations instead."""
REFERRALS: dict[str, str] = {
    "shelter": "call_115",
    "rights": "rights",
    "care": "care",
    "hygiene": "day_centre",
}
OUTCOMES: tuple[tuple[str, float], ...] = (("accepted", 0.3), ("no_place", 0.45), ("declined", 0.25))

CONTACTS: tuple[tuple[str, float], ...] = (("first", 0.83), ("follow", 0.15), ("urgent", 0.02))
WELLBEING: tuple[tuple[str, float], ...] = (
    ("good", 0.6),
    ("worried", 0.2),
    ("alarming", 0.05),
    ("unknown", 0.15),
)
REFUSAL_REASONS: tuple[tuple[str, float], ...] = (("asleep", 0.55), ("not_now", 0.45))
NO_TRACE = "no_trace"
"""Reason noted when the contact is welcome and the zone question is answered no."""

NOTES: tuple[str, ...] = (
    "Préfère que l'on passe après 22 h.",
    "Demande un duvet plus chaud la prochaine fois.",
    "Souhaite parler de ses démarches un autre soir.",
    "Dort bien ici, ne veut pas bouger pour l'instant.",
    "A demandé des chaussures en 43.",
    "Le 115 a été appelé avec elle, pas de place ce soir.",
    "Apporter des croquettes.",
    "Était content de nous revoir.",
)
"""Notes and words a worker could write: no name, place, phone or sensitive term, on purpose."""
QUOTES: tuple[str, ...] = (
    "On nous demande une adresse pour tout.",
    "Le plus dur, c'est de ne pas pouvoir se laver.",
    "J'appelle le 115 tous les soirs, ça sonne dans le vide.",
)
HANDOVERS: tuple[str, ...] = (
    "Plus de duvets dans le camion : en reprendre avant de partir.",
    "La fontaine du square est fermée, prévoir de l'eau.",
    "Deux gobelets isothermes à rapporter au local.",
    "Ronde calme, beaucoup de monde déjà endormi vers minuit.",
    "Prévoir des chaussettes, il n'en reste plus.",
)


def season_factor(need: str, month: int) -> float:
    """Return the factor on a need's frequency in `month` (1–12)."""
    if month in (11, 12, 1, 2, 3):
        return WINTER.get(need, 1.0)
    if month in (6, 7, 8):
        return SUMMER.get(need, 1.0)
    return 1.0
