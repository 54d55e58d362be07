"""Published counts of people sleeping outside in Paris, as facts with year and source.

The "Nuit de la Solidarité" is a count of one winter night by volunteers (Ville de Paris, Apur). Its
results per arrondissement were published piecemeal; what was not published is an *assumption* of this
file, marked as such, and never used to judge the calibration.
"""

from dataclasses import dataclass

TOTALS: dict[int, int] = {
    2018: 3035,
    2019: 3641,
    2020: 3552,
    2021: 2829,
    2022: 2600,
    2023: 3015,
    2024: 3492,
    2025: 3507,
}
"""People counted in Paris that night (city total). Source: paris.fr, Apur, 2018–2025."""

WOMEN: dict[int, float] = {2018: 0.12, 2020: 0.12, 2022: 0.10, 2023: 0.14, 2025: 0.14}
"""Share of women. Sources: 2018 and 2020 12 % (France Bleu), 2022 10 %, 2023–2025 14 % (Ville de Paris)."""


@dataclass(frozen=True)
class KnownCount:
    """People counted in one or several arrondissements together (1–20) on one night."""

    arrondissements: tuple[int, ...]
    year: int
    people: int
    source: str


KNOWN: tuple[KnownCount, ...] = (
    KnownCount((10,), 2018, 266, "Ville de Paris 2018, CNews 21 February 2018"),
    KnownCount((3,), 2018, 24, "the lowest of 2018, CNews 21 February 2018"),
    KnownCount((10,), 2019, 359, "CNews 11 February 2020"),
    KnownCount((18,), 2019, 507, "CNews 11 February 2020"),
    KnownCount((19,), 2019, 466, "CNews 11 February 2020"),
    KnownCount((10,), 2020, 274, "CNews 11 February 2020"),
    KnownCount((18,), 2020, 322, "CNews 11 February 2020"),
    KnownCount((19,), 2020, 664, "CNews 11 February 2020"),
    KnownCount((1, 2, 3, 4), 2022, 345, "Apur, CNews 29 June 2022"),
    KnownCount((12,), 2022, 282, "Apur, CNews 29 June 2022"),
    KnownCount((18,), 2022, 214, "Apur, CNews 29 June 2022"),
    KnownCount((19,), 2022, 251, "Apur, CNews 29 June 2022"),
    KnownCount((17,), 2023, 90, "Le Média social, February 2023"),
    KnownCount((12,), 2023, 274, "Le Média social, February 2023; RTL 5 February 2024"),
    KnownCount((1, 2, 3, 4), 2024, 659, "RTL 5 February 2024"),
    KnownCount((12,), 2024, 457, "RTL 5 February 2024"),
    KnownCount((19,), 2024, 380, "RTL 5 February 2024"),
)
"""Every published figure we hold, oldest first; the city is calibrated on the latest of each zone."""

PREFERRED: dict[tuple[int, ...], int] = {(18,): 2020}
"""The 18e's latest figure (2022) is the pandemic's low, so 2020 is preferred: a choice, said aloud."""

WOODS: dict[int, int] = {12: 160, 16: 30}
"""People in both woods in 2025: 190 (paris.fr). How they share it follows 2018 (129 and 20): an ASSUMPTION.

The published figures of the 12e and 16e leave their wood out; so do ours.
"""

WOOD_EDGES: dict[int, float] = {12: 2.4145, 16: 2.2600}
"""Longitude where the wood begins (east of it in the 12e, west of it in the 16e), read from a map, ± 200 m."""

CENTRE_SHARES: dict[int, float] = {1: 0.46, 2: 0.15, 3: 0.12, 4: 0.27}
"""ASSUMPTION: how the four arrondissements of Paris Centre share their figure."""

UNKNOWN_WEIGHTS: dict[int, float] = {
    5: 70,
    6: 75,
    7: 60,
    8: 130,
    9: 75,
    11: 130,
    13: 130,
    14: 100,
    15: 130,
    16: 100,
    20: 135,
}
"""ASSUMPTION: relative weight of the arrondissements without any published figure we hold."""


def latest() -> dict[tuple[int, ...], KnownCount]:
    """Return, for each zone with a published figure, the one the city is calibrated on.

    The 3e alone (2018) is left out: it lies inside "Paris Centre", published later.
    """
    found: dict[tuple[int, ...], KnownCount] = {}
    for known in KNOWN:
        if known.arrondissements == (3,):
            continue
        preferred = PREFERRED.get(known.arrondissements)
        if preferred is None or preferred == known.year:
            found[known.arrondissements] = known
    return found


def in_wood(arrondissement: int, lon: float) -> bool:
    """Return whether a longitude (degrees) of this arrondissement lies in its wood."""
    edge = WOOD_EDGES.get(arrondissement)
    if edge is None:
        return False
    return lon > edge if arrondissement == 12 else lon < edge


def woods(total: int) -> dict[int, int]:
    """Return people in the woods of the 12e and the 16e when `total` are outside in the whole city."""
    return {number: round(people * total / TOTALS[2025]) for number, people in WOODS.items()}


def targets(total: int) -> dict[int, int]:
    """Return people per arrondissement (1–20) outside the woods, summing to `total` less the woods.

    Published figures count streets; stations, slopes of the ring road and car parks (30 % in 2025) were
    published for the city only. They are spread with the rest, so a known zone holds its published figure
    when `total` is that of 2025, and its share of it otherwise.
    """
    people: dict[int, float] = {}
    for zone, known in latest().items():
        if zone == (1, 2, 3, 4):
            people.update({number: known.people * share for number, share in CENTRE_SHARES.items()})
        else:
            people[zone[0]] = known.people
    rest = TOTALS[2025] - sum(WOODS.values()) - sum(people.values())
    weight = sum(UNKNOWN_WEIGHTS.values())
    people.update({number: rest * part / weight for number, part in UNKNOWN_WEIGHTS.items()})
    return apportion(people, total - sum(woods(total).values()))


def apportion(shares: dict[int, float], total: int) -> dict[int, int]:
    """Round `shares` to integers that sum to `total` (largest remainders first, ties by key)."""
    scale = total / sum(shares.values())
    exact = {key: share * scale for key, share in shares.items()}
    whole = {key: int(value) for key, value in exact.items()}
    order = sorted(exact, key=lambda key: (whole[key] - exact[key], key))
    for key in order[: total - sum(whole.values())]:
        whole[key] += 1
    return whole
