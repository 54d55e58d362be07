"""Bad requests at every page and at the API: a known status, nothing written, nothing echoed to anybody else, never a 5xx.

Rule for echoes: a page may show a form again to the very person who typed it, in the answer to that sending; no log line, no
table, no API answer and no error page repeats it. Written means: any table but the session and the log of denials and readings.
"""

import json
import re
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from outreach.rounds.models import Round
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import CELL, Tenant, on_the_wire
from tests.outreach.members.people import signed_in, strong
from tests.outreach.members.routes import walk
from tests.resilience.bad_values import LONG, NEEDLE, TEXTS, as_json, bent, changed, texts, tries, values
from tests.resilience.untouched import (  # noqa: F401 — a fixture of every test here
    BACKGROUND_TABLES,
    State,
    became,
    counted,
    echoed_in_tables,
    listening,
    state,
)
from tests.resilience.untouched import changed as differing

pytestmark = [pytest.mark.database, pytest.mark.slow]

STATUSES = {200, 301, 302, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429}
CODES = re.compile(r'\{"code": ?"[a-z-]{3,30}"\}')


def held(answer: Any, lines: list[str]) -> None:
    assert answer.status_code in STATUSES, answer.status_code
    became(f"answered {answer.status_code}")
    assert NEEDLE not in "\n".join(lines)
    leads_to = answer.headers.get("Location", "")
    assert NEEDLE not in leads_to or returns(answer.request, leads_to), leads_to


def returns(request: dict[str, Any], leads_to: str) -> bool:
    """An address may come back through sign-in, from the login library, or with its slash; what a form held comes into none."""
    return (
        request["REQUEST_METHOD"] == "GET"
        and not urlsplit(leads_to).netloc
        and (leads_to.startswith("/compte/login/?next=") or request["PATH_INFO"].startswith("/compte/"))
    )


def one_word(answer: Any, before: State) -> None:
    """What the API answers repeats nothing; a refusal of it is one code, and leaves every table as it was."""
    text = answer.content.decode()
    assert NEEDLE not in text
    if answer.status_code != 200:
        assert CODES.fullmatch(text), text
        assert differing(before, BACKGROUND_TABLES) == set(), answer.status_code


@pytest.fixture
def walking(lanterne: Tenant) -> Round:
    with tenant_transaction(lanterne.scope("north")):
        return factories.open_round(lanterne)


@pytest.fixture
def nadia(lanterne: Tenant, walking: Round) -> Client:
    client = signed_in(lanterne.people["nadia"])
    client.get(f"/maraude/tournee/{walking.id}/rencontre/")  # draws the phone's number, once
    return client


def test_the_api(lanterne: Tenant, walking: Round, nadia: Client) -> None:
    with tenant_transaction(lanterne.scope("north")):
        draft = on_the_wire(factories.sealed(walking, factories.yes()))
    good = {"phone": str(uuid4()), "drafts": [draft]}
    bodies = st.one_of(
        st.sampled_from(TEXTS),
        values.map(as_json),
        changed(good).map(as_json),
        changed(draft).map(lambda one: as_json({**good, "drafts": [one]})),
        changed({**good, "counts": {"refused": 1}, "handover": "x"}).map(as_json),
        values.map(lambda counts: as_json({"phone": str(uuid4()), "counts": counts})),
        bent(as_json(good)),
    )
    before = state()
    seen: set[int] = set()

    @tries(20, 600)
    @given(
        st.sampled_from(("drafts", "close")),
        bodies,
        st.sampled_from(("application/json", "text/plain", NEEDLE)),
    )
    def holds(what: str, body: bytes, kind: str) -> None:
        nonlocal before
        with listening() as lines:
            answer = nadia.post(f"/api/v1/rounds/{walking.id}/{what}", body, content_type=kind)
        held(answer, lines)
        seen.add(answer.status_code)
        one_word(answer, before)
        if answer.status_code == 200:
            before = state()

    holds()
    assert {422} <= seen, seen
    assert echoed_in_tables() == []


PAGES = ("rencontre/", "compter/", "clore/", "effacer/", "partir/", "annuler/")
FORM: dict[str, Any] = {
    "zone": "yes",
    "people": "1",
    "others": "0",
    "place": CELL,
    "note": "",
    "token": "",
    "mark": "a",
    "needs": "meal",
    "group": "1",
    "people_count": "2",
    "handover": "",
    "draft": "",
    "call": "place",
    "refusal": "",
    "items": "1",
    "kept": "",
    "team": "",
    "night": "",
    "sectors": "",
}  # fmt: skip


def urlencoded(form: dict[str, Any]) -> bytes:
    pairs = [(str(name), str(value)) for name, value in form.items()]
    return "&".join(
        f"{quote(a, errors='surrogatepass')}={quote(b, errors='surrogatepass')}" for a, b in pairs
    ).encode()


@st.composite
def forms(draw: st.DrawFn) -> bytes:
    """A form with some answers nobody can choose; half characters and bytes that are no UTF-8 included."""
    chosen = draw(st.lists(st.sampled_from(sorted(FORM)), min_size=1, max_size=9, unique=True))
    form = {name: draw(st.one_of(texts, st.just(FORM[name]))) for name in chosen}
    return draw(st.one_of(st.just(urlencoded(form)), st.just(urlencoded(form) + b"&note=%ff%fe&=&%00=%00")))


def test_the_forms_of_the_field(lanterne: Tenant, walking: Round, nadia: Client) -> None:
    paths = [f"/maraude/tournee/{walking.id}/{page}" for page in PAGES[:4]] + [
        "/maraude/cette-nuit/prevoir/",
        "/maraude/notes/",
    ]
    before = state()

    @tries(20, 600)
    @given(st.sampled_from(paths), forms())
    def holds(path: str, form: bytes) -> None:
        nonlocal before
        with listening() as lines:
            answer = nadia.post(path, form, content_type="application/x-www-form-urlencoded")
        held(answer, lines)
        if answer.status_code >= 400:
            assert differing(before, BACKGROUND_TABLES) == set(), (path, answer.status_code)
        else:
            before = state()
        again = nadia.get(path)
        assert again.status_code < 500
        assert NEEDLE not in again.content.decode(), "kept for the next page"

    holds()
    assert [place for place in echoed_in_tables() if "django_session" not in place] == []


def gets() -> list[str]:
    """The address of every route, its parts filled with things that exist nowhere."""
    found = []
    for _name, path, _view in walk():
        filled = re.sub(r"<uuid:[^>]+>", str(uuid4()), path)
        filled = re.sub(r"<int:[^>]+>", "9" * 30, filled)
        filled = (
            re.sub(r"<[^>]+>|\(\?P<[^)]+\)", NEEDLE, filled)
            .replace("^", "")
            .replace("$", "")
            .replace("\\Z", "")
        )
        if not filled.startswith(("demo/", "healthz")):  # nobody's data; /healthz answers 503 by itself
            found.append("/" + filled)
    return sorted(set(found))


WORDS = ("semaine", "mois", "jour", "date", "page", "next", "toutes", "q", "week", "month", "size", "langue")
ONCE = (
    "/",
    "/maraude/cette-nuit/",
    "/cartes/coordination/",
    "/coordination/",
    "/control/",
    "/compte/second-facteur/recovery-codes/",
)
"""Pages seen once before anything is compared: the first view of the last one draws the codes."""


def test_addresses_and_their_questions(lanterne: Tenant, walking: Round, nadia: Client) -> None:
    """Every route, by somebody of every role, with ends of addresses and questions nobody's page would ask."""
    people = [nadia, *(strong(lanterne.people[name]) for name in ("claire", "agnes", "victor")), Client()]
    cache.clear()
    routes = gets()
    assert len(routes) > 40
    for client in people:
        for path in ONCE:
            client.get(path)
    before = state()

    @tries(15, 600)
    @given(
        st.sampled_from(range(len(people))),
        st.sampled_from(routes),
        st.dictionaries(st.one_of(st.sampled_from(WORDS), texts), texts, max_size=3),
        st.one_of(st.just(""), texts),
    )
    def holds(who: int, path: str, asked: dict[str, str], end: str) -> None:
        cache.clear()
        end = quote(end, safe="", errors="surrogatepass") if len(end) < 500 else ""
        question = (
            urlencoded(asked).decode() if sum(map(len, asked.values())) < 1500 else "semaine=2026-02-30"
        )
        with listening() as lines:
            answer = people[who].get(f"{path}{end}?{question}")
        held(answer, lines)
        if answer.status_code >= 400:
            assert NEEDLE not in answer.content.decode()
        if "logout" not in path:
            assert differing(before, BACKGROUND_TABLES) == set(), path

    holds()


def test_every_route_once_with_a_number_without_end(lanterne: Tenant, walking: Round, nadia: Client) -> None:
    people = [nadia, *(strong(lanterne.people[name]) for name in ("claire", "agnes", "victor"))]
    questions = ["", *(f"?semaine={one}" for one in ("9" * 1500, "2026-02-30", "0001-01-01", "9999-12-31"))]
    for path in gets() if LONG else gets()[::6]:
        for client in people:
            for question in questions if LONG else questions[:2]:
                cache.clear()
                with suppress(UnicodeError):
                    assert client.get(path + question).status_code in STATUSES, (path, question)


# The controls: an API that writes before it looks, and says what it saw; redirects that carry it away.


def test_a_naive_view_is_caught(lanterne: Tenant) -> None:
    def naive(request: HttpRequest) -> HttpResponse:
        body = json.loads(request.body)
        if not isinstance(body, dict):
            return HttpResponse(f"not an object: {body!r}", status=422)
        if body.get("people") != 1:
            with databases.raw("owner") as connection:
                connection.execute("UPDATE outreach_team SET name = name || %s", [str(body)[:50]])
            return HttpResponse('{"code": "people"}', status=422)
        return HttpResponse(body.get("note", ""))

    def asked(body: Any) -> None:
        before = state()
        request = RequestFactory().post("/", as_json(body), content_type="application/json")
        one_word(naive(request), before)

    asked({"people": 1})
    for body, what in (
        ([NEEDLE], NEEDLE),
        ({"people": 1, "note": NEEDLE}, NEEDLE),
        ({"people": NEEDLE}, "outreach_team"),
        (["people"], "not an object"),
    ):
        with pytest.raises(AssertionError, match=what):
            asked(body)
    assert any("outreach_team" in place for place in echoed_in_tables())


@pytest.mark.parametrize(
    ("method", "asked", "leads_to"),
    [
        ("POST", "/maraude/notes/", f"/maraude/notes/?q={NEEDLE}"),
        ("POST", "/compte/login/", f"/compte/login/?next={NEEDLE}"),
        ("GET", "/compte/login/", f"//{NEEDLE}.example/"),
        ("GET", "/maraude/notes/", f"/cartes/?q={NEEDLE}"),
    ],
)
def test_a_redirect_that_carries_it_away_is_caught(method: str, asked: str, leads_to: str) -> None:
    answer: Any = HttpResponseRedirect(leads_to)
    answer.request = {"REQUEST_METHOD": method, "PATH_INFO": asked}
    with pytest.raises(AssertionError, match=NEEDLE):
        held(answer, [])
