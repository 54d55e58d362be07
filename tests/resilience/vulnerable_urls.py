"""Pages and an API that are broken on purpose, for the controls of drills that look for such flaws; no route of the service.

The API echoes what it was sent, shows a statement, and breaks; the pages reflect a word and join it into a statement.
"""

from typing import Any

from django.db import ProgrammingError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from ninja import NinjaAPI, Schema

from outreach.access import login_not_required

weak = NinjaAPI(title="weak", version="1", urls_namespace="weak", openapi_url=None, docs_url=None)


class Word(Schema):
    word: str
    number: int = 0


@weak.post("/echo", response={200: dict[str, str], 422: dict[str, Any]}, operation_id="echo", url_name="echo")
def echo(request: HttpRequest, body: Word) -> tuple[int, dict[str, Any]]:
    """An error that repeats what was sent."""
    return 422, {"code": "not-understood", "because": body.word}


@weak.post("/breaks", response={200: dict[str, int]}, operation_id="breaks", url_name="breaks")
def breaks(request: HttpRequest, body: Word) -> dict[str, int]:
    """500 for one number in two."""
    return {"half": 1 // (body.number % 2)}


@weak.post("/tells", response={200: dict[str, str]}, operation_id="tells", url_name="tells")
def tells(request: HttpRequest, body: Word) -> Any:
    """An error that shows how the service is built."""
    return HttpResponse(
        'File "outreach/records/models.py", line 3: SELECT id FROM outreach_record', status=400
    )


@login_not_required
def reflect(request: HttpRequest) -> HttpResponse:
    """A word of the address, raw in the page."""
    return HttpResponse(f"<!doctype html><title>weak</title><p>{request.GET.get('word', '')}</p>")


@login_not_required
def find(request: HttpRequest) -> HttpResponse:
    """A word of the address, joined into a statement."""
    statement = f"SELECT count(*) FROM pg_tables WHERE tablename = '{request.GET.get('name', '')}'"
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            found = cursor.fetchone()[0]
    except ProgrammingError as refused:
        return HttpResponse(f"<!doctype html><title>weak</title><p>{refused}</p>", status=500)
    return HttpResponse(f"<!doctype html><title>weak</title><p>{'found' if found else 'nothing'}</p>")


@login_not_required
def front(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        '<!doctype html><title>weak</title><a href="/weak/reflect/?word=a">a</a> <a href="/weak/find/?name=pg_class">b</a>'
    )


weak_patterns, _app, _name = weak.urls
for _pattern in weak_patterns:
    if isinstance(_pattern, URLPattern):
        login_not_required(_pattern.callback)

urlpatterns: list[URLPattern | URLResolver] = [
    path("weak/", front),
    path("weak/reflect/", reflect),
    path("weak/find/", find),
    path("weak/api/", include((weak_patterns, _app), namespace=_name)),
    path("", include("config.urls")),
]
