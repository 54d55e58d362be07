"""One encounter: the truth of it, and what a worker could enter about it."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from random import Random

from tension.city import vocabulary as words
from tension.city.moving import Present
from tension.city.people import City, Household
from tension.city.territory import Spot


class Answer(StrEnum):
    """What came of the zone question when the question is asked."""

    YES = "yes"
    NO = "no"
    REFUSED = "refused"
    NOT_ASKED = "not_asked"
    MINOR_ALONE = "minor_alone"


@dataclass(frozen=True)
class Encounter:
    """One meeting. `household`, `spot` and `minute` (since the start) are truth: never sent to a service.

    `agreeing` adults are covered by a record; the other people of the group are only tallied. Every
    descriptive field is empty unless the answer is yes, as on the phone.
    """

    household: int
    spot: Spot
    minute: int
    sector: str
    answer: Answer
    people_count: int
    women_count: int
    men_count: int
    minors_count: int
    agreeing: int
    recontact: bool = False
    quoted: bool = False
    refusal_reason: str = ""
    contact_kind: str = ""
    needs: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    referrals: tuple[tuple[str, str], ...] = ()
    wellbeing: str = ""
    household_kind: str = ""
    age_band: str = ""
    gender: str = ""
    shelter_kind: str = ""
    interpreter_needed: bool = False
    has_animal: bool = False
    met_this_round: bool = False
    note: str = ""
    quote: str = ""


def meet(
    city: City, present: Present, night: date, minute: int, known: bool, again: bool, rng: Random
) -> Encounter:
    """Return what happens when a team meets a household; `known` by this team, `again` in this round."""
    household = present.household
    answer, agreeing = _consent_answer(city, household, rng)
    adults = [person for person in household.members if not person.minor]
    counted = Encounter(
        household=household.number,
        spot=present.spot,
        minute=minute,
        sector=present.zone,
        answer=answer,
        people_count=len(household.members),
        women_count=sum(person.gender == "woman" for person in adults),
        men_count=sum(person.gender == "man" for person in adults),
        minors_count=len(household.members) - len(adults),
        agreeing=agreeing,
        refusal_reason=_reason(answer, rng),
        met_this_round=again,
    )
    if answer is not Answer.YES:
        return counted
    consent, rounds = city.params.consent, city.params.rounds
    needs = _needs(household, night, rng)
    referrals = tuple(
        (words.REFERRALS[need], _pick(words.OUTCOMES, rng))
        for need in needs
        if need in words.REFERRALS and rng.random() < 0.6
    )
    quoted = rng.random() < consent.quote
    return replace(
        counted,
        recontact=rng.random() < consent.recontact,
        quoted=quoted,
        contact_kind="follow" if known else _pick(words.CONTACTS, rng),
        needs=needs,
        given=tuple(words.GIVEN[need] for need in needs if need in words.GIVEN and rng.random() < 0.7),
        referrals=referrals,
        wellbeing=_pick(words.WELLBEING, rng),
        household_kind=household.kind,
        age_band=adults[0].age_band,
        gender=adults[0].gender if len(household.members) == 1 else "",
        shelter_kind=household.shelter,
        interpreter_needed=household.interpreter,
        has_animal=household.animal,
        note=rng.choice(words.NOTES) if rng.random() < rounds.note else "",
        quote=rng.choice(words.QUOTES) if quoted else "",
    )


def _consent_answer(city: City, household: Household, rng: Random) -> tuple[Answer, int]:
    consent = city.params.consent
    refused, asked = rng.random() < consent.refusal, rng.random() >= consent.not_asked
    agreeing = sum(rng.random() < household.agrees for _ in range(household.adults))
    if household.adults == 0:
        return Answer.MINOR_ALONE, 0
    if refused:
        return Answer.REFUSED, 0
    if not asked:
        return Answer.NOT_ASKED, 0
    return (Answer.YES, agreeing) if agreeing else (Answer.NO, 0)


def _reason(answer: Answer, rng: Random) -> str:
    if answer is Answer.NO:
        return words.NO_TRACE
    return _pick(words.REFUSAL_REASONS, rng) if answer is Answer.REFUSED else ""


def _needs(household: Household, night: date, rng: Random) -> tuple[str, ...]:
    needs = []
    for need, frequency in words.NEEDS.items():
        chance = frequency * words.season_factor(need, night.month)
        if need == "animal":
            chance = 0.5 if household.animal else 0.0
        if rng.random() < chance:
            needs.append(need)
    return tuple(needs)


def _pick(choices: tuple[tuple[str, float], ...], rng: Random) -> str:
    return rng.choices([value for value, _ in choices], [weight for _, weight in choices])[0]
