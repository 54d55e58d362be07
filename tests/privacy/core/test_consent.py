"""Consent: the last word decides, a no lasts, and a proof comes from nowhere else."""

import copy
import pickle
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.core import consent
from privacy.core.consent import ConsentEvent, ConsentProof, Decision, Purpose, check, require
from privacy.core.errors import ConsentMissing
from tests.privacy.core.given import LATER, NIGHT, OTHER_RECORD, RECORD, TODAY, proof, said

NO = Decision.WITHDRAWN

DAYS = st.integers(-5, 120).map(lambda days: TODAY + timedelta(days=days))
EVENTS = st.lists(
    st.builds(
        ConsentEvent,
        st.sampled_from([RECORD, OTHER_RECORD]),
        st.sampled_from(Purpose),
        st.sampled_from(Decision),
        st.sampled_from(["notice-1", "notice-2"]),
        st.just(NIGHT),
        DAYS,
        st.integers(1, 6),
    ),
    max_size=8,
)


def allowed(events: list[ConsentEvent], purpose: Purpose = Purpose.ZONE, subject: UUID = RECORD) -> bool:
    try:
        require(purpose, subject, events, TODAY)
    except ConsentMissing:
        return False
    return True


def test_a_yes_gives_a_proof_bound_to_who_and_what() -> None:
    found = require(Purpose.ZONE, RECORD, [said()], TODAY)
    assert (found.subject, found.purpose, found.expires_on) == (RECORD, Purpose.ZONE, LATER)


def test_silence_is_no() -> None:
    assert not allowed([])


def test_no_purpose_implies_another() -> None:
    for asked in Purpose:
        for given_for in Purpose:
            assert allowed([said(purpose=given_for)], asked) is (asked is given_for)


def test_another_record_s_yes_does_not_count() -> None:
    assert not allowed([said(subject=OTHER_RECORD)])


def test_a_later_no_beats_a_yes_and_a_later_yes_beats_a_no() -> None:
    assert not allowed([said(sequence=1), said(NO, sequence=2)])
    assert allowed([said(NO, sequence=1), said(sequence=2)])


def test_at_equal_sequence_the_no_wins() -> None:
    assert not allowed([said(sequence=3), said(NO, sequence=3)])
    assert not allowed([said(NO, sequence=3), said(sequence=3)])


def test_at_equal_sequence_the_shorter_yes_holds() -> None:
    sooner = TODAY + timedelta(days=1)
    both = [said(expires_on=LATER), said(expires_on=sooner)]
    assert require(Purpose.ZONE, RECORD, both, TODAY).expires_on == sooner
    assert require(Purpose.ZONE, RECORD, both[::-1], TODAY).expires_on == sooner


def test_a_yes_counts_until_its_day() -> None:
    assert allowed([said(expires_on=TODAY + timedelta(days=1))])
    assert not allowed([said(expires_on=TODAY)])
    assert not allowed([said(expires_on=TODAY - timedelta(days=1))])


def test_an_expired_yes_does_not_fall_back_to_an_older_longer_one() -> None:
    assert not allowed([said(sequence=1, expires_on=LATER), said(sequence=2, expires_on=TODAY)])


def test_a_no_never_expires() -> None:
    assert not allowed([said(sequence=1), said(NO, sequence=2, expires_on=TODAY - timedelta(days=30))])


@given(EVENTS, st.randoms(use_true_random=False))
def test_order_duplicates_and_replays_change_nothing(events: list[ConsentEvent], dice: random.Random) -> None:
    replayed = events + [dice.choice(events) for _ in events]
    dice.shuffle(replayed)
    for purpose in Purpose:
        assert allowed(replayed, purpose) is allowed(events, purpose)


@given(EVENTS)
def test_the_rule_said_another_way(events: list[ConsentEvent]) -> None:
    ours = [event for event in events if (event.subject, event.purpose) == (RECORD, Purpose.ZONE)]
    top = max((event.sequence for event in ours), default=0)
    last = [event for event in ours if event.sequence == top]
    expected = bool(last) and all(e.decision is Decision.GIVEN and e.expires_on > TODAY for e in last)
    assert allowed(events) is expected


@given(EVENTS)
def test_one_more_no_ends_consent_for_good(events: list[ConsentEvent]) -> None:
    assert not allowed([*events, said(NO, sequence=7, expires_on=NIGHT)])


@given(EVENTS, st.integers(0, 200))
def test_a_proof_never_outlives_a_yes(events: list[ConsentEvent], days: int) -> None:
    today = TODAY + timedelta(days=days)
    try:
        found = require(Purpose.ZONE, RECORD, events, today)
    except ConsentMissing:
        return
    assert today < found.expires_on
    assert found.expires_on in {event.expires_on for event in events}


def test_an_instant_is_no_day() -> None:
    with pytest.raises(TypeError):
        require(Purpose.ZONE, RECORD, [said()], datetime(2026, 11, 22, tzinfo=UTC))


class TestProof:
    def test_it_cannot_be_made_elsewhere(self) -> None:
        for stamp in (None, object(), consent._Stamp()):
            with pytest.raises(TypeError):
                ConsentProof(stamp, RECORD, Purpose.ZONE, LATER)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            ConsentProof(RECORD, Purpose.ZONE, LATER)  # type: ignore[call-arg]

    def test_it_has_no_kinds(self) -> None:
        with pytest.raises(TypeError):
            type("Forged", (ConsentProof,), {})

    def test_it_cannot_be_copied_kept_or_changed(self) -> None:
        for way in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                way(proof())
        with pytest.raises(AttributeError):
            proof()._purpose = Purpose.RECONTACT
        with pytest.raises(AttributeError):
            proof().note = "x"

    def test_a_shell_without_content_is_worth_nothing(self) -> None:
        hollow = object.__new__(ConsentProof)
        with pytest.raises((ConsentMissing, AttributeError)):
            check(hollow, Purpose.ZONE)

    def test_its_text_names_no_record(self) -> None:
        assert repr(proof()) == "ConsentProof(zone)"
        assert str(RECORD) not in repr(said())

    def test_check_takes_a_proof_of_that_purpose_only(self) -> None:
        check(proof(Purpose.ZONE), Purpose.ZONE)
        for other in (proof(Purpose.RECONTACT), None, True, "zone", said()):
            with pytest.raises(ConsentMissing):
                check(other, Purpose.ZONE)
