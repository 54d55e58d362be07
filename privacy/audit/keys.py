"""The log's signing key, its name (origin), and the last promise it made: small files in a folder that only the worker has.

Rule of the module: the private key is one file of mode 0600, made at first use, fsynced before anything is signed with it;
nothing else reads it, and no process of the web has its folder (AUDIT_KEY_DIR). The last checkpoint is kept here too, so
that a database restored from a backup cannot quietly sign a second history.
"""

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils.translation import gettext as _

from privacy.core.errors import PrivacyError
from privacy.core.note import VerifierKey, verifier_key
from privacy.keystore import kek

KEY_FILE = "audit-ed25519.key"
LAST_FILE = "audit-last-checkpoint"
ORIGIN_FILE = "audit-origin"
SEED_BYTES = 32


class KeyTrouble(PrivacyError):
    """The signing key cannot be used; `sentence` says what to do."""

    @property
    def sentence(self) -> str:
        raise NotImplementedError


class KeyNotHere(KeyTrouble):
    """This process has no folder for the signing key: it is the worker's alone."""

    code = "log-key-not-here"

    @property
    def sentence(self) -> str:
        return _("La clé du registre n’est pas ici : MARAUDES_AUDIT_KEY_DIR nomme son dossier.")


class KeyNotMoved(KeyTrouble):
    """The signing key of an older installation still lies beside the epochs: a second one is not made silently."""

    code = "log-key-not-moved"

    @property
    def sentence(self) -> str:
        return _(
            "La clé du registre est encore dans MARAUDES_KEK_DIR. Lancez audit_key --move ; aucune autre n’est créée."
        )


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
    if not settings.AUDIT_KEY_DIR:
        raise KeyNotHere
    return Path(settings.AUDIT_KEY_DIR)


def here() -> bool:
    """Whether this process has the folder at all."""
    return bool(settings.AUDIT_KEY_DIR)


def left_behind() -> bool:
    """Whether a signing key lies in the folder of the epochs, where older versions made it and the web can read it."""
    return (Path(settings.KEK_DIR) / KEY_FILE).exists()


def move() -> int:
    """Bring the files of an older installation here; returns how many came. Safe to repeat, also after a crash.

    The key comes last: until it is here nothing is signed. Raises KeyNotMoved when a different one is here already.
    """
    old, new = Path(settings.KEK_DIR), _folder()
    came = 0
    for name in (LAST_FILE, ORIGIN_FILE, KEY_FILE):
        source, target = old / name, new / name
        if not source.exists():
            continue
        if not target.exists():
            kek.write_new(target, source.read_bytes())
            kek.sync(new)
        elif target.read_bytes() != source.read_bytes():
            raise KeyNotMoved
        source.unlink()
        kek.sync(old)
        came += 1
    return came


def _seed() -> bytes:
    path = _folder() / KEY_FILE
    if left_behind():
        raise KeyNotMoved
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
    """Whether this installation has ever made its key. Raises KeyNotHere, KeyNotMoved."""
    if left_behind():
        raise KeyNotMoved
    return (_folder() / KEY_FILE).exists()


def signing_key() -> SigningKey:
    """The installation's key; made at first use.

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
    """The newest checkpoint this installation ever signed, as the file remembers it."""
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
