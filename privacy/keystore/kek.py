"""The key-encryption key, one file per epoch in a folder outside every backup.

Rule of the module: a new epoch is on disk (file and folder fsynced) before any row names it; an old one is destroyed only
after the commit that stopped naming it. Overwriting a file does not promise that an SSD or a snapshot forgets it: the
operator's guide says what to use where that matters (tmpfs, TPM, HSM).
"""

import errno
import os
import re
import time
from pathlib import Path

from privacy.core.errors import Unreadable

KEY_BYTES = 32
_NAME = re.compile(r"epoch-(\d{6})\.key")


def fresh() -> bytes:
    """The key of an epoch that is not written yet."""
    return os.urandom(KEY_BYTES)


class FileKEK:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch:06d}.key"

    def epochs(self) -> set[int]:
        """Every epoch whose bytes are still on disk."""
        if not self.folder.is_dir():
            return set()
        return {int(m[1]) for m in map(_NAME.fullmatch, os.listdir(self.folder)) if m}

    def create(self, epoch: int, key: bytes | None = None) -> bytes:
        """Write `key`, or 32 fresh bytes, for `epoch`. Raises FileExistsError rather than replace one that lives."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = key or fresh()
        path, now = self._path(epoch), time.time()
        write_new(path, key)  # a full disk: half a key is none
        os.utime(path, (now, now))  # `age` reads the same clock: a file server's may differ
        sync(self.folder)
        return key

    def read(self, epoch: int) -> bytes:
        """The 32 bytes of `epoch`. Raises Unreadable when they are gone or not whole."""
        try:
            key = self._path(epoch).read_bytes()
        except OSError:
            raise Unreadable from None
        if len(key) != KEY_BYTES:
            raise Unreadable
        return key

    def age(self, epoch: int) -> float:
        """Seconds since the file of `epoch` was written, by the clock that also stamped it. Raises Unreadable."""
        try:
            return time.time() - self._path(epoch).stat().st_mtime
        except OSError:
            raise Unreadable from None

    def destroy(self, epoch: int) -> None:
        """Overwrite, unlink, fsync. A missing file is fine: a crash may have come between."""
        path = self._path(epoch)
        try:
            descriptor = os.open(path, os.O_WRONLY)
        except FileNotFoundError:
            return
        try:
            _write_whole(descriptor, os.urandom(KEY_BYTES))
        finally:
            path.unlink()  # also where a full disk has no room even for overwriting (copy on write)
            sync(self.folder)


def write_new(path: Path, content: bytes) -> None:
    """Create `path` (mode 0600), whole and on the disk. Raises FileExistsError; on a full disk OSError, and no file stays."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _write_whole(descriptor, content)
    except OSError:
        path.unlink()
        raise


def sync(folder: Path) -> None:
    """The names in `folder` are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_whole(descriptor: int, content: bytes) -> None:
    """Write, fsync and close. Raises OSError when the disk takes less than all of it."""
    try:
        if os.write(descriptor, content) != len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
