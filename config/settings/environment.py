"""Where settings read their values: the process environment, which var/env completes on a developer's machine."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("MARAUDES_VAR", ROOT / "var"))
"""Secrets, sockets and data of this installation; a drill gives each of its houses a folder of its own."""


def load(path: Path) -> None:
    """Read NAME=value lines into the environment; what is already set there wins. A missing file is no error."""
    if path.is_file():
        for line in path.read_text().splitlines():
            name, equals, value = line.partition("=")
            if equals and not name.startswith("#"):
                os.environ.setdefault(name.strip(), value.strip())


def read(name: str, default: str | None = None) -> str:
    """The value of `name`, else the content of the file that `name`_FILE points to, else `default`; or a refusal to start."""
    if name in os.environ:
        return os.environ[name]
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set; run script/setup, or give {name} or {name}_FILE")
    return default
