"""Masked counts: what they show is coarse, holds without its largest part, and cannot be moved from outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.masking import masked, rounded

FEW = st.integers(5, 20)
ENCOUNTERS = st.lists(st.integers(1, 40), max_size=12)
TEAMS = st.lists(ENCOUNTERS, max_size=5)


@given(st.integers(0, 10_000), FEW)
def test_a_rounded_count_is_the_multiple_below(count: int, few: int) -> None:
    assert rounded(count, few) % few == 0
    assert 0 <= count - rounded(count, few) < few


@pytest.mark.parametrize(("count", "few"), [(-1, 5), (5, 0)])
def test_a_number_that_is_no_count_is_refused(count: int, few: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        rounded(count, few)


@given(TEAMS, FEW)
def test_a_number_is_a_multiple_and_few_remain_without_the_largest(teams: list[list[int]], few: int) -> None:
    shown = masked([sum(team) for team in teams], few)
    if shown:
        total = sum(sum(team) for team in teams)
        assert shown % few == 0
        assert shown <= total
        assert total - max(sum(team) for team in teams) >= few
        assert total - max(people for team in teams for people in team) >= few


@given(st.lists(st.integers(0, 4), max_size=30))
def test_people_of_whom_no_team_met_few_are_not_told_from_nobody(shares: list[int]) -> None:
    assert masked(shares, 5) == masked([], 5) == 0


@given(st.lists(st.integers(0, 60), max_size=4), st.integers(0, 4), FEW)
def test_whatever_others_add_a_small_share_shows_as_none(others: list[int], small: int, few: int) -> None:
    """Others are an attacker's: planted, known, withdrawn, in any number of teams."""
    assert masked([*others, small], few) == masked([*others, 0], few)


@given(st.lists(st.integers(0, 60), max_size=4), st.integers(0, 200), st.integers(5, 20))
def test_a_share_is_never_told_closer_than_few(others: list[int], share: int, few: int) -> None:
    step = rounded(share, few)
    assert {masked([*others, step + more], few) for more in range(few)} == {masked([*others, share], few)}


def test_examples_a_person_can_check() -> None:
    assert masked([7, 9], 5) == 10
    assert masked([44], 5) is None  # one team's number stays its own
    assert masked([44, 4], 5) is None
    assert masked([44, 5], 5) == 45
    assert masked([4, 4, 4], 5) == 0
