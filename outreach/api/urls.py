"""The API's addresses, each with its access rule; what the library adds by itself (its root page) is left out."""

from django.urls import URLPattern, URLResolver, include, path

from outreach.access import require_role
from outreach.api.api import api
from outreach.roles import Role

ROUTES = ("tonight", "drafts", "close")

_patterns, _app, _name = api.urls
_kept: list[URLPattern | URLResolver] = []
for _pattern in _patterns:
    if isinstance(_pattern, URLPattern) and _pattern.name in ROUTES and _pattern.callback is not None:
        require_role(Role.LEAD, Role.WORKER)(_pattern.callback)
        _kept.append(_pattern)

urlpatterns: list[URLPattern | URLResolver] = [path("api/v1/", include((_kept, _app), namespace=_name))]
