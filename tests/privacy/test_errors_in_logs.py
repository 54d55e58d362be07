"""Errors carry values, and none of them reaches a log: every rule of both schemas broken once, every way a view can fail.

Presence first: PostgreSQL tells the client the planted value (so it was there to be logged), a server session that logs as
PostgreSQL does by default writes it into the same file, and a plain formatter beside ours prints it.
"""

import io
import logging
import secrets
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import Client, override_settings

from config.logging import AllowListFormatter
from tests import databases, leak_places, leak_search
from tests.e2e import places
from tests.factories import Tenant
from tests.outreach.members.people import signed_in, strong
from tests.privacy import failing_views
from tests.privacy.constraint_violations import Trip, Tripper, as_web, told

pytestmark = [pytest.mark.database, pytest.mark.slow]

LOG = leak_places.VAR / "log" / "postgresql.log"


class Log:
    """What PostgreSQL wrote since this was made."""

    def __init__(self, path: Path = LOG) -> None:
        self.path, self.start = path, path.stat().st_size

    def holds(self, word: str) -> bool:
        return bool(
            leak_search.search([("log", self.path.read_bytes()[self.start :])], {"word": word})["word"]
        )


@pytest.fixture
def token() -> str:
    return f"qz{secrets.token_hex(3)}"


def default_verbosity(database: str, statement: str) -> None:
    """Run a failing statement in a session of the superuser that logs as PostgreSQL does when nobody configures it."""
    settings = (
        "log_min_messages = 'warning'",
        "log_min_error_statement = 'error'",
        "log_error_verbosity = 'default'",
    )
    with pytest.raises(subprocess.CalledProcessError):
        leak_places.superuser(*(f"SET {one}" for one in settings), statement, database=database)


def test_breaking_every_rule_of_the_schema_leaves_no_value_in_the_log(lanterne: Tenant, token: str) -> None:
    places.filled(lanterne)
    log = Log()
    trips: list[Trip] = []
    missed: list[str] = []
    broken: Counter[str] = Counter()
    spoke: dict[str, int] = {}
    for store, alias in leak_places.STORES.items():
        with databases.raw("owner", alias) as connection:
            tripper, before = Tripper(connection, token), len(trips)
            for kind in ("not_null", "unique", "foreign", "checks", "triggers", "types"):
                for rule, trip in getattr(tripper, kind)():
                    if trip is None:
                        missed.append(f"{store}: {rule}")
                    else:
                        trips.append(trip)
                        broken[f"{store} {kind}"] += 1
            known = tripper.rules()
            silent = known - tripper.told_by(trips[before:])
            assert silent == set(), f"rules of {store} that never spoke themselves: {sorted(silent)}"
            spoke[store] = len(known)
            with connection.transaction(force_rollback=True):
                new = "ADD CONSTRAINT never_broken CHECK (true)"
                connection.execute(f'ALTER TABLE "{tripper.tables()[0]}" {new}')
                assert len(tripper.rules() - tripper.told_by(trips[before:])) == 1, (
                    "a new rule goes unnoticed"
                )
    trips += list(_row_security(lanterne, token))
    broken["row security and grants"] = len(trips) - sum(broken.values())
    assert missed == [], f"let in, or another rule spoke first: {missed}"
    spoken = [
        trip for trip in trips if leak_search.search([("told", trip.told.encode())], {"word": token})["word"]
    ]
    # Where row security is forced PostgreSQL shows nobody the failing row, so most errors are silent by themselves.
    assert len(spoken) > len(trips) / 4, "too few errors carried the planted value: this would prove nothing"
    assert not log.holds(token)
    print(
        f"\n{len(trips)} refusals {dict(broken)}, by each of the {spoke} rules of the catalogue;"
        f" {len(spoken)} told the client the planted value; in PostgreSQL's log: 0"
    )

    control = f"{token}control"
    columns = "id, email, display_name, password, is_active"
    default_verbosity(
        leak_places.name_of("data"),
        f"INSERT INTO outreach_account ({columns}) VALUES (NULL, '{control}', '', '', true)",
    )
    assert log.holds(control), "the control wrote nothing: the search proves nothing"


def _row_security(lanterne: Tenant, token: str) -> Iterator[Trip]:
    """As the web role: a planted row of another association into every table that it may write at all, and all the others."""
    with databases.raw("owner") as owner:
        maker = Tripper(owner, token)
        rows = {table: maker.row(table) for table in maker.tables()}
    with databases.raw("web") as connection:
        tripper = Tripper(connection, token)
        for table, row in rows.items():
            try:
                with connection.transaction(force_rollback=True):
                    as_web(connection, lanterne.association.id, lanterne.teams["north"].id)
                    tripper.insert(table, row)
            except psycopg.errors.InsufficientPrivilege as error:
                yield told(f"{table} as web", error)
            except psycopg.Error:
                continue  # a rule that was broken above already


@pytest.fixture
def written() -> Iterator[dict[str, io.StringIO]]:
    """Everything the application logs, once with our formatter and once with Python's own."""
    outputs = {"ours": io.StringIO(), "plain": io.StringIO()}
    handlers = []
    for name, formatter in (("ours", AllowListFormatter()), ("plain", logging.Formatter())):
        handler = logging.StreamHandler(outputs[name])
        handler.setFormatter(formatter)
        handlers.append(handler)
        logging.getLogger().addHandler(handler)
    yield outputs
    for handler in handlers:
        logging.getLogger().removeHandler(handler)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("view", failing_views.VIEWS, ids=[view.__name__ for view in failing_views.VIEWS])
@override_settings(ROOT_URLCONF="tests.privacy.failing_views")
def test_a_view_that_fails_logs_where_and_never_what(
    written: dict[str, io.StringIO], token: str, view: Any
) -> None:
    typed, log = f"{token} 48.8765432 Oumou", Log()
    logging.captureWarnings(True)
    answer = Client(raise_request_exception=False).post(f"/failing/{view.__name__}/", {"typed": typed})
    assert token not in answer.content.decode()
    ours = written["ours"].getvalue()
    assert token in written["plain"].getvalue(), "the control shows nothing, so this would prove nothing"
    assert token not in ours and "Oumou" not in ours and "48.8765" not in ours
    assert "level=" in ours
    assert not log.holds(token)


def test_planted_words_sent_to_every_address_reach_no_log(
    lanterne: Tenant, written: dict[str, io.StringIO], token: str
) -> None:
    ids = places.filled(lanterne)
    log = Log()
    fields = (
        "email",
        "note",
        "place",
        "quote",
        "handover",
        "token",
        "draft",
        "reason",
        "night",
        "team",
        "people",
    )
    planted = {name: f"{token} {name}" for name in fields} | {"zone": "yes", "login": f"{token}@x.invalid"}
    asked = {"semaine": token, "q": token, "next": f"/{token}"}
    clients = {
        "nobody": Client(),
        "nadia": signed_in(lanterne.people["nadia"]),
        "claire": strong(lanterne.people["claire"]),
    }
    statuses: Counter[int] = Counter()
    failed = []
    for who, client in clients.items():
        client.raise_request_exception = False
        for path in places.addresses(ids):
            if "logout" in path:
                continue
            for method, data in (("get", asked), ("post", planted)):
                answer = getattr(client, method)(
                    path, data, headers={"user-agent": token, "x-planted": token}
                )
                statuses[answer.status_code] += 1
                if answer.status_code >= 500 and path != "/healthz":
                    failed.append(f"{who} {method} {path}: {answer.status_code}")
        client.get(f"/{token}/", headers={"host": "testserver"})
    ours = written["ours"].getvalue()
    print(
        f"\n{sum(statuses.values())} requests with planted words, answers {dict(sorted(statuses.items()))},"
        f" {len(ours.splitlines())} log lines without one"
    )
    assert token in written["plain"].getvalue(), "the control shows nothing, so this would prove nothing"
    assert token not in ours
    assert not log.holds(token)
    assert failed == [], "\n".join(failed)
