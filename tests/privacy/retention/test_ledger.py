"""The account book forgets too: settled weeks become one line each, no finer than the page that shows them."""

from datetime import date, timedelta

import pytest

from privacy.core.retention import RetentionClass
from privacy.db.scope import tenant_transaction
from privacy.retention import ledger, selectors, services
from privacy.retention.models import LedgerEntry
from tests import databases
from tests.factories import NIGHT, NOW, Tenant

pytestmark = pytest.mark.database

MONDAY = NIGHT - timedelta(days=NIGHT.weekday() + 28)
NOTES, RECORDS = RetentionClass.NOTE, RetentionClass.RECORD
Row = tuple[str, date, int, int, int]


def rows(lanterne: Tenant) -> list[Row]:
    with databases.as_owner():
        found = LedgerEntry.objects.filter(association_id=lanterne.association.id).order_by(
            "retention_class", "expires_on"
        )
        return list(found.values_list("retention_class", "expires_on", "stored", "withdrawn", "erased"))


def write(lanterne: Tenant, kind: RetentionClass, counts: dict[date, tuple[int, int]]) -> None:
    # As the worker: a request books nothing that is over already.
    with databases.as_worker(), tenant_transaction(lanterne.scope(*lanterne.teams)):
        ledger.stored(lanterne.association.id, {(kind, day): n for day, (n, _) in counts.items()})
        ledger.withdrawn(lanterne.association.id, {(kind, day): n for day, (_, n) in counts.items() if n})


def coarsened(today: date) -> int:
    with databases.as_worker():
        return ledger.coarsen(today)


def test_the_book_reads_from_what_comes_next_to_what_went_first() -> None:
    def line(weeks: int, state: selectors.State, kind: str = "note") -> selectors.Line:
        return selectors.Line(MONDAY + timedelta(weeks=weeks), kind, None, None, state, None)

    late, due, done = selectors.State.LATE, selectors.State.DUE, selectors.State.DONE
    wanted = [
        line(-9, late),
        line(-2, late),
        line(0, due),
        line(1, due),
        line(1, due, "record"),
        line(2, due),
    ]
    wanted += [line(-1, done), line(-3, done), line(-3, done, "record")]
    assert selectors.in_order(reversed(wanted)) == wanted


def test_a_settled_week_becomes_one_line_in_bands_and_its_page_stays_the_same(
    lanterne: Tenant, passerelle: Tenant
) -> None:
    write(
        lanterne,
        NOTES,
        {MONDAY: (7, 0), MONDAY + timedelta(days=2): (9, 1), MONDAY + timedelta(days=6): (11, 3)},
    )
    write(lanterne, RECORDS, {MONDAY: (61, 21)})
    write(passerelle, NOTES, {MONDAY + timedelta(days=1): (3, 0)})
    with databases.as_worker():
        ledger.close_lines(MONDAY + timedelta(days=6), frozenset({NOTES, RECORDS}))
    before = selectors.book(lanterne.association.id, today=NIGHT).lines
    assert [row[2] for row in rows(lanterne)] == [7, 9, 11, 61]  # exact, a night each: what must not stay
    assert coarsened(NIGHT) == 3
    assert rows(lanterne) == [("note", MONDAY, 20, 0, 20), ("record", MONDAY, 50, 20, 30)]
    assert rows(passerelle) == [("note", MONDAY, 0, 0, 0)]
    assert selectors.book(lanterne.association.id, today=NIGHT).lines == before
    assert coarsened(NIGHT) == 0


def test_a_purge_makes_one_line_of_a_settled_week(lanterne: Tenant) -> None:
    write(lanterne, NOTES, {MONDAY: (7, 0), MONDAY + timedelta(days=2): (19, 1)})
    with databases.as_worker():
        ledger.close_lines(MONDAY + timedelta(days=6), frozenset({NOTES}))
    assert [row[2:] for row in rows(lanterne)] == [(7, 0, 7), (19, 1, 18)]
    with databases.as_worker():
        services.purge(NOW, wet=True)
    assert rows(lanterne) == [("note", MONDAY, 20, 0, 20)]


def test_what_is_due_late_or_fresh_stays_exact(lanterne: Tenant) -> None:
    late, fresh, due = MONDAY, NIGHT - timedelta(days=NIGHT.weekday() + 7), NIGHT + timedelta(days=3)
    write(lanterne, NOTES, {late: (7, 0), late + timedelta(days=1): (2, 0), fresh: (3, 0), due: (4, 0)})
    with databases.as_worker():
        ledger.close_lines(late, frozenset({NOTES}))  # one day of the old week is done, the next was missed
    assert coarsened(NIGHT) == 0
    with databases.as_worker():
        ledger.close_lines(late + timedelta(days=6), frozenset({NOTES}))
        ledger.close_lines(fresh + timedelta(days=6), frozenset({NOTES}))
    last_day_of_grace = fresh + timedelta(days=6 + ledger.COARSE_AFTER)
    assert coarsened(last_day_of_grace) == 1  # the old week; the fresh one has its days still
    assert [(day, n) for _, day, n, _, _ in rows(lanterne)] == [(late, 0), (fresh, 3), (due, 4)]
    assert coarsened(last_day_of_grace + timedelta(days=1)) == 1


def test_the_web_cannot_remove_a_line(lanterne: Tenant) -> None:
    write(lanterne, NOTES, {MONDAY: (7, 0)})
    with databases.raw("web") as web, pytest.raises(Exception, match="permission denied"):
        web.execute("DELETE FROM retention_ledgerentry")
