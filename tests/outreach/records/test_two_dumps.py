"""Two dumps around one close: whoever holds both reads how many records the round kept, and nothing that one phone sent."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from outreach.closing import services as closing
from outreach.records.tally import Counts
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import NIGHT, NOW, Tenant

pytestmark = pytest.mark.database

# Numbers that nothing else in the database equals, nor a sum of two of them.
PLANTED = {"people": 613, "men": 307, "women": 211, "minors": 89, "refused": 163, "asleep": 101, "meals": 419}
COUNTS = Counts(
    people_count=613,
    men_count=307,
    women_count=211,
    minors_count=89,
    refused=163,
    encounters=997,
    refusal_reasons={"asleep": 101},
    distributions={"meal": 419},
)
RECORDS = 3
EARLIER = Counts(people_count=40, men_count=20, women_count=10, minors_count=6, refused=5, encounters=30)

Dump = dict[tuple[str, str], list[float]]


@dataclass(frozen=True)
class Clear:
    """What stands in clear: the numbers of each column; how many rows each table has, how long its blobs are, its sequences."""

    numbers: Dump
    shape: dict[str, Any]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, f"{path}[]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value


def dump() -> Clear:
    """Both databases, as their owner sees them."""
    numbers: Dump = defaultdict(list)
    shape: dict[str, Any] = {}
    for database in ("default", "keystore"):
        with databases.raw("owner", database) as owner:
            tables = owner.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                " AND relname <> 'spatial_ref_sys'"
            ).fetchall()
            for (table,) in tables:
                rows = owner.execute(f'SELECT to_jsonb(t) FROM "{table}" t').fetchall()
                for (row,) in rows:
                    for path, number in _leaves(row, ""):
                        numbers[table, path].append(number)
                texts = {
                    (key, len(value))
                    for (row,) in rows
                    for key, value in row.items()
                    if isinstance(value, str) and value.startswith("\\x")
                }
                shape[f"{database}.{table}"] = (len(rows), sorted(texts))
            for name, value in owner.execute("SELECT sequencename, last_value FROM pg_sequences"):
                shape[f"{database}.{name}"] = value
    return Clear(numbers, shape)


def found(before: Clear, after: Clear) -> set[str]:
    """Which of the planted numbers is a new value of some column, or the difference of two of its values."""
    differences = {
        new - old
        for column, values in after.numbers.items()
        for new in Counter(values) - Counter(before.numbers.get(column, ()))  # what the close wrote
        for old in (0, *before.numbers.get(column, ()))
    }
    return {name for name, number in PLANTED.items() if number in differences}


def _close(lanterne: Tenant, counts: Counts) -> tuple[Clear, Clear]:
    with tenant_transaction(lanterne.scope("south")):
        earlier = factories.open_round(lanterne, "south")
        drafts = [factories.sealed(earlier, factories.yes(2)) for _one in range(4)]
        closing.close_round(earlier.id, phone=uuid4(), counts=EARLIER, now=NOW, drafts=drafts)
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes(1)) for _one in range(RECORDS)]
    before = dump()
    with tenant_transaction(lanterne.scope("north")):
        closing.close_round(round_.id, phone=uuid4(), counts=counts, now=NOW, drafts=drafts)
    return before, dump()


def test_two_dumps_around_a_close_tell_nothing_that_the_phone_sent(lanterne: Tenant) -> None:
    before, after = _close(lanterne, COUNTS)
    assert found(before, after) == set()
    kept = [
        after.shape[f"default.{table}"][0] - before.shape[f"default.{table}"][0]
        for table in ("outreach_record",)
    ]
    assert kept == [RECORDS]  # this stays: see the threat model, "in clear in the database"


def test_what_the_old_tables_held_is_found(lanterne: Tenant) -> None:
    """The control: the same close, beside lines in clear as they were before; the search must find every number."""
    totals = "UPDATE outreach_tallymonth SET totals = totals || %s::jsonb"
    with databases.raw("owner") as owner:
        owner.execute(
            "INSERT INTO outreach_tallymonth (association_id, month, totals, frozen)"
            ' VALUES (%s, %s, \'{"people": 40, "men": 20, "women": 10, "minors": 6, "asleep": 1, "meals": 2}\', false)',
            [lanterne.association.id, NIGHT.replace(day=1)],
        )
        owner.execute(
            "INSERT INTO outreach_consentcounter"
            " (association_id, quarter, purpose, asked, given, refused, withdrawn, always_yes, frozen)"
            " VALUES (%s, '2026-10-01', 'zone', 0, 4, 5, 0, false, false)",
            [lanterne.association.id],
        )
        before = dump()
        owner.execute(
            totals,
            ['{"people": 653, "men": 327, "women": 221, "minors": 95, "asleep": 102, "meals": 421}'],
        )
        owner.execute("UPDATE outreach_consentcounter SET refused = refused + 163")
    assert found(before, dump()) == set(PLANTED)


def test_the_shape_of_what_changes_is_the_same_whatever_was_counted(
    lanterne: Tenant, passerelle: Tenant
) -> None:
    """Rows, lengths of blobs and sequences move by the number of records and of phones, not by what a phone counted."""

    def change(tenant: Tenant, team: str, counts: Counts) -> dict[str, Any]:
        with tenant_transaction(tenant.scope(team)):
            round_ = factories.open_round(tenant, team)
            drafts = [factories.sealed(round_, factories.yes(1)) for _one in range(RECORDS)]
        before = dump().shape
        with tenant_transaction(tenant.scope(team)):
            closing.close_round(round_.id, phone=uuid4(), counts=counts, now=NOW, drafts=drafts)
        after = dump().shape
        return {
            name: (value[0] - before[name][0], value[1])
            if isinstance(value, tuple)
            else (value or 0) - (before[name] or 0)
            for name, value in after.items()
            if value != before[name]
        }

    change(lanterne, "south", EARLIER)  # the first close of all makes tables' first rows
    change(passerelle, "quay", EARLIER)
    one = change(lanterne, "north", COUNTS)
    with databases.raw("owner") as owner:
        owner.execute(
            "UPDATE outreach_round SET night = night - 1 WHERE association_id = %s",
            [passerelle.association.id],
        )
    other = change(passerelle, "quay", Counts(refused=1))
    assert one == other
