"""The tables of people under the web role, asked directly: one person, one address or one association, never more."""

import pytest
from psycopg import Connection

from tests import databases
from tests.factories import Tenant
from tests.outreach.members.people import enrol, signed_in

pytestmark = pytest.mark.database

TABLES = ("account_emailaddress", "mfa_authenticator", "usersessions_usersession")
PEOPLE = (
    "outreach_account",
    "outreach_membership",
    "outreach_invitation",
    "outreach_teammembership",
    *TABLES,
)


def seen(connection: Connection, table: str, **settings: str) -> int:
    """How many rows of `table` the web role sees under these settings."""
    with connection.transaction():
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", value])
        row = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
        assert row is not None
        return int(row[0])


def test_without_a_person_nothing_of_people_is_visible(lanterne: Tenant, passerelle: Tenant) -> None:
    enrol(signed_in(lanterne.people["agnes"]))
    with databases.raw("owner") as owner, databases.raw("web") as web:
        assert seen(owner, "outreach_account") == len(lanterne.people) + len(passerelle.people)
        assert seen(owner, "mfa_authenticator") > 0
        for table in PEOPLE:
            assert seen(web, table) == 0


def test_a_person_sees_own_secrets_and_nobody_elses(lanterne: Tenant, passerelle: Tenant) -> None:
    agnes, omar, bruno = lanterne.people["agnes"], lanterne.people["omar"], passerelle.people["bruno"]
    for person in (agnes, omar, bruno):
        enrol(signed_in(person))
    with databases.raw("web") as web:
        for table in ("mfa_authenticator", "usersessions_usersession"):
            mine = seen(web, table, account_id=str(omar.id))
            assert mine > 0
            # Not even a colleague, nor the administrator of the association.
            assert (
                seen(web, table, account_id=str(agnes.id), association_id=str(lanterne.association.id))
                == mine
            )
            assert seen(web, table, association_id=str(lanterne.association.id)) == 0


def test_a_colleague_is_visible_and_a_stranger_is_not(lanterne: Tenant, passerelle: Tenant) -> None:
    with databases.raw("web") as web:
        inside = {
            "account_id": str(lanterne.people["agnes"].id),
            "association_id": str(lanterne.association.id),
        }
        assert seen(web, "outreach_account", **inside) == len(lanterne.people)
        assert seen(web, "outreach_membership", **inside) == len(lanterne.people)
        assert seen(web, "outreach_account", association_id=str(passerelle.association.id)) == len(
            passerelle.people
        )


def test_a_typed_address_shows_one_account(lanterne: Tenant) -> None:
    with databases.raw("web") as web:
        assert seen(web, "outreach_account", login_email="omar@lanterne.invalid") == 1
        assert seen(web, "outreach_account", login_email="%@lanterne.invalid") == 0
        assert seen(web, "outreach_account", login_email="") == 0


def test_the_auditor_s_role_sees_no_person(lanterne: Tenant) -> None:
    with databases.raw("audit") as connection:
        for table in PEOPLE:
            with pytest.raises(Exception, match="permission denied"):
                seen(connection, table, association_id=str(lanterne.association.id))


def test_a_token_shows_its_invitation_only(lanterne: Tenant) -> None:
    with databases.raw("web") as web:
        assert web.execute("SELECT count(*) FROM outreach_invitation('\\x00'::bytea)").fetchone() == (0,)
        assert web.execute("SELECT count(*) FROM outreach_invitation(NULL)").fetchone() == (0,)


def test_whoever_left_sees_no_name_of_the_association_any_more(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    with databases.raw("owner") as owner, databases.raw("web") as web:
        for ended, names in (("NULL", 1), ("app_today()", 0)):
            owner.execute(
                f"UPDATE outreach_membership SET ended_on = {ended} WHERE id = %s", [omar.membership.id]
            )
            for table in ("outreach_association", "outreach_team"):
                assert seen(web, table, account_id=str(omar.id)) == names, (ended, table)
