"""A request whose transaction lost to another one is answered again, or with a page that keeps what was typed."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from outreach.access import login_not_required
from outreach.members.models import Account
from privacy.db import conflicts
from tests import databases

pytestmark = pytest.mark.database
TYPED = {"note": 'mouillé, "duvet" <b>', "need": ["meal", "blanket"], "password": "secret-de-nuit"}
losses: list[type[Exception]] = []
seen: list[tuple[object, str]] = []


def _lose() -> None:
    if losses:
        raise OperationalError from losses.pop(0)()


@login_not_required
def write(request: HttpRequest) -> HttpResponse:
    """Writes a row and a session, and then may lose."""
    seen.append((request.session.get("step"), request.POST.get("note", "")))
    request.session["step"] = 1 + (request.session.get("step") or 0)
    Account(email=f"{len(seen)}@lanterne.invalid").save(force_insert=True)
    _lose()
    return HttpResponse("written")


urlpatterns = [path("write/", write), path("api/v1/write/", write), path("", include("config.urls"))]


@pytest.fixture(autouse=True)
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(conflicts, "PAUSE", 0)
    losses.clear()
    seen.clear()
    with override_settings(ROOT_URLCONF=__name__):
        yield


def rows() -> int:
    with databases.raw("owner") as eye:
        row = eye.execute("SELECT count(*) FROM outreach_account").fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize("loss", [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure])
def test_a_request_that_lost_is_answered_again_as_it_came(client: Client, loss: type[Exception]) -> None:
    losses.extend([loss, loss])
    answer = client.post("/write/", TYPED)
    assert (answer.status_code, answer.content) == (200, b"written")
    assert seen == [(None, TYPED["note"])] * 3  # the same words, and a session without the first tries
    assert client.session["step"] == 1
    assert rows() == 1


def test_who_never_wins_gets_a_page_that_sends_the_same_once_more(client: Client) -> None:
    losses.extend([psycopg.errors.DeadlockDetected] * conflicts.TRIES)
    answer = client.post("/write/", TYPED)
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert len(seen) == conflicts.TRIES
    assert rows() == 0
    text = answer.content.decode()
    assert 'action="/write/"' in text
    assert 'name="note" value="mouillé, &quot;duvet&quot; &lt;b&gt;"' in text
    assert text.count('name="need"') == 2
    assert "secret-de-nuit" not in text
    assert "default-src" in answer["Content-Security-Policy"]
    assert client.post("/write/", TYPED).content == b"written"
    assert seen[-1][0] is None


def test_a_program_gets_one_word(client: Client) -> None:
    losses.extend([psycopg.errors.DeadlockDetected] * conflicts.TRIES)
    answer = client.post("/api/v1/write/", TYPED)
    assert (answer.status_code, answer.json()) == (503, {"code": "busy"})


def test_who_waited_until_the_end_is_not_made_to_wait_again(client: Client) -> None:
    losses.append(psycopg.errors.QueryCanceled)
    assert client.post("/write/", TYPED).status_code == 503
    assert len(seen) == 1
    assert rows() == 0


def test_another_failure_is_a_failure(client: Client) -> None:
    client.raise_request_exception = False
    losses.append(psycopg.errors.UndefinedTable)
    assert client.post("/write/", TYPED).status_code == 500
    assert len(seen) == 1


def test_a_service_runs_again_on_its_own_and_only_on_its_own() -> None:
    calls: list[int] = []

    @conflicts.atomic
    def service() -> str:
        calls.append(1)
        _lose()
        return "done"

    with databases.as_worker():
        losses.extend([psycopg.errors.DeadlockDetected] * (conflicts.TRIES - 1))
        assert service() == "done"
        assert len(calls) == conflicts.TRIES
        losses.extend([psycopg.errors.DeadlockDetected] * conflicts.TRIES)
        with pytest.raises(OperationalError):
            service()
        calls.clear()
        losses[:] = [psycopg.errors.DeadlockDetected]

        @conflicts.atomic
        def around() -> str:
            return service()

        assert around() == "done"  # the whole, not the part: that was undone
        assert len(calls) == 2
