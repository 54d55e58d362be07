"""A page that refuses keeps the look of the area one is in, also where a library answers with nothing: 405 had no page at all."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render


class NotAllowedMiddleware:
    """Gives a 405 without words its page; the API keeps its own answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 405 or request.path_info.startswith("/api/"):
            return response
        page: HttpResponse = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page
