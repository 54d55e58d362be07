"""Where settings read their values: the process environment, which var/env completes on a developer's machine."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("MARAUDES_VAR", ROOT / "var"))
"""Secrets, sockets and data of this installation; a drill gives each of its stacks a folder of its own."""


def load(path: Path) -> None:
    """Read NAME=value lines into the environment; what is already set there wins. A missing file is no error.

    A line that no environment can hold is a refusal to start that names its number, never what it says.
    """
    if not path.is_file():
        return
    for number, raw in enumerate(path.read_bytes().split(b"\n"), start=1):
        try:
            line = raw.decode().strip()
        except UnicodeDecodeError:
            raise _unusable(path, number) from None
        name, equals, value = (part.strip() for part in line.partition("="))
        if equals and not name.startswith("#"):
            if not name or "\x00" in line:
                raise _unusable(path, number)
            os.environ.setdefault(name, value)


def _unusable(path: Path, number: int) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"{path.name}, line {number}: not NAME=value in UTF-8; script/setup writes the file again"
    )


def whole(name: str, default: int) -> int:
    """The whole number that `read` gives; or a refusal to start that names the setting and not its value."""
    text = read(name, str(default))
    if not (text.isascii() and text.removeprefix("-").isdecimal() and len(text) < 10):
        raise ImproperlyConfigured(f"{name} must be a whole number")
    return int(text)


def read(name: str, default: str | None = None) -> str:
    """The value of `name`, else the content of the file that `name`_FILE points to, else `default`; or a refusal to start."""
    if name in os.environ:
        return os.environ[name]
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set; run script/setup, or give {name} or {name}_FILE")
    return default
