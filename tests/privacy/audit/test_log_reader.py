"""The log read as a stream: whatever breaks off in the middle leaves the connection, the lock and the transaction behind it."""

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections

from privacy.audit import keys, log_reader
from tests import databases, leak_places
from tests.privacy.audit.scenes import NOON, sealed

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("new_files")]


def within(seconds: float, act: Callable[[], None]) -> bool:
    """Whether `act` comes back, tried in a thread with connections of its own: what hangs must not hang the tests."""

    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():  # its transaction would hold up every later test
        leak_places.superuser(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()",
            database=leak_places.name_of("data"),
        )
        return False
    return True


class Stop(Exception):
    """Somebody pressed Ctrl-C."""


def test_a_verification_that_breaks_off_lets_everything_go(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(40)
    monkeypatch.setattr(log_reader, "CHUNK", 10)
    seen: list[int] = []

    def say(count: int) -> None:
        seen.append(count)
        raise Stop

    def verify() -> None:
        with pytest.raises(Stop):
            log_reader.verify("default", (), [keys.signing_key().verifier], NOON.date(), say)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            )
            assert cursor.fetchone() == (0,), "a seal would wait"
        seen.append(-1)

    with databases.as_worker():
        assert within(60, verify)
    assert seen == [10, -1]


def test_a_statement_on_the_same_connection_while_the_log_is_read_is_refused_or_served_but_never_waits() -> (
    None
):
    """Closing the rows gives the connection back, at whatever row."""
    sealed(40)

    def half() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        source = log_reader.rows(connection.connection)
        assert next(source).number == 0
        source.close()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 2")
            assert cursor.fetchone() == (2,)

    with databases.as_worker():
        assert within(60, half)


def test_no_time_limit_of_a_role_ends_a_long_verification(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole log is one statement; the auditor's pages keep the limit of their role."""
    sealed(40)
    rows, limits = log_reader.rows, []

    def limit(source: Any) -> str:
        return str(source.execute("SHOW statement_timeout").fetchone()[0])

    def read(source: Any) -> Any:
        limits.append(limit(source))
        return rows(source)

    monkeypatch.setattr(log_reader, "rows", read)
    assert log_reader.verify("audit", (), [keys.signing_key().verifier], NOON.date()).entries == 40
    with connections["audit"].cursor():
        limits.append(limit(connections["audit"].connection))
    assert limits == ["0", "30s"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("entries", [9, 10, 23])
def test_the_bar_ends_once(entries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(entries)
    monkeypatch.setattr(log_reader, "CHUNK", 10)
    shown = Terminal()
    with databases.as_worker():
        call_command("audit_verify", stderr=shown, stdout=io.StringIO())
    assert shown.getvalue().count(f"{entries}/{entries}") == 1 and shown.getvalue().endswith(
        f"{entries}/{entries}\n"
    )
