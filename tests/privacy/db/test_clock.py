"""The database has one clock, `app_now()`: the machine's, where it is migrated, and nobody but the owner gives it another."""

from contextlib import suppress

import pytest
from django.core.management import call_command
from psycopg import errors

from tests import databases, factories, moment

pytestmark = pytest.mark.database
ROLES = ("web", "worker", "audit")
MIGRATED = " SELECT now() "
ANOTHER = "CREATE OR REPLACE FUNCTION {name}() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT now() + interval '40 days' $$"
ATTEMPTS = (
    ANOTHER.format(name="app_now"),
    "CREATE OR REPLACE FUNCTION app_today() RETURNS date LANGUAGE sql AS $$ SELECT current_date + 40 $$",
    "DROP FUNCTION app_now() CASCADE",
    "ALTER FUNCTION app_now() RENAME TO app_then",
    "ALTER FUNCTION app_now() SET search_path = pg_temp",
    "ALTER FUNCTION app_today() SET search_path = pg_temp, public",
    "UPDATE pg_proc SET prosrc = 'SELECT now()' WHERE proname = 'app_now'",
    "SELECT app_now()",
)
SETTINGS = (
    "SET search_path = pg_temp, public",
    "SET TimeZone = 'Pacific/Kiritimati'",
    "SET app.now = '2040-01-01'",
    "SET app.owner_work = 'on'",
    "SET maraudes.test_ahead = '3456000'",
)
READS = r"\m(now|(transaction|statement|clock)_timestamp|timeofday)\(\)|\m(current|local)_?(date|time|timestamp)\M"
WRITTEN = """
SELECT proname, prosrc FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL SELECT tablename || '.' || policyname, concat_ws(' ', qual, with_check) FROM pg_policies
UNION ALL SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
UNION ALL SELECT adrelid::regclass || '.' || adnum, pg_get_expr(adbin, adrelid) FROM pg_attrdef
UNION ALL SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger
"""


def today(role: str, *before: str) -> object:
    """The day that `role` is told after saying `before`."""
    with databases.raw(role) as connection:
        for said in before:
            with suppress(errors.InsufficientPrivilege):  # may it make temporary things at all
                connection.execute(said)
        return connection.execute("SELECT app_today()").fetchone()


def test_what_is_migrated_reads_the_machines_clock_and_takes_no_other(db_clean: None) -> None:
    try:
        with databases.as_owner():
            call_command("migrate", "retention", "0010_book_in_bands", verbosity=0)
            call_command("migrate", verbosity=0)
        with databases.raw("owner") as owner:
            [(source, settings, owned)] = owner.execute(
                "SELECT prosrc, proconfig, proowner::regrole::text FROM pg_proc WHERE proname = 'app_now'"
            ).fetchall()
            assert (source, settings, owned) == (MIGRATED, None, databases.OWNER)
            assert owner.execute("SELECT app_now() = now()").fetchone() == (True,)
    finally:
        databases.set_clock()
    assert today("web") == (moment.MOMENT.date(),)


@pytest.mark.parametrize("role", ROLES)
def test_no_role_of_the_application_moves_the_clock(db_clean: None, role: str) -> None:
    for attempt in ATTEMPTS:
        with databases.raw(role) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(attempt)
    said = (ANOTHER.format(name="pg_temp.app_now"), *SETTINGS)
    assert today(role, *said) == (factories.NIGHT,)
    try:
        with databases.raw("owner") as owner:
            owner.execute(ANOTHER.format(name="app_now"))
        assert today(role) != (factories.NIGHT,), (
            "the owner's other clock is told to everybody: the check can fail"
        )
    finally:
        databases.set_clock()


@pytest.mark.parametrize("database", ["default", "keystore"])
def test_nothing_in_the_database_asks_another_clock(db_clean: None, database: str) -> None:
    with databases.raw("owner", database) as owner:
        asks = f"SELECT name FROM ({WRITTEN}) AS written (name, body) WHERE body ~* %s"
        found = {name for (name,) in owner.execute(asks, [READS]).fetchall()}
        assert found == ({"app_now"} if database == "default" else set())
