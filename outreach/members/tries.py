"""A request whose transaction lost to another one is answered again.

It is run as it came: the body stays in memory, and what the first try put on the request (session, account, messages, tokens) is
forgotten. After `conflicts.TRIES` the answer says so honestly (503): nothing was stored, and the page carries what was typed to
the next try.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string

from outreach import sending
from privacy.db import conflicts

BODY = ("_body", "_post", "_files", "_read_started", "_stream", "_encoding", "_upload_handlers")
"""What Django keeps on a request of its body: read once from the network, and not to be had again."""
SECONDS = 2
"""When to come again, for whoever asks by program."""
_HEADERS = ("Content-Security-Policy", "X-Frame-Options")


class Lost(Exception):
    """Carries the answer of a try whose transaction is to be undone, out of the block that undoes it."""

    def __init__(self, answer: HttpResponseBase, *, again: bool) -> None:
        super().__init__()
        self.answer, self.again = answer, again


def noticed(request: HttpRequest, failure: Exception) -> HttpResponse | None:
    """Called with what a view raised: the honest answer when others were in the way, None when it is another failure."""
    lost = conflicts.is_lost(failure)
    if not lost and not conflicts.waited_too_long(failure):
        return None
    request.lost = lost  # type: ignore[attr-defined]  # layers in between may still fail on the transaction that is over
    return busy(request)


def check(request: HttpRequest, answer: HttpResponseBase) -> None:
    """Raises Lost when the view of this try lost its transaction."""
    request.answered = answer  # type: ignore[attr-defined]  # its headers are those of every page
    lost = getattr(request, "lost", None)
    if lost is not None:
        raise Lost(answer if answer.status_code == 503 else busy(request), again=lost)


def answer(request: HttpRequest, once: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """`once()`, and again as long as its transaction loses. `once` opens the transaction and calls `check` inside."""
    came, meta = dict(request.__dict__), dict(request.META)
    for number in range(1, conflicts.TRIES + 1):
        try:
            return once()
        except Lost as lost:
            if not lost.again or number == conflicts.TRIES:
                return lost.answer
        except DatabaseError as failure:  # the commit itself, or what comes before the view
            if not conflicts.is_lost(failure):
                raise
            if number == conflicts.TRIES:
                return busy(request)
        _as_it_came(request, came, meta)
        conflicts.pause(number + 1)
    raise AssertionError


def _as_it_came(request: HttpRequest, came: dict[str, Any], meta: dict[str, Any]) -> None:
    body = {name: request.__dict__[name] for name in BODY if name in request.__dict__}
    request.__dict__.clear()
    request.__dict__.update(came, **body)
    request.META.clear()
    request.META.update(meta)
    if (session := came.get("session")) is not None:
        request.session = type(session)(request.COOKIES.get(settings.SESSION_COOKIE_NAME))


def busy(request: HttpRequest) -> HttpResponse:
    """Nothing was stored. The page sends the same answers again at a touch; a program gets one word."""
    headers = {"Retry-After": str(SECONDS)}
    if request.path_info.startswith("/api/"):
        return JsonResponse({"code": "busy"}, status=503, headers=headers)
    answered = getattr(request, "answered", None)
    if answered is not None:
        headers |= {name: answered.headers[name] for name in _HEADERS if name in answered.headers}
    context = {
        "fields": sending.typed(request),
        "token": request.POST.get(sending.CSRF_FIELD, ""),
        "post": request.method == "POST",
        "path": request.path,
    }
    return HttpResponse(render_to_string("503.html", context), status=503, headers=headers)
