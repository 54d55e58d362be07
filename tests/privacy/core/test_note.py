"""Notes and checkpoints against published ones, and against everything that is nearly one.

Origin of the vectors: PETER is the key pair and signed note of golang.org/x/mod, `sumdb/note/note_test.go`
(also its package example), made by another implementation in another language. POET and SOFA are the example
note of c2sp.org/signed-note and the example checkpoint of c2sp.org/tlog-checkpoint: their keys are not
published there, so they show the format only. RFC 8032 §7.1 test 1 anchors Ed25519.
"""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.core import note as notes
from privacy.core.errors import BadCheckpoint
from privacy.core.note import Checkpoint, MalformedNote, UnknownSigner, WrongSignature

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
PETER_NOTE = (
    PETER_TEXT + "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
POET_NOTE = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)
SOFA_NOTE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)

SEED = bytes(range(32))
ROOT = bytes(range(32, 64))
CHECKPOINT = Checkpoint("maraudes.example/audit", 1984, ROOT)


def own_key(name: str = "maraudes.example/audit", seed: bytes = SEED) -> notes.VerifierKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return notes.verifier_key(
        name, Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    )


def test_published_note_verifies_and_is_reproduced_to_the_byte() -> None:
    key = notes.parse_verifier_key(PETER)
    assert key.key_id.hex() == "c74f20a3"
    assert str(key) == PETER
    assert notes.verify(PETER_NOTE, key) == PETER_TEXT
    assert notes.sign(PETER_TEXT, "PeterNeumann", PETER_SEED) == PETER_NOTE


def test_the_key_of_rfc_8032() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    assert (
        own_key("x", seed).public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )


def test_a_text_with_empty_lines_splits_at_the_last_one() -> None:
    text, signatures = notes.parse(POET_NOTE)
    assert text.endswith("\n\ned è subito sera.\n")
    assert [(s.name, len(s.key_id), len(s.value)) for s in signatures] == [
        ("quasimodo.example/salvatore", 4, 64)
    ]


def test_published_checkpoint_parses() -> None:
    text, [signature] = notes.parse(SOFA_NOTE)
    checkpoint = Checkpoint.parse(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert signature.name == checkpoint.origin
    assert checkpoint.body() == text


def test_a_checkpoint_comes_back_as_it_went() -> None:
    note = notes.sign_checkpoint(CHECKPOINT, SEED)
    assert notes.open_checkpoint(note, own_key()) == CHECKPOINT


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_every_checkpoint_comes_back(size: int, root: bytes) -> None:
    checkpoint = Checkpoint("maraudes.example/audit", size, root)
    assert Checkpoint.parse(checkpoint.body()) == checkpoint


def test_a_partner_may_add_a_signature_and_ours_still_counts() -> None:
    partner = notes.sign(CHECKPOINT.body(), "partner.example", bytes(32)).rpartition("\n\n")[2]
    note = notes.sign_checkpoint(CHECKPOINT, SEED) + partner
    assert notes.open_checkpoint(note, own_key()) == CHECKPOINT
    assert notes.open_checkpoint(note, own_key("partner.example", bytes(32))) == CHECKPOINT


def test_a_stranger_signs_in_vain() -> None:
    with pytest.raises(UnknownSigner):
        notes.verify(PETER_NOTE, notes.parse_verifier_key(ENOCH))
    same_name = own_key("maraudes.example/audit", bytes(32))
    with pytest.raises(UnknownSigner):
        notes.verify(notes.sign_checkpoint(CHECKPOINT, SEED), same_name)


def test_one_false_signature_in_our_name_condemns_the_note() -> None:
    note = notes.sign_checkpoint(CHECKPOINT, SEED)
    other_text = notes.sign(CHECKPOINT.body().replace("1984", "1985"), CHECKPOINT.origin, SEED).rpartition(
        "\n\n"
    )[2]
    with pytest.raises(WrongSignature):
        notes.verify(note + other_text, own_key())


@given(st.integers(0, 2**32), st.integers(1, 255))
def test_no_changed_byte_survives(place: int, flip: int) -> None:
    raw = bytearray(notes.sign_checkpoint(CHECKPOINT, SEED).encode())
    raw[place % len(raw)] ^= flip
    try:
        changed = raw.decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(BadCheckpoint):
        notes.verify(changed, own_key())


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\n— name\n",
        "text\n\n- name AAAAAAA=\n",
        "text\n\n— name AAAA\n",
        "text\n\n— name AAAAAAB=\n",  # not canonical: the last bits of the base64 are not zero
        "text\n\n— name AAAA AAA=\n",
        "text\n\n—  AAAAAAA=\n",
        "text\n\n— na+me AAAAAAA=\n",
        "te\rxt\n\n— name AAAAAAA=\n",
        "text\n\n— name AAAAAAA=",
        PETER_NOTE.replace("\n", "\r\n"),
        "x" * notes.MAX_NOTE + "\n\n— name AAAAAAA=\n",
        "text\n\n" + "— name AAAAAAA=\n" * (notes.MAX_SIGNATURES + 1),
    ],
)
def test_what_is_not_a_note(note: str) -> None:
    with pytest.raises(MalformedNote):
        notes.parse(note)


def test_the_smallest_thing_that_is_one() -> None:
    assert notes.parse("text\n\n— name AAAAAAA=\n") == (
        "text\n",
        [notes.Signature("name", b"\0\0\0\0", b"\0")],
    )


@pytest.mark.parametrize(
    "body",
    [
        "",
        "log\n1\n",
        "log\n01\n" + base64.b64encode(ROOT).decode() + "\n",
        "log\n-1\n" + base64.b64encode(ROOT).decode() + "\n",
        "log\n٣\n" + base64.b64encode(ROOT).decode() + "\n",  # a decimal digit to str.isdigit, not to us
        "log\n9223372036854775808\n" + base64.b64encode(ROOT).decode() + "\n",
        "log\n1\n" + base64.b64encode(ROOT[:31]).decode() + "\n",
        "\n1\n" + base64.b64encode(ROOT).decode() + "\n",
        "log\n1\n" + base64.b64encode(ROOT).decode(),
        "log\n1\n" + base64.b64encode(ROOT).decode() + "\n\nmore\n",
    ],
)
def test_what_is_not_a_checkpoint(body: str) -> None:
    with pytest.raises(MalformedNote):
        Checkpoint.parse(body)


def test_an_extension_line_is_read_over() -> None:
    assert Checkpoint.parse(CHECKPOINT.body() + "extension\n") == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+c74f20a3",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("PeterNeumann", "PeterNewman"),
        PETER.replace("+AR", "+BR"),
        PETER[:-4],
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_what_is_not_a_verifier_key(text: str) -> None:
    with pytest.raises(MalformedNote):
        notes.parse_verifier_key(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb"])
def test_names_that_would_break_a_line_are_never_signed(name: str) -> None:
    with pytest.raises(MalformedNote):
        notes.sign("text\n", name, SEED)


@pytest.mark.parametrize("text", ["", "no newline", "a\tb\n", "a\x00b\n"])
def test_texts_a_verifier_would_refuse_are_never_signed(text: str) -> None:
    with pytest.raises(MalformedNote):
        notes.sign(text, "name", SEED)


def test_refusals_carry_a_code_and_no_value() -> None:
    with pytest.raises(BadCheckpoint) as caught:
        notes.verify(PETER_NOTE.replace("cryptography", "cryptographie"), notes.parse_verifier_key(PETER))
    assert caught.value.code == "wrong-signature"
    assert str(caught.value) == "wrong-signature"
