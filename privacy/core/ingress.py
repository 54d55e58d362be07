"""What a phone seals: it can write to the ingress key and read nothing back.

``draft = version byte ‖ HPKE(public key, info, draft id ‖ length ‖ payload ‖ zeros)``: RFC 9180 base mode, X25519,
HKDF-SHA256, AES-256-GCM. `info` binds it to association, round, draft, key and day; the draft id stands inside the
plaintext too, because the library has no associated data and ids are claimed in clear beside the ciphertext. There is
no signature on purpose: sender anonymity protects the worker, the session authorises.
"""

from datetime import date
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from privacy.core.context import Part, encode
from privacy.core.errors import BadDraft, TooLong

VERSION: Final = b"\x01"
PADDED: Final = 4096
"""Bytes of a padded draft: id, length, payload, zeros. One size for a tally and for a long note."""
LIMIT: Final = PADDED - 16 - 4
"""Bytes of payload that fit."""
SIZE: Final = len(VERSION) + 32 + PADDED + 16
"""Bytes of every draft on the wire: version, encapsulated key, padded plaintext, tag."""

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def generate() -> tuple[bytes, bytes]:
    """A new key pair: (private, public), 32 raw bytes each (RFC 7748)."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def info(association: UUID, round_pseudonym: Part, draft_id: UUID, key_id: Part, expiry_day: date) -> bytes:
    """What a draft is bound to. expiry_day is a date and nothing finer: it travels in clear."""
    return encode("maraudes draft 1", association, round_pseudonym, draft_id, key_id, expiry_day)


def seal_draft(public: bytes, info: bytes, draft_id: UUID, payload: bytes) -> bytes:
    """Seal `payload` to the ingress key: SIZE bytes.

    Raises TooLong for a payload beyond LIMIT, BadDraft for a bad public key.
    """
    if len(payload) > LIMIT:
        raise TooLong
    plaintext = draft_id.bytes + len(payload).to_bytes(4, "big") + payload
    try:
        recipient = X25519PublicKey.from_public_bytes(public)
        sealed = _SUITE.encrypt(plaintext.ljust(PADDED, b"\0"), recipient, info)
    except ValueError:
        raise BadDraft from None
    return VERSION + sealed


def open_draft(private: bytes, info: bytes, draft_id: UUID, ciphertext: bytes) -> bytes:
    """The payload of a draft that claims to be `draft_id`, or BadDraft whatever is wrong with it."""
    if len(ciphertext) != SIZE or ciphertext[:1] != VERSION:
        raise BadDraft
    try:
        plaintext = _SUITE.decrypt(ciphertext[1:], X25519PrivateKey.from_private_bytes(private), info)
    except (InvalidTag, ValueError):
        raise BadDraft from None
    end = 20 + int.from_bytes(plaintext[16:20], "big")
    if plaintext[:16] != draft_id.bytes or end > PADDED or any(plaintext[end:]):
        raise BadDraft
    return plaintext[20:end]
