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

WISHES: tuple[str, ...] = (
    "Préfère que l'on passe après 22 h.",
    "Préfère que l'on passe avant 21 h.",
    "Demande un duvet plus chaud la prochaine fois.",
    "Souhaite parler de ses démarches un autre soir.",
    "Dort bien ici, ne veut pas bouger pour l'instant.",
    "A demandé des chaussures en 43.",
    "A demandé un pantalon, taille 40.",
    "Voudrait une couverture de survie.",
    "Apporter des croquettes.",
    "Était content de nous revoir.",
    "N'avait pas envie de parler, un café a suffi.",
    "Attend une réponse pour une domiciliation.",
    "A besoin de chaussettes sèches.",
    "Demande où prendre une douche le dimanche.",
    "Cherche une laverie ouverte le soir.",
    "Voudrait recharger une batterie de téléphone.",
    "A perdu sa carte de transport.",
    "Accepte une soupe, pas de pain.",
    "Aimerait un livre, n'importe lequel.",
    "Le sac est trempé, en apporter un.",
    "Demande une tente, la fermeture est cassée.",
    "Va mieux que la dernière fois.",
    "Semblait fatiguée, à revoir bientôt.",
    "Rit beaucoup, aime qu'on s'assoie un moment.",
)
AFTERWARDS: tuple[str, ...] = (
    "",
    "Ne pas réveiller si la lumière est éteinte.",
    "Passer à deux, pas plus.",
    "Le 115 a été appelé avec elle, pas de place ce soir.",
    "Le 115 ne répondait pas, à rappeler.",
    "Un rendez-vous est pris pour la semaine prochaine.",
    "Rien d'urgent.",
    "Prévenir l'équipe de jour.",
    "Un thé bien sucré.",
    "On a dit que l'on repassait jeudi.",
    "Le matelas est sec, la bâche tient.",
)
NOTES: tuple[str, ...] = tuple(f"{wish} {after}".strip() for wish in WISHES for after in AFTERWARDS)
"""Notes and words a worker could write: no name, place, phone or sensitive term, on purpose. Many, for a page of equal ones hides
what it would look like."""
QUOTES: tuple[str, ...] = (
    "On nous demande une adresse pour tout.",
    "Le plus dur, c'est de ne pas pouvoir se laver.",
    "J'appelle le 115 tous les soirs, ça sonne dans le vide.",
    "Le jour, on marche. La nuit, on attend le jour.",
    "Ce n'est pas la faim, c'est de ne parler à personne.",
    "Chaque fois que je pose mes affaires, il faut les reprendre.",
    "On me donne des rendez-vous dans six mois.",
    "Je voudrais une clé, juste une clé.",
)
HANDOVERS: tuple[str, ...] = (
    "Plus de duvets dans le camion : en reprendre avant de partir.",
    "La fontaine du square est fermée, prévoir de l'eau.",
    "Deux gobelets isothermes à rapporter au local.",
    "Ronde calme, beaucoup de monde déjà endormi vers minuit.",
    "Prévoir des chaussettes, il n'en reste plus.",
    "Le thermos rouge fuit, en prendre un autre.",
    "Des travaux obligent à faire le tour par le pont.",
    "Beaucoup de demandes de couvertures : compter large.",
    "Une personne de l'équipe a laissé ses gants dans le coffre.",
    "Pluie toute la nuit, prendre les bâches.",
    "Le stock de kits d'hygiène est au fond de l'armoire.",
    "Bonne entente avec l'équipe de jour, elle repasse demain matin.",
)


def season_factor(need: str, month: int) -> float:
    """Return the factor on a need's frequency in `month` (1–12)."""
    if month in (11, 12, 1, 2, 3):
        return WINTER.get(need, 1.0)
    if month in (6, 7, 8):
        return SUMMER.get(need, 1.0)
    return 1.0
