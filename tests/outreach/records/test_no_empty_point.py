"""A house that runs loses the blobs of exact points, their keys and their lines of the book, and nothing else."""

from uuid import uuid4

import pytest
from django.core.management import call_command

from outreach.associations.models import Association
from outreach.closing import services as closing
from outreach.records import selectors
from outreach.records.models import Record
from outreach.records.tally import Counts
from privacy.core.policy import Policy
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import NIGHT, NOW, Tenant

pytestmark = pytest.mark.database
BEFORE = (
    ("default", "outreach", "0033_not_walked"),
    ("default", "retention", "0011_app_now"),
    ("keystore", "keystore", "0003_owed"),
)
COUNTED = (
    ("default", "SELECT count(*) FROM outreach_sealedpart"),
    ("default", "SELECT count(*) FROM retention_ledgerentry"),
    ("keystore", "SELECT count(*) FROM keystore_recordsecret"),
    ("keystore", "SELECT count(*) FROM keystore_bucketkey"),
)


def migrate(*where: tuple[str, ...]) -> None:
    with databases.as_owner():
        for database, app, *to in where:
            call_command("migrate", app, *to, database=database, verbosity=0)
    databases.set_clock()


def counts() -> list[int]:
    found = []
    for database, question in COUNTED:
        with databases.raw("owner", database) as owner:
            row = owner.execute(question).fetchone()
            found.append(0 if row is None else row[0])
    return found


def add_points(lanterne: Tenant) -> None:
    """What a version before kept beside each record, and an association's choice of its term."""
    bucket = uuid4()
    with databases.raw("owner") as owner, databases.raw("owner", "keystore") as keys:
        owner.execute(
            "INSERT INTO outreach_sealedpart (id, association_id, team_id, record_id, retention_class, born_to, expires_on, blob)"
            " SELECT gen_random_uuid(), association_id, team_id, id, 'point', expires_on, expires_on, substr(blob, 1, 329)"
            " FROM outreach_record"
        )
        owner.execute(
            "INSERT INTO retention_ledgerentry (id, association_id, retention_class, expires_on, stored, withdrawn, erased)"
            " VALUES (gen_random_uuid(), %s, 'point', %s, 2, 0, 0)",
            [lanterne.association.id, NIGHT],
        )
        owner.execute(
            """UPDATE outreach_association SET policy_choice = '{"point_days": 7, "point_idle_days": 3, "note_days": 20}'"""
        )
        keys.execute(
            "INSERT INTO keystore_bucketkey (id, association_id, retention_class, expires_on, version, epoch, wrapped)"
            " VALUES (%s, %s, 'point', %s, 1, 1, 'x')",
            [bucket, lanterne.association.id, NIGHT],
        )
        keys.execute(
            "INSERT INTO keystore_recordsecret (id, subject_id, retention_class, bucket_id, wrapped)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), 'point', %s, 'x')",
            [bucket],
        )


def opened(lanterne: Tenant) -> list[tuple[int, str]]:
    with tenant_transaction(lanterne.scope("north")):
        rows = selectors.open_rows(list(Record.objects.select_related("round")), notes=True)
        return sorted((one.encounter.people, one.note) for one in rows)


def test_what_a_version_before_sealed_opens_and_its_empty_points_are_gone(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [
            factories.sealed(round_, one)
            for one in (factories.yes(1, note="passer après 22 h"), factories.yes(3, None))
        ]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
    said, kept = opened(lanterne), counts()
    assert said == [(1, "passer après 22 h"), (3, "")]
    try:
        migrate(*BEFORE)
        assert opened(lanterne) == said, "and back again"
        add_points(lanterne)
        assert counts() == [parts + more for parts, more in zip(kept, (2, 1, 1, 1), strict=True)]
    finally:
        migrate(*(where[:2] for where in BEFORE))
    assert counts() == kept
    assert opened(lanterne) == said
    with databases.as_owner():
        assert Association.objects.get(id=lanterne.association.id).policy == Policy(note_days=20)


def test_a_record_has_one_blob_and_its_note_and_a_key_for_each(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        drafts = [factories.sealed(round_, factories.yes(1))]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
        [record] = Record.objects.values_list("id", flat=True)
    with databases.raw("owner") as owner, databases.raw("owner", "keystore") as keys:
        parts = owner.execute("SELECT retention_class FROM outreach_sealedpart").fetchall()
        secrets = keys.execute(
            "SELECT retention_class FROM keystore_recordsecret WHERE subject_id = %s ORDER BY 1", [record]
        ).fetchall()
        booked = owner.execute(
            "SELECT DISTINCT retention_class FROM retention_ledgerentry ORDER BY 1"
        ).fetchall()
    assert parts == [("note",)]
    assert secrets == [("note",), ("record",)]
    assert ("note",) in booked and ("point",) not in booked
