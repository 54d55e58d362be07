"""What PostgreSQL remembers of rows that are gone: nothing. Planted, analysed, purged 400 days later, then the disk is searched.

The control is the same run with PostgreSQL's own defaults: there the session's key, the address and the counts are found.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import connections

from outreach.closing import freezing
from outreach.closing import services as closing
from outreach.members.models import Account
from outreach.records.models import TallyMonth
from outreach.records.tally import Counts
from privacy.audit import sealing
from privacy.audit.models import LogEntry
from privacy.db import statistics
from privacy.db.scope import tenant_transaction
from privacy.retention import services
from tests import databases, factories, leak_places
from tests.factories import NIGHT, NOW, Tenant
from tests.privacy.audit.scenes import happen

pytestmark = [pytest.mark.database, pytest.mark.alone, pytest.mark.usefixtures("new_files")]

MUCH_LATER = NOW + timedelta(days=400)
SESSION = "sitzung0815planted0815session000"
ADDRESS = "partie.planted@lanterne.invalid"


def ours(connection: object) -> list[str]:
    """Every table about people, rounds, sessions or keys, by name."""
    rows = connection.execute(  # type: ignore[attr-defined]
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL (%s) ORDER BY 1",
        [sorted(statistics.HARMLESS)],
    ).fetchall()
    return [name for (name,) in rows]


def remembered() -> dict[str, str]:
    """What `pg_statistic` holds of tables that are not harmless, in both databases: "table" -> all values as text."""
    found: dict[str, str] = {}
    for store in leak_places.STORES:
        listed = ",".join(f"'{name}'" for name in sorted(statistics.HARMLESS))
        drawn = ",".join(f"'{name}'" for name in sorted(statistics.DRAWN))
        lines = leak_places.superuser(
            "SELECT coalesce(t.relname, c.relname) || '|' || s::text FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = s.staattnum"
            " LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid"
            " WHERE c.relnamespace = 'public'::regnamespace"
            f" AND coalesce(t.relname, c.relname) NOT IN ({listed}) AND c.relname || '.' || a.attname NOT IN ({drawn})",
            database=leak_places.name_of(store),
        )
        for line in lines:
            table, _, values = line.partition("|")
            found[table] = found.get(table, "") + values
    return found


def analyse() -> None:
    for alias in leak_places.STORES.values():
        with databases.raw("owner", alias) as connection:
            connection.execute("ANALYZE " + ", ".join(ours(connection)))


def on_the_disk(*needles: bytes) -> set[tuple[bytes, str]]:
    """Which needle stands in which file of a table or index, dead rows and gaps of pages included."""
    leak_places.superuser("CHECKPOINT")
    folder = Path(leak_places.superuser("SHOW data_directory")[0])
    return {
        (needle, place)
        for place, content in leak_places._heap(folder, "data")
        for needle in needles
        if needle in content
    }


def plant(lanterne: Tenant) -> tuple[UUID, str]:
    """A night, a session, somebody who left, a sealed day of the log; returns the round's id and a body of the log."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes(2)) for _ in range(3)]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(people_count=7), now=NOW, drafts=drafts)
    with databases.as_owner():
        for key in (SESSION, "a" * 32, "z" * 32):
            Session.objects.create(session_key=key, session_data="x", expire_date=NOW + timedelta(hours=12))
        gone = lanterne.people["paul"].account
        Account.objects.filter(pk=gone.pk).update(email=ADDRESS)
        EmailAddress.objects.filter(user_id=gone.pk).update(email=ADDRESS)
        lanterne.people["paul"].membership.__class__.objects.filter(account_id=gone.pk).update(ended_on=NIGHT)
    happen(5, NOW)
    with databases.as_worker():
        sealing.publish_checkpoint(NOW + timedelta(days=2))
        bodies = [entry.body for entry in LogEntry.objects.all() if entry.body]
    assert bodies
    return round_.id, max(bodies, key=len)


@pytest.fixture
def with_defaults() -> Iterator[None]:
    """PostgreSQL as it comes: statistics of every column."""
    for alias in leak_places.STORES.values():
        with databases.raw("owner", alias) as connection:
            for table in ours(connection):
                columns = connection.execute(
                    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                    [table],
                ).fetchall()
                changes = ", ".join(f'ALTER COLUMN "{name}" SET STATISTICS -1' for (name,) in columns)
                connection.execute(f"ALTER TABLE {table} {changes}")
    yield
    for store, alias in leak_places.STORES.items():
        with databases.as_owner():
            statistics.forbid(connections[alias])
        leak_places.superuser(
            "DELETE FROM pg_statistic WHERE starelid IN"
            " (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)",
            "VACUUM FULL pg_statistic",
            database=leak_places.name_of(store),
        )
    assert remembered() == {}


def test_with_defaults_statistics_outlive_what_they_came_from(with_defaults: None, lanterne: Tenant) -> None:
    """The control: what this file looks for is there to be found when nobody forbids it."""
    _round, body = plant(lanterne)
    analyse()
    with databases.as_worker():
        services.purge(MUCH_LATER, wet=True)
    # Until somebody analyses again, and of a table that is empty now, for ever.
    found = remembered()
    assert SESSION in found["django_session"] and ADDRESS in found["outreach_account"]
    assert json.loads(body)["event"] in found["audit_logentry"]
    assert {
        "outreach_round",
        "outreach_record",
        "retention_ledgerentry",
        "keystore_recordsecret",
    } <= found.keys()


def test_nothing_is_remembered_and_nothing_stays_in_a_file(lanterne: Tenant) -> None:
    round_id, body = plant(lanterne)
    needles = (SESSION.encode(), ADDRESS.encode(), body.encode(), round_id.bytes)
    analyse()
    before = on_the_disk(*needles)
    assert {needle for needle, _place in before} == set(needles), "presence first"
    with databases.as_worker():
        services.purge(MUCH_LATER, wet=True)
    analyse()
    assert remembered() == {}
    assert on_the_disk(*needles) == set()


def test_a_day_begins_with_every_table_written_anew(lanterne: Tenant) -> None:
    """A session that ended between two purges is deleted by nobody's eraser; the first purge of a day rewrites its table."""
    with databases.as_owner():
        for number in range(40):
            key = f"{SESSION[:-2]}{number:02}"
            Session.objects.create(session_key=key, session_data="x", expire_date=NOW + timedelta(hours=12))
        Session.objects.all().delete()
    needle = SESSION[:-2].encode()
    assert any("django_session" in place for _needle, place in on_the_disk(needle))
    with databases.as_worker():
        services.purge(NOW, wet=True)
    assert on_the_disk(needle) == set()


def test_exact_totals_of_the_version_before_stay_in_no_dead_row(lanterne: Tenant) -> None:
    """The clear line is sealed, frozen and written anew, rounded: a count below the threshold is nowhere in clear any more."""
    needle, month = b"planted_below_few", NIGHT.replace(month=1, day=1)
    with databases.as_owner():
        TallyMonth.objects.create(
            association=lanterne.association, month=month, totals={needle.decode(): 3}, frozen=False
        )
    assert any("outreach_tallymonth" in place for _needle, place in on_the_disk(needle))
    with databases.as_worker():
        freezing.freeze(NOW)
    assert on_the_disk(needle) == set()


def test_no_column_is_remembered_unless_its_table_is_listed() -> None:
    """A new column, an index over an expression, an extended statistic: all of the schema, libraries' tables too."""
    for alias in leak_places.STORES.values():
        with databases.raw("owner", alias) as connection:
            assert connection.execute(statistics.REMEMBERED, statistics.asked()).fetchall() == []
            assert connection.execute("SELECT stxname FROM pg_statistic_ext").fetchall() == []
            options = dict(
                connection.execute(
                    "SELECT relname, reloptions FROM pg_class WHERE relname = ANY (%s)", [ours(connection)]
                ).fetchall()
            )
            wanted = {f"{name}={value}" for name, value in statistics.SETTINGS.items() if "." not in name}
            assert options and all(wanted <= set(found or ()) for found in options.values())
            # Presence first: a column added by hand is seen, and forbidden by the next migration.
            connection.execute("CREATE TABLE planted (id int PRIMARY KEY, who text)")
            connection.execute("CREATE INDEX planted_lower ON planted (lower(who))")
            try:
                seen = connection.execute(statistics.REMEMBERED, statistics.asked()).fetchall()
                assert {(row[1], row[2]) for row in seen} == {
                    ("planted", "id"), ("planted", "who"), ("planted_lower", "1"),
                }  # fmt: skip
                with databases.as_owner():
                    statistics.forbid(connections[alias])
                assert connection.execute(statistics.REMEMBERED, statistics.asked()).fetchall() == []
            finally:
                connection.execute("DROP TABLE planted")


def test_drawn_ids_are_looked_up_by_their_index(lanterne: Tenant) -> None:
    """Without statistics hundreds of ids mean "the whole table" to PostgreSQL; of these two columns it knows how many differ."""
    with databases.raw("owner", "keystore") as connection:
        bucket = connection.execute(
            "INSERT INTO keystore_bucketkey (id, association_id, retention_class, expires_on, version, epoch, wrapped)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), 'record', '2099-01-01', 1, 1, '') RETURNING id"
        ).fetchone()
        connection.execute(
            "INSERT INTO keystore_recordsecret (id, subject_id, retention_class, bucket_id, wrapped)"
            " SELECT gen_random_uuid(), gen_random_uuid(), 'record', %s, decode(repeat('00', 105), 'hex')"
            " FROM generate_series(1, 20000)",
            bucket,
        )
        connection.execute("ANALYZE keystore_recordsecret")
        plan = connection.execute(
            "EXPLAIN SELECT * FROM keystore_recordsecret WHERE subject_id = ANY (%s) AND retention_class = 'record'",
            [[uuid4() for _ in range(300)]],
        ).fetchall()
        values = connection.execute(
            "SELECT coalesce(array_length(most_common_vals::text::text[], 1), 0),"
            " array_length(histogram_bounds::text::text[], 1) FROM pg_stats WHERE tablename = 'keystore_recordsecret'"
        ).fetchall()
    assert any("Index" in line for (line,) in plan) and not any("Seq Scan" in line for (line,) in plan)
    assert values == [(0, 2)]


def test_every_lookup_inside_a_tenant_has_an_index_of_its_own() -> None:
    """Where an id and its association are both asked for, no statistics tell which of two indexes leads to fewer rows."""
    with databases.raw("owner") as connection:
        rows = connection.execute(
            "SELECT k.conrelid::regclass::text, k.conkey[1] = i.indkey[0] FROM pg_constraint k"
            " LEFT JOIN pg_index i ON i.indrelid = k.conrelid AND i.indnkeyatts >= array_length(k.conkey, 1)"
            " AND i.indkey[0] = k.conkey[1] AND i.indkey[1] = k.conkey[2] WHERE k.contype = 'f' AND array_length(k.conkey, 1) > 1"
            " AND k.confrelid = ANY (ARRAY['outreach_round', 'outreach_record', 'outreach_importjob']::regclass[])"
        ).fetchall()
    assert len(rows) >= 8 and all(found for _table, found in rows), rows


def test_no_extension_keeps_statements() -> None:
    with databases.raw("owner") as connection:
        names = {row[0] for row in connection.execute("SELECT extname FROM pg_extension").fetchall()}
    assert names and names <= {"plpgsql", "postgis"}
