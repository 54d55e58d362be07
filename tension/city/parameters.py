"""Every number of the synthetic city, each with its source or the word ASSUMPTION and a range.

A figure nobody published is never a fact here: it carries the range an experiment must sweep. Nothing in
this file, and nothing built from it, holds a name, an origin, a language, papers, belief, diagnosis,
substance or description: the city has no more attributes than a round may record.
"""

from dataclasses import dataclass, field
from datetime import date

from tension.city import counts


@dataclass(frozen=True)
class Range:
    """Bounds (inclusive) an experiment sweeps for a parameter that nobody published."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Return whether `value` lies within the bounds."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class CountParameters:
    """How many people, and where. Source: `counts` (Nuit de la Solidarité 2018–2025)."""

    #: People present on the reference night.
    people: int = counts.TOTALS[2025]
    #: A night like the one of the count: end of January, no cold plan in force.
    reference_night: date = date(2025, 1, 23)


@dataclass(frozen=True)
class PeopleParameters:
    """Who they are, as a round may record it: band, perceived gender, household, shelter."""

    #: Share of women. Source: Ville de Paris 2023–2025, 14 %.
    women: float = counts.WOMEN[2025]
    #: Share of people in families with children, in couples, in groups of five or more.
    #: Sources: 2019 3 %, 2 %, 30 % (CNews 29 January 2020); couples and families together 14 % in 2023.
    in_families: float = 0.05
    in_couples: float = 0.06
    in_groups: float = 0.30
    #: Group sizes, people. ASSUMPTION: five (the count's own threshold) to twelve.
    group_size: tuple[int, int] = (5, 12)
    #: Share of minors who are alone, among all people. ASSUMPTION, range 0.2 % to 3 %.
    minors_alone: float = 0.008
    #: Adult age bands. ASSUMPTION after the counts' reports (most are 25 to 54).
    ages: tuple[tuple[str, float], ...] = (("18_25", 0.13), ("26_59", 0.75), ("60_plus", 0.12))
    #: Shelter outside camps and woods. ASSUMPTION.
    shelters: tuple[tuple[str, float], ...] = (
        ("none", 0.58),
        ("tent", 0.20),
        ("hall", 0.12),
        ("car", 0.06),
        ("hut", 0.04),
    )
    #: Households with an animal; households for whom an interpreter helps (never which language). ASSUMPTION.
    with_animal: float = 0.05
    interpreter: float = 0.28


@dataclass(frozen=True)
class PlaceParameters:
    """Anchor places, how sharply people gather, and how they move. Tuned on the sparse-cell share."""

    #: Share of households that gather around hubs (stations, markets, grates). ASSUMPTION, tuned.
    near_hub: float = 0.45
    #: Hubs per arrondissement; spread around one, metres. ASSUMPTION, tuned.
    hubs: int = 5
    hub_spread: float = 260.0
    #: Share of groups that live in camps; camps per 1,000 people;. ASSUMPTION.
    in_camps: float = 0.65
    camps_per_thousand: float = 7.0
    #: Night-to-night wander around the anchor, metres. ASSUMPTION, range 10 to 60.
    wander: float = 25.0
    #: Nights a household keeps one anchor before it moves. ASSUMPTION, range 14 to 200.
    stay_nights: tuple[int, int] = (30, 150)
    #: How far a move goes, metres (exponential). ASSUMPTION.
    move_distance: float = 700.0
    #: Share of nights spent at a second place, and in another arrondissement altogether. ASSUMPTION.
    second_place: float = 0.15
    elsewhere: float = 0.06
    #: Share of nights not outside at all (a shelter place, a friend). ASSUMPTION, range 2 % to 20 %.
    absent: float = 0.05
    #: Nights between two evictions of one camp, then nights its people stay dispersed. ASSUMPTION.
    camp_nights: tuple[int, int] = (60, 160)
    dispersed_nights: int = 12
    dispersal_distance: float = 900.0


@dataclass(frozen=True)
class SeasonParameters:
    """Weather as the cold plan sees it. Level 1 to 3; at each level more people accept a place."""

    #: Mean daily minimum by month, °C, January first. Source: Météo-France normals 1991–2020, rounded.
    minimum: tuple[float, ...] = (3.2, 3.3, 5.7, 8.1, 11.5, 14.7, 16.6, 16.4, 13.0, 9.8, 6.0, 3.7)
    #: Night-to-night deviation, °C, and how many nights a spell lasts. ASSUMPTION.
    deviation: float = 3.4
    spell_nights: int = 6
    #: Minimum below which levels 1, 2, 3 are called, °C. Source: French cold-plan practice (0, −5, −10).
    thresholds: tuple[float, float, float] = (0.0, -5.0, -10.0)
    #: Extra share of people inside at levels 0 to 3. ASSUMPTION, range up to 0.5 at level 3.
    sheltered: tuple[float, float, float, float] = (0.0, 0.08, 0.18, 0.30)
    #: Extra share of people outside in July and August (summer closures). ASSUMPTION.
    summer_closures: float = 0.06


@dataclass(frozen=True)
class ConsentParameters:
    """What is said when the question is asked. No rate was ever published: every one is an ASSUMPTION with a range."""

    #: Yes to "may we note roughly where?", mean over households.
    zone: float = 0.58
    zone_range: Range = field(default=Range(0.30, 0.90))
    #: Yes to "may we come back to this exact spot?", among those who said yes to the zone.
    recontact: float = 0.30
    recontact_range: Range = field(default=Range(0.05, 0.60))
    #: Yes to being quoted, among those who said yes to the zone.
    quote: float = 0.03
    quote_range: Range = field(default=Range(0.0, 0.15))
    #: Contact declined altogether (counted as a refusal, nothing else).
    refusal: float = 0.11
    refusal_range: Range = field(default=Range(0.03, 0.35))
    #: The worker does not ask, or counts only: recording nothing is a first-class choice.
    not_asked: float = 0.12
    not_asked_range: Range = field(default=Range(0.0, 0.5))
    #: How much households differ from one another (Beta concentration; small = very different).
    concentration: float = 4.0


@dataclass(frozen=True)
class RoundParameters:
    """One night of one team. ASSUMPTION, after written reports (an Emmaüs report: 8 to 25 people a round)."""

    #: Households a team can meet in one round, foot and vehicle.
    capacity: tuple[int, int] = (13, 18)
    #: Chance to be found when the team passes (some sleep hidden, some are away).
    found: float = 0.7
    #: Weight of a household the team already knows, against one it does not.
    known_weight: float = 3.0
    #: Share of households that each team knows.
    known: float = 0.35
    #: Chance that the same household is met twice in one round (the tick "déjà vu").
    met_again: float = 0.03
    #: Chance that one planned sector is called off that night; that the whole round is.
    sector_cancelled: float = 0.03
    round_cancelled: float = 0.02
    #: Chance of one short note on an encounter kept with consent; of a handover note on a round.
    note: float = 0.25
    handover: float = 0.5


@dataclass(frozen=True)
class TeamParameters:
    """A team: nights of the week it goes out (0 = Monday), the arrondissements it walks, and how."""

    name: str
    nights: tuple[int, ...]
    territory: tuple[int, ...]
    sectors_per_round: int = 2
    transport: str = "foot"
    shift: str = "night"
    started_hour: int = 21
    hours: int = 3
    crew: tuple[int, int] = (3, 5)


@dataclass(frozen=True)
class AssociationParameters:
    """An association and its teams. Names are invented; territories overlap on purpose.

    `unwalked`: arrondissements it would like to reach and that no team plans yet.
    """

    name: str
    slug: str
    teams: tuple[TeamParameters, ...]
    unwalked: tuple[int, ...] = ()

    @property
    def territory(self) -> frozenset[int]:
        """Every arrondissement that is a sector of this association."""
        return frozenset(self.unwalked).union(*(team.territory for team in self.teams))


DEMO_ASSOCIATIONS: tuple[AssociationParameters, ...] = (
    AssociationParameters(
        "Lanternes du Canal",
        "lanternes",
        (
            TeamParameters("Équipe Nord", (0, 1, 3, 4), (10, 18, 19)),
            TeamParameters("Équipe Est", (1, 2, 5), (11, 12, 20), transport="vehicle", hours=4),
            TeamParameters("Équipe Centre", (0, 2, 4, 6), (1, 2, 3, 4)),
        ),
        unwalked=(9, 17),
    ),
    AssociationParameters(
        "La Soupe du Soir",
        "soupe",
        (
            TeamParameters("Camionnette", (1, 3, 5), (18, 19, 17, 9), transport="vehicle", started_hour=20),
            TeamParameters("À pied", (0, 4), (10, 11, 19)),
        ),
    ),
    AssociationParameters(
        "Veilleurs Rive Gauche",
        "veilleurs",
        (TeamParameters("Veilleurs", (2, 4), (5, 6, 13, 14, 15), transport="vehicle", hours=4),),
    ),
)
"""Three associations, six teams; the first two overlap in the 10e, 11e, 18e and 19e.

Scale: Île-de-France has 196 teams of 37 operators (DRIHL); this is what one laptop shows.
"""


@dataclass(frozen=True)
class CityParameters:
    """All of the above, in one value that a report can print and an experiment can replace."""

    counts: CountParameters = CountParameters()
    people: PeopleParameters = PeopleParameters()
    places: PlaceParameters = PlaceParameters()
    season: SeasonParameters = SeasonParameters()
    consent: ConsentParameters = ConsentParameters()
    rounds: RoundParameters = RoundParameters()
    associations: tuple[AssociationParameters, ...] = DEMO_ASSOCIATIONS


SPARSE_CELL_SHARE = 0.58
"""Share of non-empty 200 m cell-months that hold one event. Source: one US city's series of outreach events."""

DEFAULT = CityParameters()
