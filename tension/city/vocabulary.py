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

#: Needs that weigh more in winter (November to March) and in summer (June to August), as factors.
WINTER: dict[str, float] = {"sleeping_bag": 1.9, "clothes": 1.5, "shelter": 1.3, "water": 0.6}
SUMMER: dict[str, float] = {"water": 2.4, "hygiene": 1.4, "sleeping_bag": 0.4, "clothes": 0.7}

#: What a team can hand over for a need; shelter, rights and care are orientations instead.
GIVEN: dict[str, str] = {
    "meal": "meal",
    "water": "water",
    "sleeping_bag": "sleeping_bag",
    "hygiene": "hygiene",
    "clothes": "clothes",
    "animal": "animal",
}
REFERRALS: dict[str, str] = {"shelter": "call_115", "rights": "day_centre", "care": "care_point"}
OUTCOMES: tuple[tuple[str, float], ...] = (("accepted", 0.3), ("no_place", 0.45), ("declined", 0.25))

CONTACTS: tuple[tuple[str, float], ...] = (("first", 0.35), ("follow_up", 0.63), ("emergency", 0.02))
WELLBEING: tuple[tuple[str, float], ...] = (("good", 0.3), ("fair", 0.42), ("poor", 0.13), ("unknown", 0.15))
REFUSAL_REASONS: tuple[tuple[str, float], ...] = (("asleep", 0.5), ("not_tonight", 0.35), ("no_reason", 0.15))

#: Notes and words a worker could write: no name, place, phone or sensitive term, on purpose.
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
