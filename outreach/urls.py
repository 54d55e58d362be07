"""The routes of outreach, brought by its rooms.

A room's `urls.py` may offer `urlpatterns` (names without a namespace) and `namespaces` ({"coordination": [path(…), …]}).
Several rooms may add to one namespace: a person walks by role, not by the folder the page was written in.
"""

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

ROOMS = ("members", "field", "coordination", "control", "help", "api")
"""The rooms with pages; the others are reached through these."""
MOUNTED = {"field": "maraude/", "seat": "place/", "help": "aide/"}
"""Where a namespace does not stand under its own name."""

Routes = list[URLPattern | URLResolver]


def _rooms() -> tuple[Routes, dict[str, Routes]]:
    plain: Routes = []
    spaces: dict[str, Routes] = {}
    for room in ROOMS:
        module = import_module(f"outreach.{room}.urls")
        plain += getattr(module, "urlpatterns", [])
        for space, routes in getattr(module, "namespaces", {}).items():
            spaces.setdefault(space, []).extend(routes)
    return plain, spaces


_plain, _spaces = _rooms()
urlpatterns: Routes = [
    *_plain,
    *(path(MOUNTED.get(space, f"{space}/"), include((routes, space))) for space, routes in _spaces.items()),
]
