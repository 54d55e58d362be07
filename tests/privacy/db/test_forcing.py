"""Row security binds the owner of the tables: a session that does not say that it does the owner's work sees no row."""

import pytest
from django.core.management import call_command
from django.db import connections

from tests import databases
from tests.factories import Tenant

pytestmark = pytest.mark.database

SECURED = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity"
DEFINERS = (
    "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    " AND proowner = 'maraudes_owner'::regrole"
)


def names(query: str, alias: str = "default") -> set[str]:
    with databases.raw("owner", alias) as owner:
        return {row[0] for row in owner.execute(query).fetchall()}


def filled(**options: str) -> set[str]:
    """Tables with row security in which a session of the owner sees a row."""
    with databases.raw("owner", **options) as owner:
        return {
            name for name in names(SECURED) if owner.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone()
        }


def test_a_server_that_was_given_the_owners_password_sees_no_row(lanterne: Tenant) -> None:
    assert {"outreach_account", "outreach_membership", "outreach_team"} <= filled()
    assert filled(options="-c application_name=server") == set()
    assert filled(options="-c app.owner_work=off") == set()


def test_saying_so_helps_nobody_but_the_owner(lanterne: Tenant) -> None:
    said = "-c app.owner_work=on"
    with databases.raw("web", options=said) as web:
        assert web.execute("SELECT count(*) FROM outreach_account").fetchone() == (0,)


def test_every_table_forces_it_and_every_function_of_the_service_says_so(db_clean: None) -> None:
    assert names(SECURED) - names(SECURED + " AND relforcerowsecurity") == set()
    assert names(DEFINERS) - names(DEFINERS + " AND proconfig @> ARRAY['app.owner_work=on']") == set()
    assert len(names(SECURED)) > 20 and len(names(DEFINERS)) > 5


OPEN_TO_ALL = (
    " AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0)"
)


def test_what_runs_as_the_owner_has_a_fixed_path_and_is_for_named_roles(db_clean: None) -> None:
    """A trigger's function is called by nothing but its trigger; of the others everybody may ask what day it is, no more."""
    fixed = " AND 'search_path=public, pg_temp' = ANY (proconfig)"
    callable_ = " AND prorettype <> 'trigger'::regtype"
    for alias in ("default", "keystore"):
        assert names(DEFINERS, alias) == names(DEFINERS + fixed, alias)
    assert names(DEFINERS + callable_ + OPEN_TO_ALL) == {"app_today"}
    assert {"retention_rewrite", "outreach_end_sessions"} <= names(DEFINERS + callable_)


def test_what_a_migration_adds_is_bound_by_the_end_of_it(db_clean: None) -> None:
    with databases.raw("owner") as owner:
        try:
            owner.execute("CREATE TABLE late (id int); ALTER TABLE late ENABLE ROW LEVEL SECURITY")
            owner.execute(
                "CREATE FUNCTION late_one() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"
            )
            with databases.as_owner():
                call_command("migrate", verbosity=0)
                connections["default"].close()
            assert "late" in names(SECURED + " AND relforcerowsecurity")
            assert "late_one" in names(DEFINERS + " AND proconfig @> ARRAY['app.owner_work=on']")
        finally:
            owner.execute("DROP TABLE late; DROP FUNCTION late_one()")
