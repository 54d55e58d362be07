"""Connections that nobody uses end, and who comes next notices nothing."""

import time

import pytest
from django.db import close_old_connections, connections
from django.test import Client

from config import gunicorn
from tests import databases


def test_gunicorn_asks_for_an_end_of_idle_connections() -> None:
    assert any("idle_session_timeout" in line for line in gunicorn.raw_env)


@pytest.mark.database
@pytest.mark.parametrize("alias", ["default", "keystore"])
def test_a_connection_that_the_server_ended_is_opened_again(alias: str) -> None:
    """The test client leaves out what Django does at the start of each request, so it is done here."""
    connection = connections[alias]
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
        cursor.execute("SET idle_session_timeout = 1")
    deadline = time.monotonic() + 60
    with databases.raw("owner") as beside:
        while beside.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone():
            assert time.monotonic() < deadline
    close_old_connections()
    parts = Client().get("/healthz").json()["parts"]
    assert parts["database"] == parts["keystore"] == "ok"
