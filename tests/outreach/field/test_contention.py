"""Many hands on one round at the same moment: nobody gets an error, nothing is lost.

Each hand is a thread with database connections of its own. They meet at locks that the test itself holds, and the test goes on
once PostgreSQL says that they wait: no sleeping, no luck.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from outreach.closing.services import close_round
from outreach.records.models import Record
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import NOW, Tenant
from tests.outreach.members.people import signed_in
from tests.resilience.stack import until

pytestmark = pytest.mark.database


@contextmanager
def hands(many: int) -> Iterator[Callable[..., "Future[Any]"]]:
    """Run callables at once, each on its own connections."""

    def alone(do: Callable[[], Any]) -> Any:
        try:
            return do()
        finally:
            for alias in databases.ALIASES:
                connections[alias].close()

    with ThreadPoolExecutor(many) as pool:
        yield lambda do: pool.submit(alone, do)


def waiting(many: int) -> None:
    """Until so many transactions of the data wait for a lock."""

    def enough() -> bool:
        with databases.raw("owner") as eye:
            row = eye.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
        return row is not None and row[0] >= many

    until(enough, f"{many} transactions wait", patience=30)


def bring(client: Client, round_: Round, *drafts: Any) -> Any:
    body = {"phone": str(uuid4()), "drafts": [factories.on_the_wire(one) for one in drafts]}
    answer = client.post(
        f"/api/v1/rounds/{round_.id}/drafts", json.dumps(body), content_type="application/json"
    )
    return answer.status_code, json.loads(answer.content) if answer.content else {}


def test_two_who_send_while_the_lead_closes_are_both_received(lanterne: Tenant) -> None:
    """Both wait for the close, find no open round any more and are received late; neither waits for the other in a ring."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes(2)), factories.sealed(round_, factories.yes(3))]
    phones = [signed_in(lanterne.people["omar"]), signed_in(lanterne.people["nadia"])]
    for phone in phones:
        phone.raise_request_exception = False
    with hands(2) as do:
        with tenant_transaction(lanterne.scope("north")):
            close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW)
            answers = [
                do(lambda phone=phone, draft=draft: bring(phone, round_, draft))
                for phone, draft in zip(phones, drafts, strict=True)
            ]
            waiting(2)
        said = [one.result(60) for one in answers]
    assert [status for status, _body in said] == [200, 200], said
    assert sorted(id_ for _status, body in said for id_ in body["receipt"]["stored"]) == sorted(
        str(draft.id) for draft in drafts
    )
    with tenant_transaction(lanterne.scope("north")):
        assert Record.objects.filter(round=round_).count() == 2
