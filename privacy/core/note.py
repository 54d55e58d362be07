"""Signed notes (c2sp.org/signed-note) and checkpoints (c2sp.org/tlog-checkpoint) with Ed25519.

Rule of the module: a text may be used only after `verify` returned it, and every failure raises a
BadCheckpoint. A note is

    text ending in a newline, an empty line, then one line per signature:
    — <name> base64(key id (4 bytes) || signature)

and a checkpoint is a note whose text says which log (origin), how many entries (size) and what they are
(root):

    <origin>\\n<size in decimal>\\n<base64 of the 32-byte root>\\n

Signatures of keys that are not ours are ignored, so partner associations can add theirs; one of *our* name
and id that does not verify condemns the whole note.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from privacy.core.errors import BadCheckpoint
from privacy.core.tree import HASH_SIZE

ED25519 = b"\x01"
"""Signature type byte of plain Ed25519 in c2sp.org/signed-note."""

MAX_NOTE = 65_536
"""Longest note that is looked at, in characters; a checkpoint with 16 signatures has about 2,000."""

MAX_SIGNATURES = 64
"""The specification asks verifiers to accept at least 16 and to set a limit."""

MAX_SIZE = 2**63 - 1
"""Largest tree size: the index of an entry is a signed 64-bit number in the database."""

_SEPARATOR = "\n\n"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")  # and half characters, which UTF-8 cannot write
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


class MalformedNote(BadCheckpoint):
    """Not a signed note, not a checkpoint, or not a verifier key, to the letter of the specification."""

    code = "malformed-note"


class UnknownSigner(BadCheckpoint):
    """No signature by the key we trust."""

    code = "unknown-signer"


class WrongSignature(BadCheckpoint):
    """It claims to be signed by the key we trust, and is not."""

    code = "wrong-signature"


class Signature(NamedTuple):
    """One signature line, not verified."""

    name: str
    key_id: bytes
    value: bytes


class VerifierKey(NamedTuple):
    """Whom to believe: the name and Ed25519 public key (32 bytes) of a log. Make it with
    `verifier_key` or `parse_verifier_key`.
    """

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name || 0x0A || 0x01 || public key)."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """`name+<key id in hex>+base64(0x01 || public key)`, the form that Go's sumdb exchanges."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"


def _unbase64(text: str) -> bytes:
    """Strict standard base64: one text per value, so that nothing can be re-spelt."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedNote from None
    if base64.b64encode(value).decode() != text:
        raise MalformedNote
    return value


def _check_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() for letter in name) or _CONTROL.search(name):
        raise MalformedNote


def verifier_key(name: str, public: bytes) -> VerifierKey:
    """The key that checks what the log `name` signs. `public`: 32 bytes (RFC 8032). Raises MalformedNote."""
    _check_name(name)
    try:
        Ed25519PublicKey.from_public_bytes(public)
    except ValueError:
        raise MalformedNote from None
    return VerifierKey(name, bytes(public))


def parse_verifier_key(text: str) -> VerifierKey:
    """Read `name+id+base64`; the id is checked against the key. Raises MalformedNote."""
    parts = text.strip().split("+", 2)  # the base64 may itself contain "+"
    if len(parts) != 3:
        raise MalformedNote
    material = _unbase64(parts[2])
    if material[:1] != ED25519:
        raise MalformedNote
    key = verifier_key(parts[0], material[1:])
    if key.key_id.hex() != parts[1]:
        raise MalformedNote
    return key


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise MalformedNote


def sign(text: str, name: str, private: bytes) -> str:
    """Sign `text` (ends in a newline, no other control character) with the Ed25519 seed `private` (32 bytes).

    Returns the whole note. Deterministic (RFC 8032). Raises MalformedNote for a text or name that a verifier would refuse.
    """
    _check_text(text)
    key = Ed25519PrivateKey.from_private_bytes(private)
    public = verifier_key(name, key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    blob = base64.b64encode(public.key_id + key.sign(text.encode())).decode()
    return f"{text}\n— {name} {blob}\n"


def parse(note: str) -> tuple[str, list[Signature]]:
    """Split a note into its text and its signatures WITHOUT verifying any. Raises MalformedNote."""
    if len(note) > MAX_NOTE or not note.endswith("\n"):
        raise MalformedNote
    text, found, lines = note.rpartition(_SEPARATOR)
    if not found or not lines:
        raise MalformedNote
    text += "\n"
    _check_text(text)
    signatures = []
    for line in lines.removesuffix("\n").split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, blob = rest.partition(" ")
        _check_name(name)
        value = _unbase64(blob)
        if dash != "—" or len(value) < 5:
            raise MalformedNote
        signatures.append(Signature(name, value[:4], value[4:]))
    if len(signatures) > MAX_SIGNATURES:
        raise MalformedNote
    return text, signatures


def verify(note: str, key: VerifierKey) -> str:
    """The text of `note`, if `key` signed it. Raises MalformedNote, UnknownSigner or WrongSignature (all BadCheckpoint)."""
    text, signatures = parse(note)
    ours = [
        signature for signature in signatures if (signature.name, signature.key_id) == (key.name, key.key_id)
    ]
    if not ours:
        raise UnknownSigner
    public = Ed25519PublicKey.from_public_bytes(key.public)
    for signature in ours:
        try:
            public.verify(signature.value, text.encode())
        except InvalidSignature:
            raise WrongSignature from None
    return text


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log promised: its first `size` entries have this `root`. Raises MalformedNote when made of anything else."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin or _CONTROL.search(self.origin):
            raise MalformedNote
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_SIZE:
            raise MalformedNote

    def body(self) -> str:
        """The note text to sign."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read a *verified* note text. Extension lines are allowed and ignored, as the specification
        asks. Raises MalformedNote.
        """
        _check_text(text)
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines) or not _DECIMAL.fullmatch(lines[1]):
            raise MalformedNote
        return cls(lines[0], int(lines[1]), _unbase64(lines[2]))


def sign_checkpoint(checkpoint: Checkpoint, private: bytes) -> str:
    """The checkpoint as a note; the key is named like the origin, as the specification advises."""
    return sign(checkpoint.body(), checkpoint.origin, private)


def open_checkpoint(note: str, key: VerifierKey) -> Checkpoint:
    """Verify, then read. Raises a BadCheckpoint."""
    return Checkpoint.parse(verify(note, key))
