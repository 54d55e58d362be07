"""Sealing: one size, one place, one error, and a destroyed secret is the end."""

import os
from hashlib import sha512
from uuid import UUID

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from privacy.core import envelope
from privacy.core.consent import Purpose
from privacy.core.context import encode
from privacy.core.envelope import (
    NOTE,
    OVERHEAD,
    RECORD,
    field_key,
    padded_size,
    seal,
    seal_nonpersonal,
    seal_nothing,
    unseal,
    unwrap,
    wrap,
)
from privacy.core.errors import ConsentMissing, TooLong, Unreadable
from privacy.core.values import Sealed
from tests.privacy.core import readers
from tests.privacy.core.given import ASSOCIATION, NIGHT, OTHER_RECORD, place_of, proof, vectors
from tests.privacy.core.given import RECORD as SUBJECT

SECRET = bytes(range(32))
TEXT = b"deux duvets, retour mardi"
SECRETS = st.binary(min_size=32, max_size=32)


def sealed(text: bytes = TEXT, secret: bytes = SECRET) -> Sealed:
    return seal(text, secret, place_of(), padded_to=RECORD, proof=proof())


class TestRoundTrip:
    @given(st.binary(max_size=RECORD - 4), SECRETS)
    def test_what_goes_in_comes_out(self, text: bytes, secret: bytes) -> None:
        assert unseal(sealed(text, secret), secret, place_of()) == text

    def test_stored_bytes_open_too(self) -> None:
        assert unseal(bytes(sealed()), SECRET, place_of()) == TEXT

    def test_the_text_is_not_in_the_blob(self) -> None:
        plain = b"\x01" + TEXT.ljust(RECORD, b"\0")
        assert TEXT in plain  # presence first: the search finds what is there
        assert TEXT not in bytes(sealed())

    def test_sealing_twice_gives_other_bytes(self) -> None:
        assert sealed() != sealed()


class TestSize:
    @pytest.mark.parametrize("padded_to", [RECORD, NOTE])
    @given(length=st.integers(0, 1020))
    def test_every_blob_of_a_class_has_one_length(self, padded_to: int, length: int) -> None:
        blob = seal(b"x" * length, SECRET, place_of(), padded_to=padded_to, proof=proof())
        assert len(blob) == padded_to + OVERHEAD

    def test_notes_and_missing_notes_look_alike(self) -> None:
        there = seal(b"x" * 150, SECRET, place_of(), padded_to=NOTE, proof=proof())
        missing = seal_nothing(SECRET, place_of(), padded_to=NOTE)
        assert len(there) == len(missing) == NOTE + OVERHEAD
        assert bytes(there)[:1] == bytes(missing)[:1]
        assert unseal(missing, SECRET, place_of()) == b""

    @pytest.mark.parametrize("padded_to", [RECORD, NOTE])
    def test_nothing_is_ever_cut_off(self, padded_to: int) -> None:
        full = seal(b"x" * (padded_to - 4), SECRET, place_of(), padded_to=padded_to, proof=proof())
        assert unseal(full, SECRET, place_of()) == b"x" * (padded_to - 4)
        with pytest.raises(TooLong) as caught:
            seal(b"x" * (padded_to - 3), SECRET, place_of(), padded_to=padded_to, proof=proof())
        assert str(caught.value) == "too-long"

    def test_zeros_at_the_end_of_a_text_stay(self) -> None:
        assert unseal(sealed(b"a\0\0"), SECRET, place_of()) == b"a\0\0"

    @given(st.integers(0, 100_000))
    def test_room_for_counts(self, length: int) -> None:
        room = padded_size(length)
        assert room - 4 >= length
        assert room == RECORD or room // 2 - 4 < length
        assert room & (room - 1) == 0

    def test_counts_longer_than_a_chunk(self) -> None:
        text = b"x" * 40_000
        blob = seal_nonpersonal(text, SECRET, place_of(), padded_to=padded_size(len(text)))
        assert unseal(blob, SECRET, place_of()) == text
        assert readers_open(bytes(blob), SECRET, place_of()) == text


class TestOneError:
    def fails(self, blob: bytes, secret: bytes = SECRET, context: bytes = b"") -> None:
        with pytest.raises(Unreadable) as caught:
            unseal(blob, secret, context or place_of())
        assert str(caught.value) == "unreadable"
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None

    def test_every_changed_byte(self) -> None:
        blob = bytes(sealed())
        assert unseal(blob, SECRET, place_of()) == TEXT
        for at in range(len(blob)):
            self.fails(blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :])

    @pytest.mark.parametrize("cut", [0, 1, 24, 56, 57, 500, RECORD + OVERHEAD - 1])
    def test_every_truncation(self, cut: int) -> None:
        self.fails(bytes(sealed())[:cut])

    def test_an_extension(self) -> None:
        self.fails(bytes(sealed()) + b"\0")

    @given(SECRETS.filter(lambda other: other != SECRET))
    def test_another_secret(self, other: bytes) -> None:
        self.fails(bytes(sealed()), secret=other)

    @pytest.mark.parametrize("secret", [b"", b"short", bytes(31), bytes(33), None])
    def test_a_destroyed_secret(self, secret: bytes) -> None:
        self.fails(bytes(sealed()), secret=secret)

    @pytest.mark.parametrize("version", [0, 2, 255])
    def test_another_version(self, version: int) -> None:
        self.fails(bytes([version]) + bytes(sealed())[1:])

    @given(st.binary(max_size=200))
    def test_garbage(self, blob: bytes) -> None:
        self.fails(blob)
        self.fails(b"\x01" + blob)

    @pytest.mark.parametrize(
        "swapped",
        [
            place_of(OTHER_RECORD),
            place_of(table="note"),
            encode(UUID(int=9), "record", SUBJECT, "record", "policy-1", NIGHT),
            encode(ASSOCIATION, "record", SUBJECT, "note", "policy-1", NIGHT),
            encode(ASSOCIATION, "record", SUBJECT, "record", "policy-2", NIGHT),
            encode(ASSOCIATION, "record", SUBJECT, "record", "policy-1", NIGHT.replace(day=20)),
            encode(ASSOCIATION, "record", str(SUBJECT), "record", "policy-1", NIGHT),
            place_of() + b"\0",
            b"x",
        ],
    )
    def test_every_swap_of_place(self, swapped: bytes) -> None:
        self.fails(bytes(sealed()), context=swapped)

    def test_padding_that_lies(self) -> None:
        key = field_key(SECRET, place_of())
        for padded in (b"\0\0\0\xff" + b"x", b"\0\0\0\1xy", b"\0\0", b"", b"\xff\xff\xff\xff"):
            self.fails(envelope._close(padded, key, place_of()))


class TestConsentRequired:
    def test_a_proof_for_another_record(self) -> None:
        with pytest.raises(ConsentMissing):
            seal(TEXT, SECRET, place_of(), padded_to=RECORD, proof=proof(subject=OTHER_RECORD))

    @pytest.mark.parametrize("other", [Purpose.RECONTACT, Purpose.QUOTE])
    def test_a_record_needs_zone(self, other: Purpose) -> None:
        with pytest.raises(ConsentMissing):
            seal(TEXT, SECRET, place_of(), padded_to=RECORD, proof=proof(other))

    @pytest.mark.parametrize("nothing", [None, True, "zone"])
    def test_no_proof(self, nothing: object) -> None:
        with pytest.raises(ConsentMissing):
            seal(TEXT, SECRET, place_of(), padded_to=RECORD, proof=nothing)  # type: ignore[arg-type]

    def test_a_place_that_names_nobody(self) -> None:
        with pytest.raises(ConsentMissing):
            seal(TEXT, SECRET, encode(ASSOCIATION, "record"), padded_to=RECORD, proof=proof())


class TestWrapping:
    @given(SECRETS, SECRETS, st.binary(max_size=64))
    def test_there_and_back(self, key: bytes, material: bytes, context: bytes) -> None:
        assert unwrap(key, wrap(key, material, context), context) == material

    def test_any_change_is_unreadable(self) -> None:
        wrapped = wrap(SECRET, os.urandom(32), b"bucket 1")
        assert len(unwrap(SECRET, wrapped, b"bucket 1")) == 32
        for at in range(len(wrapped)):
            with pytest.raises(Unreadable):
                unwrap(SECRET, wrapped[:at] + bytes([wrapped[at] ^ 128]) + wrapped[at + 1 :], b"bucket 1")
        for key, context in ((bytes(32), b"bucket 1"), (SECRET, b"bucket 2"), (b"", b"bucket 1")):
            with pytest.raises(Unreadable):
                unwrap(key, wrapped, context)

    def test_wrapping_and_sealing_do_not_mix(self) -> None:
        with pytest.raises(Unreadable):
            unwrap(SECRET, bytes(sealed()), place_of())
        with pytest.raises(Unreadable):
            unseal(wrap(SECRET, b"\0\0\0\1x", place_of()), SECRET, place_of())


def readers_open(blob: bytes, secret: bytes, context: bytes) -> bytes:
    """Our blob, opened from the texts of the standards alone."""
    assert blob[:1] == b"\x01"
    prk = readers.hkdf_extract(sha512, b"", secret)
    key = readers.hkdf_expand(sha512, prk, encode("maraudes seal 1", context), 32)
    padded = readers.cobblestone256_read(key, context, blob[1:])
    end = 4 + int.from_bytes(padded[:4], "big")
    assert not any(padded[end:])
    return padded[4:end]


class TestAgainstOthers:
    @pytest.mark.parametrize(
        "case", vectors("cobblestone256.json")["cases"], ids=lambda case: case["comment"]
    )
    def test_published_cobblestone_vectors(self, case: dict[str, str]) -> None:
        key, context = bytes.fromhex(case["key"]), bytes.fromhex(case["context"])
        ciphertext = bytes.fromhex(case["ciphertext"])
        box = Cobblestone256Decryptor(key, context)
        message = box.update(ciphertext) + box.finalize()
        assert sha512(message).hexdigest() == case["sha512"]
        assert readers.cobblestone256_read(key, context, ciphertext) == message
        aead_key, nonce, commitment = readers.cobblestone256_keys(key, context, ciphertext[:24])
        assert (aead_key.hex(), nonce.hex()) == (case["aead_key"], case["base_nonce"])
        assert commitment == ciphertext[24:56]

    @given(st.binary(max_size=RECORD - 4), SECRETS)
    def test_hkdf_and_aes_gcm_alone_read_our_blobs(self, text: bytes, secret: bytes) -> None:
        assert readers_open(bytes(sealed(text, secret)), secret, place_of()) == text

    def test_that_reader_refuses_too(self) -> None:
        blob = bytes(sealed())
        with pytest.raises(AssertionError):
            readers_open(blob, SECRET, place_of(OTHER_RECORD))
        with pytest.raises(InvalidTag):
            readers_open(blob[:-1] + bytes([blob[-1] ^ 1]), SECRET, place_of())

    @pytest.mark.parametrize("case", vectors("envelope.json")["cases"], ids=lambda case: case["what"])
    def test_recorded_blobs_still_open(self, case: dict[str, str]) -> None:
        """A blob at rest must stay readable by every later version until it expires."""
        secret, context = bytes.fromhex(case["secret"]), bytes.fromhex(case["context"])
        blob = bytes.fromhex(case["blob"])
        opened = unwrap(secret, blob, context) if case["what"] == "wrapped" else unseal(blob, secret, context)
        assert opened.hex() == case["plaintext"]
