"""Who reads is in the log: each page that opens something sealed, or the books, leaves one line with its reader's pseudonym.

Every page of the service is asked for, as somebody who gets it. Whether it opened something is seen where it happens: a seal that
is opened, or a statement through the auditor's connection. No page is named here, so that a new one cannot be forgotten.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from privacy.audit import actors
from privacy.core import envelope
from tests import databases
from tests.e2e import places
from tests.factories import NOW, Tenant

pytestmark = pytest.mark.database

Line = tuple[str, str]
OPEN_TO_ALL = "/control/registre/"
"""One checkpoint is public: its reader may be nobody. It opens nothing of a person and of no association."""


def lines() -> dict[str, tuple[str, str, str]]:
    """What waits in the log: event, actor and outcome, by id."""
    with databases.raw("owner") as owner:
        rows = owner.execute("SELECT id::text, event, actor, outcome FROM audit_pendingevent").fetchall()
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


@contextmanager
def opening(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is opened meanwhile: seals of the service, statements of the auditor's role."""
    seen: list[str] = []
    unseal = envelope.unseal

    def watched(*args: Any) -> bytes:
        seen.append("seal")
        return unseal(*args)

    def asked(execute: Any, statement: str, *rest: Any) -> Any:
        seen.append("audit")
        return execute(statement, *rest)

    with monkeypatch.context() as patch, connections["audit"].execute_wrapper(asked):
        patch.setattr(envelope, "unseal", watched)
        yield seen


def readers(lanterne: Tenant, people: dict[str, Client], path: str) -> Iterator[str]:
    """Everybody of the cast who gets that page."""
    for who, client in people.items():
        if who in lanterne.people and client.get(path).status_code == 200:
            yield who


def test_each_page_that_opens_something_says_who_read_it(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = places.filled(lanterne)
    people = places.browsers(lanterne)
    opened, wrong = set(), []
    for path in places.addresses(ids):
        if path.startswith("/compte/logout"):
            continue
        for who in list(readers(lanterne, people, path)):
            with databases.raw("owner") as owner:
                owner.execute("DELETE FROM audit_pendingevent")
            with opening(monkeypatch) as seen:
                assert people[who].get(path).status_code == 200
            made = list(lines().values())
            mine = actors.named("", lanterne.people[who].account.id, NOW)
            by = [actor.partition(":")[2] == mine.partition(":")[2] for _event, actor, _outcome in made]
            public = path.startswith(OPEN_TO_ALL) and path != OPEN_TO_ALL
            if not all(by) or len(by) > 1 or (seen and not public and not by):
                wrong.append((who, path, sorted(made)))
            if seen and not public:
                opened.add(path.replace(ids["closed"], "<closed>"))
    assert wrong == []
    assert opened == {
        "/cartes/coordination/",
        "/cartes/equipe/",
        "/control/",
        "/control/accords/",
        "/control/registre/",
        "/maraude/cette-nuit/",
        "/maraude/notes/",
        "/maraude/tournee/<closed>/",
    }
