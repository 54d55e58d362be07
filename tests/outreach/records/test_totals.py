"""What is kept for good only grows by requests: totals and the book, over raw connections as the web's role."""

from datetime import date
from uuid import uuid4

import psycopg
import pytest

from tests import databases
from tests.cast import House

pytestmark = pytest.mark.database

QUARTER = date(2026, 10, 1)
CONSENT = "SELECT outreach_add_consent(%s, %s, %s, %s, %s)"
MONTH = "SELECT outreach_add_month(%s, %s, %s::jsonb)"
LINE = (
    "INSERT INTO retention_ledgerentry (id, association_id, retention_class, expires_on, stored, withdrawn, erased, erased_on)"
    " VALUES (%s, %s, 'record', '2027-01-01', 5, 0, %s, %s)"
)


def web(house: House) -> psycopg.Connection[tuple[object, ...]]:
    connection = databases.raw("web")
    connection.execute("SELECT set_config('app.association_id', %s, false)", [str(house.association.id)])
    return connection


def test_a_request_adds_to_the_totals_of_its_own_house_and_lowers_none(home: House, stranger: House) -> None:
    with web(home) as connection:
        for _time in range(2):
            connection.execute(CONSENT, [home.association.id, QUARTER, 3, 1, 0])
            connection.execute(MONTH, [home.association.id, QUARTER, '{"people_count": 4}'])
        refused: list[tuple[str, list[object]]] = [
            (CONSENT, [home.association.id, QUARTER, -1, 0, 0]),
            (CONSENT, [stranger.association.id, QUARTER, 1, 0, 0]),
            (MONTH, [home.association.id, QUARTER, '{"people_count": -4}']),
            (MONTH, [stranger.association.id, QUARTER, '{"people_count": 4}']),
            ("UPDATE outreach_consentcounter SET given = 0", []),
            ("UPDATE outreach_tallymonth SET totals = '{}'", []),
            (
                "INSERT INTO outreach_tallymonth (association_id, month, totals) VALUES (%s, '2026-01-01', '{}')",
                [home.association.id],
            ),
        ]
        for statement, values in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement, values)
        given = connection.execute("SELECT given, refused FROM outreach_consentcounter").fetchall()
        totals = connection.execute("SELECT totals FROM outreach_tallymonth").fetchall()
    assert given == [(6, 2)]
    assert totals == [({"people_count": 8},)]


def test_a_request_opens_a_line_of_the_book_and_settles_none(home: House) -> None:
    with web(home) as connection:
        for erased, day in ((5, date(2026, 11, 1)), (5, None), (0, date(2026, 11, 1))):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(LINE, [uuid4(), home.association.id, erased, day])
        connection.execute(LINE, [uuid4(), home.association.id, 0, None])
        lines = connection.execute("SELECT stored, erased, erased_on FROM retention_ledgerentry").fetchall()
    assert lines == [(5, 0, None)]
