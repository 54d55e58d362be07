"""What a form gets back when it could not be taken: everything typed, and a way to send it once more.

Without scripts a page carries what was typed as hidden fields. A form sent from the open page (`send.js`) gets one word and stays
where it is. Rule of the module: what was typed goes back to the browser it came from, and nowhere else; a password does not.
"""

import json
from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseServerError,
    JsonResponse,
    UnreadablePostError,
)
from django.http.response import HttpResponseRedirectBase
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string

HEADER = "X-Sent-From-Page"
"""Of a request of `send.js`. A page of another site cannot set it without being asked first, and is refused then.
Every answer bears it too: what answers without it is not this service."""
CSRF_FIELD = "csrfmiddlewaretoken"


class SendingMiddleware:
    """Tells a form that was sent from the open page where to go, instead of sending it there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if HEADER in request.headers:
            answer.headers[HEADER] = "1"  # a Wi-Fi that wants a sign-in answers too, and without it
        if from_page(request) and isinstance(answer, HttpResponseRedirectBase):
            answer.content = json.dumps({"next": answer.url}).encode()
            del answer.headers["Location"]
            answer.headers["Content-Type"] = "application/json"
            answer.headers["Content-Length"] = str(len(answer.content))
            answer.status_code = 200
        return answer


def from_page(request: HttpRequest) -> bool:
    return request.method == "POST" and HEADER in request.headers


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form holds, without passwords, codes of a second factor and the token; nothing when it cannot be read any more."""
    if request.method != "POST":
        return []
    try:
        return [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if "password" not in name and name not in ("code", CSRF_FIELD)
        ]
    except (UnreadablePostError, SuspiciousOperation):
        return []


def session_over(request: HttpRequest) -> HttpResponse | None:
    """The answer to a form whose session is over, None for one in which nothing was typed: that one signs in as any page."""
    if from_page(request):
        return JsonResponse({"code": "not-signed-in"}, status=401)
    fields = typed(request)
    if not fields:
        return None
    return render(request, "401.html", {"fields": fields, "path": request.path}, status=401)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django names it
    """The token of a form is of another sign-in: a fresh one, and what was typed if it comes from a page of ours.

    A form of another site is repeated to nobody: whoever touched its button would send it after all.
    """
    if from_page(request):
        return JsonResponse({"code": "csrf", "token": get_token(request)}, status=403)
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    fields = typed(request) if ours else []
    return render(request, "403_csrf.html", {"fields": fields, "path": request.path}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something failed, and nothing was stored. Rendered without request: it may use nothing that asks the database."""
    fields = typed(request)
    context = {
        "fields": fields,
        "path": request.path,
        "token": request.POST.get(CSRF_FIELD, "") if fields else "",
    }
    return HttpResponseServerError(render_to_string("500.html", context))
