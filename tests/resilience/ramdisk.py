"""Small disks: a folder becomes a file system of its own in memory, which can be filled to the last byte or turned read-only.

Only root may mount; where the machine does not allow it, `POSSIBLE` is false (tests/resilience/needs.py).
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

FILLER = "filler"


def mount(*arguments: str | Path) -> bool:
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False)
    return done.returncode == 0


def unmount(folder: Path) -> None:
    subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def _possible() -> bool:
    if os.geteuid() != 0 or not shutil.which("mount"):
        return False
    folder = Path(tempfile.mkdtemp(prefix="mount."))
    try:
        return mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder)
    finally:
        unmount(folder)
        folder.rmdir()


POSSIBLE = _possible()


@dataclass(frozen=True)
class Disk:
    folder: Path

    def fill(self) -> None:
        """Write until not one byte more fits."""
        with suppress(OSError), (self.folder / FILLER).open("ab", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        disk = os.statvfs(self.folder)
        assert disk.f_bavail == 0, "the disk is not full: nothing would be shown"

    def free(self) -> None:
        (self.folder / FILLER).unlink(missing_ok=True)

    def read_only(self, yes: bool) -> None:
        assert mount("-o", "remount,ro" if yes else "remount,rw", self.folder)


@contextmanager
def small(folder: Path, size: int, *, keeping: bool = True) -> Iterator[Disk]:
    """`folder` on a disk of `size` bytes, with what it held before; afterwards what is on the disk is back in the folder."""
    owner = folder.stat()
    aside = folder.with_name(f"{folder.name}.aside")
    folder.rename(aside)
    folder.mkdir()
    try:
        options = f"size={size},mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
        assert mount("-t", "tmpfs", "-o", options, "tmpfs", folder)
        subprocess.run(["cp", "-a", f"{aside}/.", f"{folder}/"], check=True)
        yield Disk(folder)
    finally:
        if keeping:
            with suppress(OSError):
                (folder / FILLER).unlink(missing_ok=True)
            shutil.rmtree(aside)
            subprocess.run(["cp", "-a", str(folder), str(aside)], check=True)
        unmount(folder)
        folder.rmdir()
        aside.rename(folder)


def used(folder: Path) -> int:
    """Bytes of a folder as a disk of whole pages would count them."""
    return sum(-(-path.lstat().st_size // 4096) * 4096 + 4096 for path in folder.rglob("*"))
