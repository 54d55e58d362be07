"""An error says what kind of thing went wrong, and nothing about whom."""

import pytest

from privacy.core import errors
from privacy.core.errors import PolicyRefused, PrivacyError

FAMILY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PrivacyError)]


def test_the_family_is_complete() -> None:
    assert {kind.__name__ for kind in FAMILY} >= {
        "ConsentMissing",
        "Unreadable",
        "TooLong",
        "BadCell",
        "BadDraft",
        "PolicyRefused",
        "BadCheckpoint",
    }


def test_codes_tell_kinds_apart() -> None:
    assert len({kind.code for kind in FAMILY}) == len(FAMILY)


@pytest.mark.parametrize("kind", [kind for kind in FAMILY if kind is not PolicyRefused])
def test_the_text_is_the_code(kind: type[PrivacyError]) -> None:
    assert str(kind()) == kind.code
    with pytest.raises(TypeError):
        kind("2.3522, 48.8566")  # type: ignore[call-arg]


def test_a_refused_policy_names_its_field_beside_the_text() -> None:
    error = PolicyRefused("record_days")
    assert error.field == "record_days"
    assert str(error) == "policy-refused"
