"""Independent readers of what the core writes: RFC 5869, RFC 9180 and C2SP chunked-encryption, from the texts.

They use HMAC from the standard library and single AES-GCM and X25519 calls, and none of the constructions they check.
"""

import hmac
from hashlib import sha256, sha512
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 16_384
TAG = 16


def hkdf_extract(digest: Any, salt: bytes, material: bytes) -> bytes:
    """RFC 5869, 2.2. An absent salt is a string of zeros as long as the hash."""
    return hmac.new(salt or bytes(digest().digest_size), material, digest).digest()


def hkdf_expand(digest: Any, key: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869, 2.3."""
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.new(key, block + info + bytes([counter]), digest).digest()
        out, counter = out + block, counter + 1
    return out[:length]


def cobblestone256_keys(key: bytes, context: bytes, salt: bytes) -> tuple[bytes, bytes, bytes]:
    """(AEAD key, base nonce, commitment) of C2SP chunked-encryption with SHA-512 and AES-256-GCM."""
    info = b"c2sp.org/chunked-encryption@v1+" + b"AEAD_AES_256_GCM" + b"\0" + salt + context
    out = hkdf_expand(sha512, key, info, 32 + 12 + 32)
    return out[:32], out[32:44], out[44:]


def cobblestone256_read(key: bytes, context: bytes, ciphertext: bytes) -> bytes:
    """The message. Raises AssertionError for a commitment that does not match, InvalidTag for a changed chunk."""
    salt, commitment, body = ciphertext[:24], ciphertext[24:56], ciphertext[56:]
    aead_key, nonce, expected = cobblestone256_keys(key, context, salt)
    assert hmac.compare_digest(commitment, expected)
    message, number = b"", 0
    while True:
        chunk, body = body[: CHUNK + TAG], body[CHUNK + TAG :]
        decrement_stored = (int.from_bytes(nonce, "big") ^ number).to_bytes(12, "big")
        message += AESGCM(aead_key).decrypt(decrement_stored, chunk, None)
        number += 1
        if len(chunk) < CHUNK + TAG:
            assert not body
            return message


def hpke_keys(private: bytes, enc: bytes, info: bytes) -> tuple[bytes, bytes, bytes]:
    """(shared secret, key, base nonce): base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM."""
    recipient = X25519PrivateKey.from_private_bytes(private)
    public = recipient.public_key().public_bytes_raw()
    dh = recipient.exchange(X25519PublicKey.from_public_bytes(enc))
    kem = b"KEM" + (0x20).to_bytes(2, "big")
    prk = _labeled_extract(kem, b"", b"eae_prk", dh)
    shared = _labeled_expand(kem, prk, b"shared_secret", enc + public, 32)
    suite = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (0x20, 0x01, 0x02))
    context = (
        b"\0"
        + _labeled_extract(suite, b"", b"psk_id_hash", b"")
        + _labeled_extract(suite, b"", b"info_hash", info)
    )
    secret = _labeled_extract(suite, shared, b"secret", b"")
    key = _labeled_expand(suite, secret, b"key", context, 32)
    return shared, key, _labeled_expand(suite, secret, b"base_nonce", context, 12)


def hpke_read(private: bytes, info: bytes, sealed: bytes, aad: bytes = b"") -> bytes:
    """The first message of a context. Raises InvalidTag."""
    _, key, nonce = hpke_keys(private, sealed[:32], info)
    return AESGCM(key).decrypt(nonce, sealed[32:], aad)


def _labeled_extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hkdf_extract(sha256, salt, b"HPKE-v1" + suite + label + material)


def _labeled_expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return hkdf_expand(sha256, key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)
