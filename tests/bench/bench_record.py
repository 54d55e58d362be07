"""One record through the API of a real server, against a bare Django view that inserts the same bytes with one statement.

Both are gunicorn with one worker on a keep-alive connection; the phone's sealing is outside the clock. Three figures:
a draft held while the round is open (what a phone waits for); a record received whole on its own (opened, gated, sealed,
keystore and data committed, sums, book and log); and what a record costs all in when twenty of a round are held and then
closed in one batch.
"""

import http.client
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, sleep

from tests.bench.stage import compare, stage
from tests.resilience.phone import headers
from tests.resilience.stack import free_port

GUNICORN = ("-w", "1", "--threads", "2", "--keep-alive", "60")
TURNS = 60
ROUND = 20


@contextmanager
def server(**environment: str) -> Iterator[http.client.HTTPConnection]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "config.wsgi", "-b", f"127.0.0.1:{port}", *GUNICORN],
        env=os.environ | environment | {"DJANGO_SETTINGS_MODULE": "tests.bench.served"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        for _ in range(200):
            try:
                connection.connect()
                break
            except OSError:
                sleep(0.1)
        yield connection
    finally:
        connection.close()
        process.terminate()
        process.wait()


def main() -> None:
    from django.conf import settings
    from django.test import Client

    from outreach.closing import services as closing
    from outreach.closing.intake import SealedDraft
    from outreach.records.tally import Counts
    from outreach.rounds.models import Round
    from privacy.db.scope import tenant_transaction
    from tests import databases, factories

    with databases.as_owner():
        lanterne = factories.make_lanterne()
    with databases.raw("owner") as connection:
        connection.execute(
            "CREATE TABLE bare_draft (id uuid PRIMARY KEY, key_id uuid, expires_on date, blob bytea)"
        )
        connection.execute("GRANT INSERT ON bare_draft TO maraudes_web")

    browser = Client()
    browser.post("/compte/login/", {"login": lanterne.people["nadia"].email, "password": factories.PASSWORD})
    browser.get("/api/v1/rounds/tonight")
    signed_in = headers(browser.cookies["sessionid"].value)

    def wire(drafts: list[SealedDraft]) -> str:
        lines = [factories.on_the_wire(one) for one in drafts]
        return json.dumps({"phone": str(uuid.uuid4()), "drafts": lines})

    def new_round() -> Round:
        with tenant_transaction(lanterne.scope("north")):
            Round.objects.filter(shift="night").update(shift=uuid.uuid4().hex[:8])
            return factories.open_round(lanterne)

    def bodies(round_: Round, many: int) -> list[str]:
        with tenant_transaction(lanterne.scope("north")):
            return [wire([factories.sealed(round_, factories.yes(2, needs=("meal",)))]) for _ in range(many)]

    def post(to: http.client.HTTPConnection, path: str, body: str) -> None:
        try:
            to.request("POST", path, body, signed_in)
            answer = to.getresponse()
        except (ConnectionError, http.client.RemoteDisconnected):
            to.close()  # idle too long while drafts were being sealed
            to.request("POST", path, body, signed_in)
            answer = to.getresponse()
        text = answer.read()
        assert answer.status == 200, (answer.status, text[:200])

    with (
        server(MARAUDES_KEK_DIR=settings.KEK_DIR) as ours,
        server(MARAUDES_KEK_DIR=settings.KEK_DIR, BENCH_BARE="1") as bare,
    ):
        held = new_round()
        plain = iter(bodies(held, 3 * (TURNS + 1) + 10 * ROUND))

        def bare_insert() -> None:
            post(bare, "/bare/", next(plain))

        one = iter(bodies(held, TURNS + 1))
        compare(
            "one record held by the API against a bare insert of the same bytes",
            lambda: post(ours, f"/api/v1/rounds/{held.id}/drafts", next(one)),
            bare_insert,
            rounds=TURNS,
            aim=2.5,
        )
        with tenant_transaction(lanterne.scope("north")):
            closing.close_round(held.id, phone=uuid.uuid4(), counts=Counts(), now=factories.NOW)
        alone = iter(bodies(held, TURNS + 1))
        compare(
            "one record received whole by the API, alone, against the same bare insert",
            lambda: post(ours, f"/api/v1/rounds/{held.id}/drafts", next(alone)),
            bare_insert,
            rounds=TURNS,
            aim=2.5,
        )
        nights = []
        for _ in range(6):
            round_ = new_round()
            nights.append((round_, bodies(round_, ROUND)))
        ready = iter(nights)

        def whole_night() -> None:
            round_, texts = next(ready)
            for text in texts:
                post(ours, f"/api/v1/rounds/{round_.id}/drafts", text)
            closing = {"phone": str(uuid.uuid4()), "counts": {"people_count": 3}}
            post(ours, f"/api/v1/rounds/{round_.id}/close", json.dumps(closing))

        def same_bare() -> None:
            for _ in range(ROUND):
                bare_insert()

        compare(
            f"a night of {ROUND} records held one by one and closed, against {ROUND} bare inserts",
            whole_night,
            same_bare,
            rounds=5,
        )


if __name__ == "__main__":
    start = perf_counter()
    with stage():
        main()
