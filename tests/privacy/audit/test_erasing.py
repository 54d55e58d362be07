"""Twelve months later: bodies and salts are gone, the tree still stands, and the old checkpoints still hold."""

from datetime import timedelta

import pytest

from privacy import erasers
from privacy.audit import entry_keys, erasing, keys, log_reader
from privacy.audit import services as audit
from privacy.audit.models import LogEntry, PendingEvent
from privacy.audit.verifying import Kind, Report
from privacy.core.retention import RetentionClass
from privacy.keystore.models import BucketKey
from privacy.retention import services
from tests import databases
from tests.privacy.audit.scenes import LANTERNE, NOON, happen, sealed

pytestmark = pytest.mark.database

LATER = NOON + timedelta(days=366)


def verify_later(*kept: str) -> Report:
    return log_reader.verify("default", kept, [keys.signing_key().verifier], LATER.date())


def test_the_eraser_is_registered_for_its_class() -> None:
    assert erasing.BODIES in erasers.erasers()
    assert erasing.BODIES.classes == {RetentionClass.AUDIT_BODY}


def test_the_purge_empties_bodies_and_destroys_salts_and_the_proof_goes_on() -> None:
    notes = sealed(7, 8)
    with databases.as_worker():
        expiry = LogEntry.objects.values_list("expires_on", flat=True).first()
        assert expiry is not None and expiry <= LATER.date()
        assert len(entry_keys.living_keys([expiry])) == 1
        assert LogEntry.objects.filter(body__isnull=False).count() == 15
        services.purge(LATER, wet=True)
        assert LogEntry.objects.filter(body__isnull=False).count() == 0
        assert LogEntry.objects.exclude(association_id=None).count() == 0
        assert LogEntry.objects.count() == 15
        assert entry_keys.living_keys([expiry]) == {}
        assert not BucketKey.objects.filter(expires_on__lte=LATER.date()).exists()
        report = verify_later(*notes)
    assert report.clean, report.findings
    assert (report.entries, report.forgotten, report.proven, report.kept) == (15, 15, 0, 2)


def test_nothing_is_due_a_day_before_its_week() -> None:
    sealed(3)
    with databases.as_worker():
        expiry = LogEntry.objects.values_list("expires_on", flat=True).first()
        assert expiry is not None
        assert erasing.count_due(expiry - timedelta(days=1)) == 0
        assert erasing.count_due(expiry) == 3


def test_batches() -> None:
    sealed(5)
    with databases.raw("owner") as owner:
        owner.execute("INSERT INTO retention_highwater (id, day) VALUES (1, %s)", [LATER.date()])
    with databases.as_worker():
        assert [erasing.erase(LATER.date(), 2) for _ in range(4)] == [2, 2, 1, 0]


def test_a_late_purge_is_said_and_is_no_crime() -> None:
    """The keys died first, the bodies are still there: nothing can be proved about them, and nothing needs to
    be.
    """
    [note] = sealed(4)
    with databases.as_worker():
        expiry = LogEntry.objects.values_list("expires_on", flat=True)[0]
        BucketKey.objects.filter(expires_on=expiry).delete()
        report = verify_later(note)
    assert report.clean
    assert (report.overdue, report.proven) == (4, 0)


def test_a_salt_that_died_too_early_is_found() -> None:
    [note] = sealed(4)
    with databases.as_worker():
        BucketKey.objects.all().delete()
        report = log_reader.verify("default", [note], [keys.signing_key().verifier], NOON.date())
        assert entry_keys.living_keys([NOON.date()]) == {}
    assert {finding.kind for finding in report.findings} == {Kind.UNPROVABLE}
    assert not BucketKey.objects.exists()  # looking made no new key


def test_sealing_goes_on_over_forgotten_bodies() -> None:
    from privacy.audit import sealing

    notes = sealed(4)
    with databases.as_worker():
        services.purge(LATER, wet=True)
        happen(2, LATER, LANTERNE)
        checkpoint = sealing.publish_checkpoint(LATER + timedelta(days=1))
        assert checkpoint is not None
        report = log_reader.verify(
            "default", notes, [keys.signing_key().verifier], LATER.date() + timedelta(days=1)
        )
    assert report.clean, report.findings
    assert report.proven == report.entries - 4 > 0


def test_what_was_never_sealed_does_not_outlive_the_year_either() -> None:
    happen(3, NOON)
    audit.count_denied("page", now=NOON)
    with databases.as_worker():
        year = NOON.date() + timedelta(days=365)
        assert [erasing.STUCK.count_due(day) for day in (year - timedelta(days=1), year)] == [0, 4]
        assert [erasing.STUCK.erase(year, 2) for _ in range(3)] == [2, 2, 0]
        assert PendingEvent.objects.count() == 0
