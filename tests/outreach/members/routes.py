"""Every route of the service with its full name, walked from the URL conf."""

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

Route = tuple[str, str, Callable[..., Any]]


def walk(patterns: list[Any] | None = None, space: str = "", prefix: str = "") -> Iterator[Route]:
    """(full name or "", path as written, view) of each route below `patterns`."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from walk(entry.url_patterns, inner, path)
        elif isinstance(entry, URLPattern):
            yield (f"{space}{entry.name}" if entry.name else "", path, entry.callback)
