"""Headers that neither Django nor django-csp sets: what a page may ask of a device, and that no cache keeps a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

# The phone page asks for the place once a person consents; nothing here ever needs the rest.
PERMISSIONS = (
    "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), browsing-topics=(), interest-cohort=()"
)


class HeadersMiddleware:
    """Adds what an answer does not say itself; a release with its own Cache-Control keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response
