"""A phone writes, only the server reads, and a draft is what it claims to be or nothing."""

from datetime import date
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from privacy.core import ingress
from privacy.core.errors import BadDraft, TooLong
from privacy.core.ingress import LIMIT, PADDED, SIZE, generate, info, open_draft, seal_draft
from tests.privacy.core import readers
from tests.privacy.core.given import ASSOCIATION, vectors

PRIVATE, PUBLIC = generate()
DRAFT = UUID("d4af7000-0000-4000-8000-000000000001")
OTHER = UUID("d4af7000-0000-4000-8000-000000000002")
DAY = date(2026, 11, 25)
PAYLOAD = b'{"count": 2}'


def bound(
    association: UUID = ASSOCIATION,
    round_pseudonym: str = "round-7",
    draft: UUID = DRAFT,
    key: str = "2026-W47",
    day: date = DAY,
) -> bytes:
    return info(association, round_pseudonym, draft, key, day)


def draft(payload: bytes = PAYLOAD) -> bytes:
    return seal_draft(PUBLIC, bound(), DRAFT, payload)


@given(st.binary(max_size=LIMIT))
def test_what_goes_in_comes_out_and_every_draft_has_one_size(payload: bytes) -> None:
    sealed = draft(payload)
    assert len(sealed) == SIZE
    assert open_draft(PRIVATE, bound(), DRAFT, sealed) == payload


def test_nothing_is_cut_off() -> None:
    assert open_draft(PRIVATE, bound(), DRAFT, draft(b"x" * LIMIT)) == b"x" * LIMIT
    with pytest.raises(TooLong):
        draft(b"x" * (LIMIT + 1))


def test_sealing_twice_gives_other_bytes() -> None:
    assert draft() != draft()


def test_the_payload_is_not_in_the_draft() -> None:
    assert PAYLOAD in b"\x01" + PAYLOAD
    assert PAYLOAD not in draft()


def test_the_public_key_opens_nothing() -> None:
    with pytest.raises(BadDraft):
        open_draft(PUBLIC, bound(), DRAFT, draft())


def test_keys_are_fresh_raw_x25519() -> None:
    private, public = generate()
    assert (len(private), len(public)) == (32, 32)
    assert private != PRIVATE
    assert X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw() == public


@pytest.mark.parametrize(
    "other",
    [
        bound(association=UUID(int=9)),
        bound(round_pseudonym="round-8"),
        bound(draft=OTHER),
        bound(key="2026-W48"),
        bound(day=date(2026, 11, 26)),
        b"",
    ],
)
def test_it_is_bound_to_its_round_key_and_day(other: bytes) -> None:
    assert other != bound()
    with pytest.raises(BadDraft):
        open_draft(PRIVATE, other, DRAFT, draft())


def test_it_opens_under_its_own_id_only() -> None:
    """The library has no associated data: with one `info` for a whole round, only the inner id tells drafts apart."""
    shared = b"one info for many drafts"
    sealed = seal_draft(PUBLIC, shared, DRAFT, PAYLOAD)
    assert open_draft(PRIVATE, shared, DRAFT, sealed) == PAYLOAD
    with pytest.raises(BadDraft):
        open_draft(PRIVATE, shared, OTHER, sealed)


def test_every_changed_byte_is_found() -> None:
    sealed = draft()
    for at in [*range(120), *range(120, SIZE, 97), SIZE - 1]:
        with pytest.raises(BadDraft):
            open_draft(PRIVATE, bound(), DRAFT, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])


@pytest.mark.parametrize("cut", [0, 1, 33, SIZE - 1])
def test_other_lengths_are_refused(cut: int) -> None:
    for sealed in (draft()[:cut], draft() + b"\0"):
        with pytest.raises(BadDraft):
            open_draft(PRIVATE, bound(), DRAFT, sealed)


@given(st.binary(max_size=100))
def test_garbage_is_a_bad_draft(garbage: bytes) -> None:
    with pytest.raises(BadDraft):
        open_draft(PRIVATE, bound(), DRAFT, garbage)
    with pytest.raises(BadDraft) as caught:
        open_draft(PRIVATE, bound(), DRAFT, (b"\x01" + garbage).ljust(SIZE, b"\0"))
    assert str(caught.value) == "bad-draft"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("key", [b"", b"short", bytes(33)])
def test_bad_keys(key: bytes) -> None:
    with pytest.raises(BadDraft):
        open_draft(key, bound(), DRAFT, draft())
    with pytest.raises(BadDraft):
        seal_draft(key, bound(), DRAFT, PAYLOAD)


def test_a_public_key_of_small_order_is_refused() -> None:
    """The all-zero key would make every shared secret known."""
    with pytest.raises(BadDraft):
        seal_draft(bytes(32), bound(), DRAFT, PAYLOAD)


@pytest.mark.parametrize(
    "plaintext",
    [
        OTHER.bytes + b"\0\0\0\1x",
        DRAFT.bytes + b"\0\0\0\1xy",
        DRAFT.bytes + b"\0\0\x0f\xff" + b"x" * 10 + b"\0",
        DRAFT.bytes + b"\xff\xff\xff\xff",
    ],
)
def test_a_well_sealed_lie_is_a_bad_draft(plaintext: bytes) -> None:
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    public = X25519PrivateKey.from_private_bytes(PRIVATE).public_key()
    sealed = b"\x01" + suite.encrypt(plaintext.ljust(PADDED, b"\0"), public, bound())
    if plaintext[:20] == DRAFT.bytes + b"\0\0\x0f\xff":  # 4,095 bytes cannot stand in 4,076
        assert int.from_bytes(plaintext[16:20], "big") > LIMIT
    with pytest.raises(BadDraft):
        open_draft(PRIVATE, bound(), DRAFT, sealed)


@pytest.mark.parametrize("length", [PADDED - 1, PADDED + 1, 64, 20])
def test_a_well_sealed_draft_of_another_length_is_refused(length: int) -> None:
    """Lengths would tell a refusal from a long note, so only one is let in."""
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    public = X25519PrivateKey.from_private_bytes(PRIVATE).public_key()
    plaintext = (DRAFT.bytes + b"\0\0\0\0").ljust(length, b"\0")
    with pytest.raises(BadDraft):
        open_draft(PRIVATE, bound(), DRAFT, b"\x01" + suite.encrypt(plaintext, public, bound()))


class TestAgainstOthers:
    def test_the_reader_follows_rfc_9180(self) -> None:
        case = {name: value for name, value in vectors("hpke.json").items() if name != "provenance"}
        raw = {name: bytes.fromhex(value) for name, value in case.items()}
        shared, key, nonce = readers.hpke_keys(raw["skRm"], raw["enc"], raw["info"])
        assert (shared, key, nonce) == (raw["shared_secret"], raw["key"], raw["base_nonce"])
        assert readers.hpke_read(raw["skRm"], raw["info"], raw["enc"] + raw["ct"], raw["aad"]) == raw["pt"]

    @given(st.binary(max_size=LIMIT))
    def test_that_reader_opens_our_drafts(self, payload: bytes) -> None:
        plaintext = readers.hpke_read(PRIVATE, bound(), draft(payload)[1:])
        assert len(plaintext) == PADDED
        assert plaintext[:16] == DRAFT.bytes
        assert plaintext[20 : 20 + len(payload)] == payload

    def test_a_recorded_draft_still_opens(self) -> None:
        case = vectors("ingress.json")
        opened = open_draft(
            bytes.fromhex(case["private"]),
            info(
                UUID(case["association"]),
                case["round"],
                UUID(case["draft"]),
                case["key"],
                date.fromisoformat(case["day"]),
            ),
            UUID(case["draft"]),
            bytes.fromhex(case["sealed"]),
        )
        assert opened.decode() == case["payload"]


def test_the_expiry_in_clear_is_a_day() -> None:
    from datetime import UTC, datetime

    with pytest.raises(TypeError):
        bound(day=datetime(2026, 11, 25, 3, 12, tzinfo=UTC))


def test_the_constants_agree() -> None:
    assert LIMIT == PADDED - 20
    assert 1 + KEM.X25519.enc_length() + PADDED + 16 == SIZE
    assert ingress.VERSION == b"\x01"
