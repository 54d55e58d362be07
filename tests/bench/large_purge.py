"""The purge of 100,000 records with their secrets, notes, events and tombstones against a raw DELETE of the same rows.

Ours is the service that the timer runs: high-water mark, keys and a new epoch, every eraser in batches, book and log. The raw
side deletes the same rows of the same two databases, one statement a table, one transaction a database. Half as many records
again stay alive. Each turn works on a copy of the same databases. `--records N` makes another size.
"""

import argparse
import os
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

from tests.bench import bulk
from tests.bench.stage import compare, stage

TURNS = 3
KINDS = ("record", "note")
DATA = ("outreach_sealedpart", "outreach_record", "outreach_consentevent", "outreach_tombstone")
TENANT = {"id": "uuid", "association_id": "uuid", "team_id": "uuid", "expires_on": "date"}


def fill(due: int, alive: int, today: date) -> None:
    """Records of four days that are over and of four that are not, each with all its rows, in the book too."""
    from privacy.core.retention import RetentionClass
    from privacy.db.scope import tenant_transaction
    from privacy.keystore import services as keystore
    from privacy.keystore.models import BucketKey
    from privacy.retention import ledger
    from tests import databases, factories

    with databases.as_owner():
        lanterne = factories.make_lanterne()
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
    association, team = lanterne.association.id, lanterne.teams["north"].id
    records = [(uuid4(), today - timedelta(days=n % 4)) for n in range(due)]
    records += [(uuid4(), today + timedelta(days=30 + n % 4)) for n in range(alive)]
    ids = [one for one, _ in records]
    records = sorted(records)
    days = sorted({day for _, day in records})
    sealed = (RetentionClass.RECORD, RetentionClass.NOTE)
    keystore.issue_secrets(association, [(uuid4(), cls, day) for cls in sealed for day in days])
    keys = {(row.retention_class, row.expires_on): row.id for row in BucketKey.objects.all()}

    def parts() -> Iterator[bulk.Row]:
        for one, day in records:
            yield uuid4(), association, team, day, one, "note", day, os.urandom(1097)

    def secrets() -> Iterator[bulk.Row]:
        for one, day in records:
            for kind in KINDS:
                yield uuid4(), one, kind, keys[kind, day], os.urandom(105)

    many = len(records)
    with bulk.unchecked(DATA):
        columns = TENANT | {
            "round_id": "uuid",
            "policy_version": "varchar",
            "born_to": "date",
            "blob": "bytea",
        }
        rows = (
            (one, association, team, day, round_.id, "x" * 16, day, os.urandom(1097)) for one, day in records
        )
        bulk.copy("outreach_record", columns, rows, many)
        columns = TENANT | {
            "record_id": "uuid",
            "retention_class": "varchar",
            "born_to": "date",
            "blob": "bytea",
        }
        bulk.copy("outreach_sealedpart", columns, parts(), many)
        columns = TENANT | {
            "subject": "uuid",
            "purpose": "varchar",
            "decision": "varchar",
            "sequence": "int2",
            "notice_version": "varchar",
            "actor": "uuid",
            "night": "date",
        }
        given = ("zone", "given", 1, "2026-11", round_.pseudonym, round_.night)
        events = ((uuid4(), association, team, day, one, *given) for one, day in records)
        bulk.copy("outreach_consentevent", columns, events, many)
        stones = ((uuid4(), association, team, day, os.urandom(32)) for _, day in records)
        bulk.copy("outreach_tombstone", TENANT | {"digest": "bytea"}, stones, many)
    columns = {
        "id": "uuid",
        "subject_id": "uuid",
        "retention_class": "varchar",
        "bucket_id": "uuid",
        "wrapped": "bytea",
    }
    with bulk.unchecked(["keystore_recordsecret"], "keystore"):
        bulk.copy("keystore_recordsecret", columns, secrets(), 2 * many, "keystore")
    counted = {day: sum(one == day for _, one in records) for day in days}
    kinds = (*sealed, RetentionClass.CONSENT, RetentionClass.TOMBSTONE)
    with databases.as_worker():  # a request books nothing for a day that is over
        ledger.stored(association, {(cls, day): many for cls in kinds for day, many in counted.items()})
    assert len(set(ids)) == many


class Copies:
    """Copies of the stage, each with its own databases and key folder; `use` turns every connection to one of them."""

    def __init__(self, many: int) -> None:
        from django.conf import settings
        from django.db import connections

        from tests import databases

        self.first = {alias: connections[alias].settings_dict["NAME"] for alias in databases.ALIASES}
        self.kek = Path(settings.KEK_DIR)
        self.ready = list(range(many))
        for alias in databases.ALIASES:
            connections[alias].close()
        with databases._maintenance() as connection:
            for number in range(many):
                for name in set(self.first.values()):
                    databases.drop_one(connection, f"{name}_{number}")
                    connection.execute(
                        f'CREATE DATABASE "{name}_{number}" TEMPLATE "{name}" STRATEGY file_copy'
                    )
                shutil.copytree(self.kek, f"{self.kek}-{number}")
                bulk.say(f"  copy {number + 1} of {many}")

    def use(self) -> None:
        from django.conf import settings
        from django.db import connections

        from tests import databases

        number = self.ready.pop(0)
        for alias in databases.ALIASES:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = f"{self.first[alias]}_{number}"
            settings.DATABASES[alias]["TEST"]["NAME"] = f"{self.first[alias]}_{number}"
        settings.KEK_DIR = f"{self.kek}-{number}"

    def drop(self, many: int) -> None:
        from django.conf import settings
        from django.db import connections

        from tests import databases

        for alias in databases.ALIASES:
            connections[alias].close()
            settings.DATABASES[alias]["TEST"]["NAME"] = self.first[alias]
        with databases._maintenance() as connection:
            for number in range(many):
                for name in set(self.first.values()):
                    databases.drop_one(connection, f"{name}_{number}")
                shutil.rmtree(f"{self.kek}-{number}", ignore_errors=True)


def raw_delete(today: date) -> int:
    from tests import databases

    gone = 0
    with databases.raw("owner") as connection, connection.transaction():
        for table in DATA:
            gone += connection.execute(f"DELETE FROM {table} WHERE expires_on <= %s", [today]).rowcount
    with databases.raw("owner", "keystore") as connection, connection.transaction():
        gone += connection.execute(
            "DELETE FROM keystore_recordsecret s USING keystore_bucketkey b"
            " WHERE b.id = s.bucket_id AND b.expires_on <= %s",
            [today],
        ).rowcount
        connection.execute("DELETE FROM keystore_bucketkey WHERE expires_on <= %s", [today])
    return gone


def left(today: date) -> tuple[int, ...]:
    """Rows due, and rows alive, in every table."""
    from tests import databases

    with databases.raw("owner") as connection:
        found = [
            connection.execute(f"SELECT count(*) FROM {table} WHERE expires_on {sign} %s", [today]).fetchone()
            for table in DATA
            for sign in ("<=", ">")
        ]
    with databases.raw("owner", "keystore") as connection:
        found.append(connection.execute("SELECT count(*) FROM keystore_recordsecret").fetchone())
    return tuple(row[0] for row in found if row)


def main(due: int) -> None:
    from privacy import clock
    from privacy.retention import services
    from tests import databases

    today, alive = clock.today(), due // 2
    fill(due, alive, today)
    copies = Copies(2 * (TURNS + 1))
    ends: set[tuple[int, ...]] = set()
    try:

        def ours() -> None:
            report = services.purge(clock.now(), wet=True)
            assert report.rows["records"] == due, report.rows

        def bare() -> None:
            assert raw_delete(today) >= 8 * due

        def check() -> None:
            if copies.ready and len(copies.ready) < 2 * (TURNS + 1):
                ends.add(left(today))
            if copies.ready:
                copies.use()

        with databases.as_worker():
            compare(
                f"purge of {due:,} records, {8 * due:,} rows in two databases, against a raw DELETE of the same rows",
                ours,
                bare,
                rounds=TURNS,
                aim=3.0,
                before=check,
            )
            ends.add(left(today))
        assert ends == {(0, 2 * alive, 0, alive, 0, alive, 0, alive, 3 * alive + 12)}, ends
    finally:
        copies.drop(2 * (TURNS + 1))


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--records", type=int, default=100_000)
    os.environ.setdefault("MARAUDES_TEST_SUFFIX", "large_")
    with stage():
        main(options.parse_args().records)
