"""A log that was begun before bodies were kept as texts: nothing is lost on the way to them, nothing is healed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from privacy.audit.verifying import Kind
from tests import databases
from tests.privacy.audit.scenes import sealed, verify

pytestmark = pytest.mark.database

BODIES = "SELECT index, body::text FROM audit_logentry ORDER BY index"
RIGHTS = (
    "SELECT grantee::text, privilege_type::text FROM information_schema.role_table_grants"
    " WHERE table_name = 'audit_leaf' ORDER BY 1, 2"
)


def test_an_older_log_still_proves_every_body() -> None:
    held = sealed(5, 40, 7)[-1]
    with databases.raw("owner") as owner:
        texts, rights = owner.execute(BODIES).fetchall(), owner.execute(RIGHTS).fetchall()
        with databases.before("audit", "0003"):
            assert owner.execute(BODIES).fetchall() != texts
            assert owner.execute(RIGHTS).fetchall() == rights
        assert owner.execute(BODIES).fetchall() == texts
        assert owner.execute(RIGHTS).fetchall() == rights
    report = verify(held)
    assert report.clean and report.proven == 52


@contextmanager
def asleep() -> Iterator[psycopg.Connection[Any]]:
    """The owner, who has put the log's triggers to sleep."""
    with databases.raw("owner") as owner:
        owner.execute("ALTER TABLE audit_logentry DISABLE TRIGGER USER")
        try:
            yield owner
        finally:
            owner.execute("ALTER TABLE audit_logentry ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    "change",
    [
        "jsonb_set(body, '{actor}', '\"nobody\"')",
        "jsonb_set(body, '{extra}', '1')",
        "body - 'actor'",
        "'[]'",
        "'null'",
        "'\"text\"'",
    ],
)
def test_what_was_changed_in_an_older_log_stays_found(change: str) -> None:
    held = sealed(5, 40, 7)[-1]
    with databases.before("audit", "0003"), asleep() as owner:
        assert owner.execute(f"UPDATE audit_logentry SET body = {change} WHERE index = 3").rowcount == 1
    assert [finding.kind for finding in verify(held).findings] == [Kind.BODY_EDITED]


def test_a_body_is_an_object_or_the_database_says_no() -> None:
    sealed(3)
    with asleep() as owner:
        for text, why in (("[]", "audit_body_is_an_object"), ("no JSON", "invalid input syntax")):
            with pytest.raises(psycopg.Error, match=why):
                owner.execute("UPDATE audit_logentry SET body = %s WHERE index = 1", [text])
