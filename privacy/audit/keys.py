"""The log's signing key, its name (origin), and the last promise it made: small files beside the KEK,
outside every backup.

Rule of the room: the private key is one file of mode 0600, made at first use, fsynced before anything is
signed with it; nothing else reads it. The last checkpoint is kept here too, so that a database restored from
a backup cannot quietly sign a second history.
"""

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from privacy.core.note import VerifierKey, verifier_key
from privacy.keystore import kek

KEY_FILE = "audit-ed25519.key"
LAST_FILE = "audit-last-checkpoint"
ORIGIN_FILE = "audit-origin"
SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Seed (32 bytes, private) and the verifier key that belongs to it."""

    seed: bytes
    verifier: VerifierKey

    @property
    def origin(self) -> str:
        return self.verifier.name

    def __repr__(self) -> str:
        return f"SigningKey({self.origin!r})"


def _folder() -> Path:
    return Path(settings.KEK_DIR)


def _seed() -> bytes:
    path = _folder() / KEY_FILE
    if not path.exists():
        draft = path.with_name(f"{KEY_FILE}.{os.getpid()}.{os.urandom(4).hex()}")
        kek.write_new(draft, os.urandom(SEED_BYTES).hex().encode() + b"\n")
        try:
            os.link(draft, path)  # whole or not at all, and the first of two processes wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        kek.sync(_folder())
    return bytes.fromhex(path.read_text().strip())


def exists() -> bool:
    """Whether this house has ever made its key."""
    return (_folder() / KEY_FILE).exists()


def signing_key() -> SigningKey:
    """The house's key; made at first use.

    The origin is the setting AUDIT_ORIGIN, or a name derived from the public key; after a loss it carries a
    number (see `renamed`).
    """
    seed = _seed()
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    origin = getattr(settings, "AUDIT_ORIGIN", "") or f"maraudes.local/audit/{sha256(public).hexdigest()[:8]}"
    path = _folder() / ORIGIN_FILE
    if path.exists():
        origin = path.read_text(encoding="utf-8").strip()
    return SigningKey(seed, verifier_key(origin, public))


def renamed(key: SigningKey) -> SigningKey:
    """The same key under the next name: `log`, `log~2`, `log~3`. Two histories must never bear one name."""
    name, _, number = key.origin.partition("~")
    return SigningKey(key.seed, verifier_key(f"{name}~{int(number or 1) + 1}", key.verifier.public))


def last_note() -> str | None:
    """The newest checkpoint this house ever signed, as the file remembers it."""
    path = _folder() / LAST_FILE
    return path.read_text(encoding="utf-8") if path.exists() else None


def _replace(name: str, text: str) -> None:
    path = _folder() / name
    draft = path.with_name(f"{name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    kek.write_new(draft, text.encode())
    draft.replace(path)
    kek.sync(_folder())


def remember_note(note: str) -> None:
    """Replace what `last_note` answers, atomically."""
    _replace(LAST_FILE, note)


def remember_origin(origin: str) -> None:
    """Replace the name that `signing_key` signs under."""
    _replace(ORIGIN_FILE, origin + "\n")
