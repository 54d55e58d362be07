"""A log that was begun before bodies were kept as texts: nothing is lost on the way to them, nothing is healed."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from privacy.audit.verifying import Kind
from tests import databases
from tests.privacy.audit.scenes import sealed, verify

pytestmark = pytest.mark.database

BODIES = "SELECT index, body::text FROM audit_logentry ORDER BY index"
CHANGE = "UPDATE audit_logentry SET body = jsonb_set(body, ARRAY[%s], '\"nobody\"') WHERE index = 3"
RIGHTS = (
    "SELECT grantee::text, privilege_type::text FROM information_schema.role_table_grants"
    " WHERE table_name = 'audit_leaf' ORDER BY 1, 2"
)


def migrate(name: str) -> None:
    with databases.as_owner():
        call_command("migrate", "audit", name, verbosity=0)


@pytest.fixture
def before() -> Iterator[None]:
    """The tables as they were, for the length of a test."""
    try:
        yield
    finally:
        migrate("0004")


def test_an_older_log_still_proves_every_body(before: None) -> None:
    held = sealed(5, 40, 7)[-1]
    with databases.raw("owner") as owner:
        texts, rights = owner.execute(BODIES).fetchall(), owner.execute(RIGHTS).fetchall()
        migrate("0003")
        assert owner.execute(BODIES).fetchall() != texts
        assert owner.execute(RIGHTS).fetchall() == rights
        migrate("0004")
        assert owner.execute(BODIES).fetchall() == texts
        assert owner.execute(RIGHTS).fetchall() == rights
    report = verify(held)
    assert report.clean and report.proven == 52


@pytest.mark.parametrize("member", ["actor", "extra"])
def test_what_was_changed_in_an_older_log_stays_found(before: None, member: str) -> None:
    held = sealed(5, 40, 7)[-1]
    migrate("0003")
    with databases.raw("owner") as owner:
        owner.execute("ALTER TABLE audit_logentry DISABLE TRIGGER USER")
        assert owner.execute(CHANGE, [member]).rowcount == 1
        owner.execute("ALTER TABLE audit_logentry ENABLE TRIGGER USER")
    migrate("0004")
    assert [finding.kind for finding in verify(held).findings] == [Kind.BODY_EDITED]


def test_a_body_is_an_object_or_the_database_says_no() -> None:
    sealed(3)
    with databases.raw("owner") as owner:
        owner.execute("ALTER TABLE audit_logentry DISABLE TRIGGER USER")
        for text, why in (("[]", "audit_body_is_an_object"), ("no JSON", "invalid input syntax")):
            with pytest.raises(Exception, match=why):
                owner.execute("UPDATE audit_logentry SET body = %s WHERE index = 1", [text])
        owner.execute("ALTER TABLE audit_logentry ENABLE TRIGGER USER")
