"""The routes of outreach, brought by its packages.

A package's `urls.py` may offer `urlpatterns` (names without a namespace) and `namespaces` ({"coordination": [path(…), …]}).
Several packages may add to one namespace: a person walks by role, not by the folder the page was written in.
"""

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

PACKAGES = ("members", "field", "coordination", "auditing", "help", "api")
"""The packages with pages; the others are reached through these."""
MOUNTED = {"auditing": "control/", "field": "maraude/", "membership": "place/", "help": "aide/"}
"""Where a namespace does not stand under its own name."""

Routes = list[URLPattern | URLResolver]


def _packages() -> tuple[Routes, dict[str, Routes]]:
    plain: Routes = []
    spaces: dict[str, Routes] = {}
    for package in PACKAGES:
        module = import_module(f"outreach.{package}.urls")
        plain += getattr(module, "urlpatterns", [])
        for space, routes in getattr(module, "namespaces", {}).items():
            spaces.setdefault(space, []).extend(routes)
    return plain, spaces


_plain, _spaces = _packages()
urlpatterns: Routes = [
    *_plain,
    *(path(MOUNTED.get(space, f"{space}/"), include((routes, space))) for space, routes in _spaces.items()),
]
