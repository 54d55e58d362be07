"""Two different places are never spelled alike."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.core.context import Part, encode, names, row_aad
from tests.privacy.core.given import vectors

PARTS = st.one_of(
    st.text(max_size=8),
    st.binary(max_size=8),
    st.integers(-(10**30), 10**30),
    st.uuids(),
    st.dates(),
)
LISTS = st.lists(PARTS, max_size=4)


def decode(data: bytes) -> list[Part]:
    """The way back, which only tests need: that it exists is what makes the encoding injective."""
    parts: list[Part] = []
    while data:
        tag, length = data[:1], int.from_bytes(data[1:5], "big")
        body, data = data[5 : 5 + length], data[5 + length :]
        assert len(body) == length
        if tag == b"s":
            parts.append(body.decode("utf-8", "surrogatepass"))
        elif tag == b"b":
            parts.append(body)
        elif tag == b"i":
            parts.append(int(body))
        elif tag == b"u":
            parts.append(UUID(bytes=body))
        else:
            assert tag == b"d"
            parts.append(date.fromisoformat(body.decode()))
    return parts


@given(LISTS)
def test_it_can_be_read_back(parts: list[Part]) -> None:
    back = decode(encode(*parts))
    assert back == parts
    assert [type(part) for part in back] == [type(part) for part in parts]


@given(LISTS, LISTS)
@settings(max_examples=300)
def test_different_lists_give_different_bytes(one: list[Part], other: list[Part]) -> None:
    alike = one == other and [type(part) for part in one] == [type(part) for part in other]
    assert (encode(*one) == encode(*other)) is alike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a", ""), ("a",)),
        (("",), ()),
        (("1",), (1,)),
        (("a",), (b"a",)),
        ((UUID(int=7),), (UUID(int=7).bytes,)),
        ((date(2026, 1, 1),), ("2026-01-01",)),
        ((-1,), (1,)),
    ],
)
def test_lookalikes(one: tuple[Part, ...], other: tuple[Part, ...]) -> None:
    assert encode(*one) != encode(*other)


@pytest.mark.parametrize("part", [True, None, 1.5, datetime(2026, 1, 1, tzinfo=UTC), ("a",), bytearray(b"a")])
def test_other_types_are_refused(part: Part) -> None:
    with pytest.raises(TypeError):
        encode("a", part)


@given(LISTS, PARTS)
def test_names_finds_parts_and_only_parts(parts: list[Part], wanted: Part) -> None:
    there = any(type(part) is type(wanted) and part == wanted for part in parts)
    assert names(encode(*parts), wanted) is there
    assert names(encode(*parts, wanted), wanted)
    assert not names(encode(*parts, encode(wanted)), wanted) or there


@given(st.binary(max_size=40))
def test_names_survives_foreign_bytes(data: bytes) -> None:
    assert names(data, UUID(int=7)) is False


def test_recorded_encodings() -> None:
    """The phone writes the same bytes; a change here would orphan every blob at rest."""
    for case in vectors("context.json")["cases"]:
        kinds = {"str": str, "int": int, "uuid": UUID, "date": date.fromisoformat, "bytes": bytes.fromhex}
        parts = [kinds[kind](value) for kind, value in case["parts"]]  # type: ignore[operator]
        assert encode(*parts).hex() == case["encoded"]


def test_the_binding_of_a_row_is_the_one_that_blobs_were_sealed_under() -> None:
    """Blobs that lie in services were bound by these very parts: another order and none of them opens."""
    association, row, day = UUID(int=1), UUID(int=2), date(2026, 11, 22)
    parts = ("maraudes/seal", association, "outreach_tally", row, "tally", day)
    assert row_aad(association, "outreach_tally", row, "tally", day) == encode(*parts)
