"""What a drill needs of its machine: without it a short run skips, and a long one ends with the command to type."""

import os
import shutil

import pytest

from tests.resilience import ramdisk

PACKAGES = {"debootstrap": "debootstrap", "setpriv": "util-linux", "mount": "mount"}
"""The Debian package that brings each tool."""

ROOT, SMALL_DISKS = "root", "small disks"


def needs(*what: str) -> pytest.MarkDecorator:
    """Mark a drill that cannot go without root, without small disks or without one of the tools."""
    return pytest.mark.needs(*what)


def _there(what: str) -> bool:
    if what == ROOT:
        return os.geteuid() == 0
    return ramdisk.POSSIBLE if what == SMALL_DISKS else shutil.which(what) is not None


def _command(what: str) -> str:
    if what == ROOT:
        return "start it as root: sudo script/drill …"
    if what == SMALL_DISKS:
        return "start it as root, in a container that may mount (docker run --privileged …)"
    return f"install {what}: sudo apt-get install --yes {PACKAGES[what]}"


def missing(item: pytest.Item) -> list[str]:
    """What `item` lacks, as commands to type."""
    asked = [what for mark in item.iter_markers("needs") for what in mark.args]
    return [_command(what) for what in asked if not _there(what)]
