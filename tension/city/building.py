"""Build the city: quotas by zone, households by kind, camps, anchors. Pure: a seed in, a value out."""

from dataclasses import dataclass
from random import Random

from tension.city import counts
from tension.city.drawing import seeded
from tension.city.parameters import CityParameters, PeopleParameters
from tension.city.people import Camp, City, Household, Person
from tension.city.territory import Spot, Territory, Zone


@dataclass(frozen=True)
class _Quota:
    """People to place in one part of one zone: the wood, or the rest."""

    zone: Zone
    wood: bool
    people: int

    def holds(self, spot: Spot) -> bool:
        number = self.zone.number
        wood = number is not None and counts.in_wood(number, spot.lon)
        return wood == self.wood and self.zone.contains(spot)

    def sample(self, rng: Random) -> Spot:
        for _ in range(2_000):
            spot = self.zone.sample(rng)
            if self.holds(spot):
                return spot
        return self.zone.sample(rng)

    def near(self, centre: Spot, spread: float, rng: Random) -> Spot:
        """A place around `centre` (metres, normal) inside this part; anywhere in it when none fits."""
        for _ in range(20):
            spot = centre.moved(rng.gauss(0, spread), rng.gauss(0, spread))
            if self.holds(spot):
                return spot
        return self.sample(rng)


def build(seed: int, params: CityParameters, territory: Territory) -> City:
    """Return the city of `seed`; the same arguments always give the same city.

    Arrondissement quotas follow `counts.targets` when the outlines are those of Paris; for any other
    territory people are spread by area.
    """
    rng = seeded(seed, "city")
    hubs: dict[str, tuple[Spot, ...]] = {}
    camps: list[Camp] = []
    drafts: list[tuple[_Quota, str, tuple[Person, ...], int | None]] = []
    for quota in _quotas(params, territory):
        code = quota.zone.code
        if not quota.wood:
            hubs[code] = tuple(quota.sample(rng) for _ in range(params.places.hubs))
        kinds = _kinds(quota.people, params.people, rng)
        camps_here = _camps(quota, len(camps), params, rng)
        camps.extend(camps_here)
        for kind, size in kinds:
            camp = None
            if kind == "group" and camps_here and rng.random() < params.places.in_camps:
                camp = rng.choice(camps_here).number
            drafts.append((quota, kind, _ages(kind, size, params.people, rng), camp))
    gendered = _with_genders([members for _, _, members, _ in drafts], params.people, rng)
    households = tuple(
        _household(number, quota, kind, members, camp, hubs, params, rng)
        for number, ((quota, kind, _, camp), members) in enumerate(zip(drafts, gendered, strict=True))
    )
    return City(seed, params, territory, households, tuple(camps), hubs)


def _quotas(params: CityParameters, territory: Territory) -> list[_Quota]:
    # Some are not outside on any given night: more live here than are counted.
    total = round(params.counts.people / (1 - params.places.absent))
    numbered = territory.by_number()
    if len(numbered) == 20:
        people = counts.targets(total)
        parts = [_Quota(numbered[number], False, people[number]) for number in sorted(people)]
        return parts + [_Quota(numbered[n], True, size) for n, size in counts.woods(total).items()]
    by_area = counts.apportion({index: zone.area() for index, zone in enumerate(territory)}, total)
    return [_Quota(zone, False, by_area[index]) for index, zone in enumerate(territory)]


def _kinds(people: int, params: PeopleParameters, rng: Random) -> list[tuple[str, int]]:
    """Split `people` into households so that each kind's share of people stays closest to its parameter."""
    wanted = {"family": params.in_families, "couple": params.in_couples, "group": params.in_groups}
    wanted["alone"] = 1 - sum(wanted.values())
    placed = dict.fromkeys(wanted, 0)
    # Where the rounding of small zones starts is drawn, or every small zone would begin with the same kind.
    debt = {kind: rng.random() * 3 for kind in wanted}
    plan: list[tuple[str, int]] = []
    left = people
    while left > 0:
        done = people - left
        kind = max(wanted, key=lambda k: (wanted[k] * (done + 1) - placed[k] - debt[k], k))
        low, high = params.group_size
        size = {
            "alone": 1,
            "couple": 2,
            "family": rng.choice((2, 3, 3, 4, 5)),
            "group": rng.randint(low, high),
        }[kind]
        if size > left:
            kind, size = "alone", 1
        plan.append((kind, size))
        placed[kind] += size
        left -= size
    rng.shuffle(plan)
    return plan


def _camps(quota: _Quota, first: int, params: CityParameters, rng: Random) -> list[Camp]:
    expected = quota.people * params.places.camps_per_thousand / 1000
    number = int(expected) + (rng.random() < expected - int(expected))
    low, high = params.places.camp_nights
    camps = []
    for index in range(number):
        cycle = rng.randint(low, high)
        spot = quota.sample(rng)
        camps.append(Camp(first + index, quota.zone.code, quota.wood, spot, cycle, rng.randrange(cycle)))
    return camps


def _ages(kind: str, size: int, params: PeopleParameters, rng: Random) -> tuple[Person, ...]:
    bands, weights = [band for band, _ in params.ages], [weight for _, weight in params.ages]
    adults = size
    if kind == "family":
        adults = 1 if size == 2 else rng.choice((1, 2))
    elif kind == "alone" and rng.random() < params.minors_alone:
        adults = 0
    grown = [Person(rng.choices(bands, weights)[0], "unknown") for _ in range(adults)]
    return tuple(grown + [Person("minor", "unknown")] * (size - adults))


def _with_genders(
    drafts: list[tuple[Person, ...]], params: PeopleParameters, rng: Random
) -> list[tuple[Person, ...]]:
    """Give every person a gender so that women are exactly the published share of everybody."""
    demo_accounts = [(i, j) for i, members in enumerate(drafts) for j in range(len(members))]
    women: set[tuple[int, int]] = set()
    for index, members in enumerate(drafts):
        with_children = any(person.minor for person in members) and len(members) > 1
        if with_children or len(members) == 2:
            women.add((index, 0))
    wanted = round(params.women * len(demo_accounts))
    others = [demo_account for demo_account in demo_accounts if demo_account not in women]
    women.update(rng.sample(others, max(0, wanted - len(women))))
    return [
        tuple(
            Person(person.age_band, "woman" if (i, j) in women else "man") for j, person in enumerate(members)
        )
        for i, members in enumerate(drafts)
    ]


def _household(
    number: int,
    quota: _Quota,
    kind: str,
    members: tuple[Person, ...],
    camp: int | None,
    hubs: dict[str, tuple[Spot, ...]],
    params: CityParameters,
    rng: Random,
) -> Household:
    places, people, consent = params.places, params.people, params.consent
    if not quota.wood and rng.random() < places.near_hub:
        anchor = quota.near(rng.choice(hubs[quota.zone.code]), places.hub_spread, rng)
    else:
        anchor = quota.sample(rng)
    if camp is not None or quota.wood:
        shelter = rng.choices(("tent", "hut"), (0.8, 0.2))[0]
    else:
        shelter = rng.choices([s for s, _ in people.shelters], [w for _, w in people.shelters])[0]
    low, high = places.stay_nights
    stay = rng.randint(low, high)
    strength = consent.concentration
    return Household(
        number=number,
        kind=kind,
        members=members,
        zone=quota.zone.code,
        wood=quota.wood,
        anchor=anchor,
        stay=stay,
        offset=rng.randrange(stay),
        camp=camp,
        shelter=shelter,
        animal=rng.random() < people.with_animal,
        interpreter=rng.random() < people.interpreter,
        agrees=rng.betavariate(consent.zone * strength, (1 - consent.zone) * strength),
    )
