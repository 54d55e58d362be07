"""The account book as the web's database role may write it: nothing that is over, nothing that is settled."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from tests import databases
from tests.factories import NIGHT as TODAY

pytestmark = pytest.mark.database

LANTERNE = UUID("1a000000-0000-4000-8000-000000000001")
BOOK = (
    "INSERT INTO retention_ledgerentry (id, association_id, retention_class, expires_on, stored, withdrawn, erased)"
    " VALUES (gen_random_uuid(), %s, 'record', %s, 3, 0, 0)"
)


def booked(web: psycopg.Connection[Any], day: date) -> bool:
    try:
        web.execute(BOOK, [LANTERNE, day])
    except errors.InsufficientPrivilege:
        return False
    return True


def test_a_request_books_what_lives_and_changes_no_settled_line() -> None:
    with databases.raw("web") as web, databases.raw("owner") as owner:
        web.execute("SELECT set_config('app.association_id', %s, false)", [str(LANTERNE)])
        assert booked(web, TODAY + timedelta(days=30))
        assert not booked(web, TODAY)
        assert not booked(web, TODAY - timedelta(days=300))
        more = "UPDATE retention_ledgerentry SET stored = stored + 5"
        assert web.execute(more).rowcount == 1
        owner.execute("UPDATE retention_ledgerentry SET erased_on = %s", [TODAY])
        assert web.execute(more).rowcount == 0
        owner.execute("UPDATE retention_ledgerentry SET erased_on = NULL, expires_on = %s", [TODAY])
        assert web.execute(more).rowcount == 0
        assert owner.execute("SELECT stored FROM retention_ledgerentry").fetchone() == (8,)
