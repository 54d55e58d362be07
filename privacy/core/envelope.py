"""Sealing at rest: one constant-size blob, bound to one place, under a secret that can be destroyed.

``blob = version byte ‖ Cobblestone-256(field key, context, length ‖ plaintext ‖ zeros)`` where
``field key = HKDF-SHA512(secret, info = context)``. Cobblestone-256 is C2SP chunked-encryption with SHA-512
and AES-256-GCM: no nonce to manage, bound to its context, key-committing. Whatever is wrong (destroyed key,
changed byte, other record) gives the same `Unreadable`. Whatever holds a person takes a `ConsentProof`.
"""

from typing import Final

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from privacy.core.consent import ConsentProof, Purpose, check
from privacy.core.context import encode, names
from privacy.core.errors import ConsentMissing, TooLong, Unreadable
from privacy.core.values import Sealed

VERSION: Final = b"\x01"
SECRET_BYTES: Final = 32
_LENGTH_BYTES: Final = 4
OVERHEAD: Final = len(VERSION) + 72
"""Bytes a blob is longer than ``padded_to``: version, salt (24), commitment (32), tag of one chunk (16)."""

RECORD: Final = 1024
"""Bytes of a padded record: the fields of one encounter as JSON, its quote included."""
LONGEST_RECORD: Final = RECORD - _LENGTH_BYTES
"""Bytes of text that fit a padded record."""
NOTE: Final = 1024
"""Bytes of a padded note."""
CHUNK: Final = 16_384
"""Bytes after which Cobblestone starts another chunk (16 more bytes of tag)."""


def seal(plaintext: bytes, secret: bytes, context: bytes, *, padded_to: int, proof: ConsentProof) -> Sealed:
    """Seal something about a person.

    secret: 32 random bytes, one per record and retention class. context: from `context.encode`.
    padded_to: RECORD or NOTE; every blob of a class has one length.
    proof: of consent to ZONE; its subject is a part of `context`.
    Raises ConsentMissing, or TooLong when the plaintext exceeds padded_to - 4 bytes.
    """
    # One person's yes never seals another's record: the context names whom the blob is about.
    check(proof, Purpose.ZONE)
    if not names(context, proof.subject):
        raise ConsentMissing
    return _seal(plaintext, secret, context, padded_to)


def seal_nonpersonal(plaintext: bytes, secret: bytes, context: bytes, *, padded_to: int) -> Sealed:
    """Seal what holds no person: tallies, summaries, accumulators, a team's handover. Raises TooLong.

    Review rule: a caller of this function says in its docstring why no person is in it.
    """
    return _seal(plaintext, secret, context, padded_to)


def seal_nothing(secret: bytes, context: bytes, *, padded_to: int) -> Sealed:
    """The blob of a part that does not exist. Only the secret tells it from one that does.

    Without it, a NULL would tell who left a note. `unseal` gives b"".
    """
    return _seal(b"", secret, context, padded_to)


def unseal(sealed: Sealed | bytes, secret: bytes, context: bytes) -> bytes:
    """The plaintext, or Unreadable: destroyed, tampered with, wrong secret or wrong place are one answer."""
    return _unpad(_open(bytes(sealed), field_key(secret, context), context))


def field_key(secret: bytes, context: bytes) -> bytes:
    """32 bytes for one field of one record: HKDF-SHA512, no salt, the context as info (RFC 5869)."""
    _check_secret(secret)
    return HKDF(SHA512(), SECRET_BYTES, salt=None, info=encode("maraudes seal 1", context)).derive(secret)


def wrap(key: bytes, material: bytes, context: bytes) -> bytes:
    """A key under another key, bound to a context. For keys only: the length shows.

    Raises Unreadable unless `key` is 32 bytes.
    """
    return _close(material, _wrap_key(key, context), context)


def unwrap(key: bytes, wrapped: bytes, context: bytes) -> bytes:
    """What `wrap` was given, or Unreadable."""
    return _open(wrapped, _wrap_key(key, context), context)


def cover(ciphertext: bytes, secret: bytes, context: bytes) -> bytes:
    """Something that is sealed already and has one length, sealed once more, so that it opens only as long as `secret` lives."""
    return _close(ciphertext, field_key(secret, context), context)


def uncover(covered: bytes, secret: bytes, context: bytes) -> bytes:
    """What `cover` was given, or Unreadable."""
    return _open(covered, field_key(secret, context), context)


def padded_size(length: int, least: int = RECORD) -> int:
    """A padded size for counts: the smallest power-of-two multiple of `least` that holds `length` bytes."""
    size = least
    while size - _LENGTH_BYTES < length:
        size *= 2
    return size


def _seal(plaintext: bytes, secret: bytes, context: bytes, padded_to: int) -> Sealed:
    if len(plaintext) > padded_to - _LENGTH_BYTES:
        raise TooLong
    padded = len(plaintext).to_bytes(_LENGTH_BYTES, "big") + plaintext
    return Sealed(_close(padded.ljust(padded_to, b"\0"), field_key(secret, context), context))


def _unpad(padded: bytes) -> bytes:
    end = _LENGTH_BYTES + int.from_bytes(padded[:_LENGTH_BYTES], "big")
    if len(padded) < _LENGTH_BYTES or end > len(padded) or padded.count(0, end) < len(padded) - end:
        raise Unreadable
    return padded[_LENGTH_BYTES:end]


def _wrap_key(key: bytes, context: bytes) -> bytes:
    # Another label than field_key: a secret that seals never wraps under the same derived key.
    _check_secret(key)
    return HKDF(SHA512(), SECRET_BYTES, salt=None, info=encode("maraudes wrap 1", context)).derive(key)


def _check_secret(secret: bytes) -> None:
    if not isinstance(secret, bytes | bytearray | memoryview) or len(secret) != SECRET_BYTES:
        raise Unreadable


def _close(plaintext: bytes, key: bytes, context: bytes) -> bytes:
    box = Cobblestone256Encryptor(key, context)
    return VERSION + box.update(plaintext) + box.finalize()


def _open(blob: bytes, key: bytes, context: bytes) -> bytes:
    if blob[:1] != VERSION:
        raise Unreadable
    try:
        box = Cobblestone256Decryptor(key, context)
        return box.update(blob[1:]) + box.finalize()
    except (InvalidTag, ValueError):
        raise Unreadable from None
