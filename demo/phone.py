"""What a phone would send of an invented round: sealed drafts and counts. The truth of the city stops here.

An encounter without a yes becomes counts and nothing else. With a yes, the exact spot is snapped before it is
sealed, under a proof of consent, as on the phone.
"""

from collections import Counter
from dataclasses import replace
from uuid import UUID, uuid4

from outreach.closing import intake
from outreach.closing.intake import NOTICE, SealedDraft
from outreach.records import vocabulary as words
from outreach.records.encounter import Encounter
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy.core import coarsening, consent, ingress
from privacy.core.policy import Policy
from privacy.core.retention import RetentionClass, expires_on
from privacy.core.values import Cell, ExactPoint
from privacy.keystore import services as keystore
from tension import city

COLD = (Round.Cold.NONE, Round.Cold.WATCH, Round.Cold.COLD, Round.Cold.EXTREME)
"""What the cold-plan level (0–3) is called on a round."""
ANSWERS = {"accepted": "place", "no_place": "no_place", "declined": "declined"}
"""How the outcome of an orientation is counted as an answer of the 115."""


def drafts(round_: Round, met: tuple[city.Encounter, ...], policy: Policy) -> list[SealedDraft]:
    """Return one sealed draft per encounter with a yes, under fresh random ids."""
    key = keystore.ingress_key(round_.night)
    day = expires_on(RetentionClass.DRAFT, round_.night, policy)
    sealed = []
    for one in met:
        if one.answer is not city.Answer.YES:
            continue
        draft_id = uuid4()
        entry = described(one)
        entry = replace(entry, cell=snapped(round_, draft_id, entry, one.spot, policy))
        info = intake.draft_info(round_, draft_id, key.id, day)
        blob = ingress.seal_draft(bytes(key.public_key), info, draft_id, entry.to_json())
        sealed.append(SealedDraft(draft_id, key.id, day, blob))
    return sealed


def snapped(round_: Round, draft_id: UUID, entry: Encounter, spot: city.Spot, policy: Policy) -> Cell:
    """Return the team's square of an invented spot, under the proof that the answer was yes."""
    dies = expires_on(RetentionClass.RECORD, round_.night, policy)
    said = intake.consent_events(draft_id, entry, round_, dies)
    proof = consent.require(consent.Purpose.ZONE, draft_id, said, round_.night)
    return coarsening.snap(ExactPoint(spot.lon, spot.lat), policy.team_cell, proof)


def described(one: city.Encounter) -> Encounter:
    """Return what the worker enters: the agreeing adults, coded answers, no place yet."""
    outcomes = [outcome for _code, outcome in one.referrals]
    return Encounter(
        people=one.agreeing,
        zone=True,
        recontact=one.recontact,
        quote_consent=one.quoted,
        notice=NOTICE,
        met_this_round=one.met_this_round,
        contact_kind=one.contact_kind or None,
        needs=tuple(sorted(one.needs)),
        given=tuple(sorted(set(one.given))),
        referrals=tuple(sorted({code for code, _outcome in one.referrals})),
        referral_outcome=outcomes[0] if outcomes else None,
        wellbeing=one.wellbeing or None,
        household_kind=one.household_kind or None,
        age_band=one.age_band or None,
        gender=one.gender or None,
        shelter_kind=one.shelter_kind or None,
        interpreter_needed="yes" if one.interpreter_needed else None,
        has_animal="yes" if one.has_animal else None,
        note=one.note,
        quote=one.quote,
    )


def counts(met: tuple[city.Encounter, ...]) -> Counts:
    """Return what the phone counted: everybody met once, refusals, what was handed out, calls to the 115."""
    people, given, calls, reasons = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for one in met:
        if not one.met_this_round:
            people["people_count"] += one.people_count
            people["men_count"] += one.men_count
            people["women_count"] += one.women_count
            people["minors_count"] += one.minors_count
        if one.refusal_reason:
            reasons[one.refusal_reason] += 1
        if one.answer is city.Answer.YES:
            given.update(code for code in one.given if code in words.ITEMS)
            calls.update(ANSWERS[outcome] for code, outcome in one.referrals if code == "call_115")
        elif one.answer is not city.Answer.REFUSED:
            # The same service without a yes: something warm for everybody.
            given["hot_drink"] += one.people_count
    return Counts(
        **people,
        refused=sum(reasons.values()),
        encounters=len(met),
        refusal_reasons=dict(reasons),
        distributions=dict(given),
        calls_115=dict(calls),
    )
