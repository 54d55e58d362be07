"""No association can lift a limit, and every number says where it comes from."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.core.errors import PolicyRefused
from privacy.core.grid import LADDER
from privacy.core.policy import DEFAULT, LIMITS, PERMISSIVE, STRICT, Policy

NAMES = st.sampled_from(sorted(LIMITS))
JUNK = st.one_of(st.none(), st.booleans(), st.text(), st.floats(), st.lists(st.integers()), st.binary())


def allowed(name: str) -> st.SearchStrategy[int]:
    """Any value of one setting that its limits allow."""
    limit = LIMITS[name]
    if name.endswith("_cell"):
        return st.sampled_from([size for size in LADDER if limit.floor <= size <= limit.ceiling])
    return st.integers(limit.floor, limit.ceiling)


def whole(settings: dict[str, int]) -> dict[str, int]:
    """The settings, with a plan that lives as long as what hangs on it."""
    chosen = DEFAULT.to_dict() | settings
    least = max(chosen["record_days"], chosen["tally_days"])
    return settings | {"itinerary_days": max(chosen["itinerary_days"], least)}


POLICIES = (
    st.fixed_dictionaries({}, optional={name: allowed(name) for name in LIMITS})
    .map(whole)
    .map(Policy.from_dict)
)


def test_every_setting_has_a_limit_and_every_limit_a_setting() -> None:
    assert [field.name for field in fields(Policy)] == list(LIMITS)


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_whole(name: str) -> None:
    limit = LIMITS[name]
    assert 0 < limit.floor <= limit.default <= limit.ceiling
    assert limit.unit in {"days", "metres", "people"}
    assert len(limit.source) > 5


@pytest.mark.parametrize(
    ("name", "default", "ceiling"),
    [
        ("record_days", 90, 2 * 365),
        ("note_days", 30, 90),
        ("tally_days", 90, 90),
        ("handover_days", 30, 90),
        ("itinerary_days", 13 * 30.5, 2 * 365),
        ("audit_days", 365, 365),
        ("session_days", 30, 183),
        ("account_days", 90, 92),
        ("draft_days", 3, 3),
        ("tombstone_days", 4, 4),
    ],
)
def test_the_table_of_the_privacy_design(name: str, default: float, ceiling: float) -> None:
    assert LIMITS[name].default <= default
    assert LIMITS[name].default == pytest.approx(default, abs=1)
    assert LIMITS[name].ceiling <= ceiling


def test_squares_and_few() -> None:
    assert (DEFAULT.team_cell, DEFAULT.coordinator_cell, DEFAULT.few) == (500, 1000, 5)
    assert Policy(team_cell=250).team_cell == 250
    for settings in ({"team_cell": 200}, {"team_cell": 750}, {"coordinator_cell": 500}, {"few": 4}):
        with pytest.raises(PolicyRefused):
            Policy.from_dict(settings)


@pytest.mark.parametrize("longer", ["record_days", "tally_days"])
def test_a_plan_is_kept_as_long_as_what_hangs_on_it(longer: str) -> None:
    shorter = ({"record_days", "tally_days"} - {longer}).pop()
    days = {longer: 60, shorter: 30}
    assert Policy.from_dict(days | {"itinerary_days": 60}).itinerary_days == 60
    with pytest.raises(PolicyRefused) as caught:
        Policy.from_dict(days | {"itinerary_days": 59})
    assert caught.value.field == "itinerary_days"


@given(POLICIES)
def test_every_allowed_policy_can_be_built_and_read_back(policy: Policy) -> None:
    assert Policy.from_dict(policy.to_dict()) == policy
    assert Policy.from_dict(policy.to_dict()).version == policy.version


@given(NAMES, st.integers(1, 10**6))
def test_beyond_a_limit_is_refused_and_says_which(name: str, beyond: int) -> None:
    for value in (LIMITS[name].ceiling + beyond, LIMITS[name].floor - beyond):
        with pytest.raises(PolicyRefused) as caught:
            Policy.from_dict({name: value})
        assert caught.value.field == name
        assert str(value) not in str(caught.value)


@given(NAMES, JUNK)
def test_what_is_no_whole_number_is_refused(name: str, junk: Any) -> None:
    with pytest.raises(PolicyRefused) as caught:
        Policy.from_dict({name: junk})
    assert caught.value.field == name


@given(st.text().filter(lambda name: name not in LIMITS))
def test_unknown_settings_are_refused_without_repeating_them(name: str) -> None:
    with pytest.raises(PolicyRefused) as caught:
        Policy.from_dict({name: 1})
    assert caught.value.field == "unknown"


@pytest.mark.parametrize("key", [1, None, b"record_days"])
def test_keys_that_are_no_text_are_refused(key: Any) -> None:
    with pytest.raises(PolicyRefused):
        Policy.from_dict({key: 1})


@given(POLICIES, POLICIES)
def test_versions_tell_policies_apart(one: Policy, other: Policy) -> None:
    assert (one.version == other.version) is (one == other)


def test_the_default_version_does_not_drift_unnoticed() -> None:
    """It stands in the contexts of blobs at rest. Change it knowingly, with a note in the changelog."""
    assert Policy().version == DEFAULT.version
    assert len(DEFAULT.version) == 12
    assert DEFAULT.version == DEFAULT_VERSION


def test_a_policy_does_not_change() -> None:
    with pytest.raises(AttributeError):
        DEFAULT.record_days = 1000  # type: ignore[misc]
    with pytest.raises(TypeError):
        LIMITS["record_days"] = LIMITS["few"]  # type: ignore[index]


def test_the_presets_stand_in_order() -> None:
    for name, limit in LIMITS.items():
        strict, default, permissive = (getattr(p, name) for p in (STRICT, DEFAULT, PERMISSIVE))
        if name in {"team_cell", "coordinator_cell", "few"}:
            assert strict >= default >= permissive == limit.floor
        else:
            assert strict <= default <= permissive == limit.ceiling
    assert STRICT != DEFAULT != PERMISSIVE


DEFAULT_VERSION = "25d74c493936"
