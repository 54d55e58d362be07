"""Help: the guides of one's roles first, then the others; for anybody, because who cannot sign in needs one too."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from outreach.access import ActingMembership, login_not_required
from outreach.help import guides


@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The guides by title: mine, and the rest."""
    acting: ActingMembership | None = getattr(request, "acting", None)
    listed = guides.titles(_language())
    mine = [one for one in listed if acting and acting.may(guides.GUIDES[one.name])]
    page: dict[str, Any] = {"mine": mine, "others": [one for one in listed if one not in mine]}
    return render(request, "outreach/help/index.html", page)


@login_not_required
@require_safe
def guide(request: HttpRequest, guide: str) -> HttpResponse:
    """One guide in the language of the page."""
    try:
        found = guides.read(guide, _language())
    except KeyError:
        raise Http404 from None
    return render(request, "outreach/help/guide.html", {"guide": found})


def _language() -> str:
    return (get_language() or "fr")[:2]
