"""Views that fail in every way a view can, with what was typed in the exception; for tests of what is logged then."""

import logging
import warnings

from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db import IntegrityError, connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from outreach.access import login_not_required
from outreach.members.models import Account


def _typed(request: HttpRequest) -> str:
    return request.POST["typed"]


@login_not_required
def value(request: HttpRequest) -> HttpResponse:
    raise ValueError(f"cannot place {_typed(request)}")


@login_not_required
def key(request: HttpRequest) -> HttpResponse:
    answers: dict[str, str] = {}
    return HttpResponse(answers[_typed(request)])


@login_not_required
def group(request: HttpRequest) -> HttpResponse:
    raise ExceptionGroup(_typed(request), [ValueError(_typed(request)), KeyError(_typed(request))])


@login_not_required
def cause(request: HttpRequest) -> HttpResponse:
    try:
        int(_typed(request))
    except ValueError as error:
        raise ValidationError(_typed(request)) from error
    return HttpResponse()


@login_not_required
def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation(_typed(request))


@login_not_required
def unique(request: HttpRequest) -> HttpResponse:
    """PostgreSQL itself hides the value from a role under row security; a careless program repeats it."""
    try:
        for _ in range(2):
            Account(email=_typed(request)).save(force_insert=True)
    except IntegrityError as error:
        raise RuntimeError(f"{_typed(request)} is there twice") from error
    return HttpResponse()


@login_not_required
def data(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::uuid", [_typed(request)])
    return HttpResponse()


@login_not_required
def template(request: HttpRequest) -> HttpResponse:
    engine = engines["django"]
    return HttpResponse(engine.from_string("{% include name %}").render({"name": _typed(request)}))


@login_not_required
def logged(request: HttpRequest) -> HttpResponse:
    logging.getLogger("outreach").error("met %s", _typed(request))
    logging.getLogger("outreach").error(
        _typed(request), extra={"route": _typed(request), "count": _typed(request)}
    )
    warnings.warn(_typed(request), stacklevel=1)
    return HttpResponse("logged")


VIEWS = (value, key, group, cause, suspicious, unique, data, template, logged)
urlpatterns = [
    *(path(f"failing/{view.__name__}/", view, name=f"failing-{view.__name__}") for view in VIEWS),
    path("", include("config.urls")),
]
