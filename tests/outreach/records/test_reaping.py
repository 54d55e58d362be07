"""Orphan secrets: those whose record never came go; those of a record stay; a batch in flight is waited for."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from outreach.records import reading, receiving
from outreach.records.models import Record
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from outreach.rounds.tally import Counts
from outreach.rounds.tasks import close_forgotten
from privacy.core.retention import RetentionClass
from privacy.db.scope import working
from privacy.keystore import reaping
from privacy.keystore import services as keystore
from privacy.keystore.models import RecordSecret
from privacy.keystore.reaping import reap
from tests import cast, databases
from tests.cast import NIGHT, NOW, House

pytestmark = pytest.mark.database


def test_orphans_go_and_secrets_of_records_stay(home: House) -> None:
    with working(home.scope("north")):
        round_ = cast.open_round(home)
        drafts = [cast.sealed(round_, cast.yes(2))]
        rounds.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
    orphan = uuid4()
    keystore.issue_secrets(
        home.association.id, [(orphan, RetentionClass.RECORD, NIGHT.replace(year=NIGHT.year + 1))]
    )
    assert RecordSecret.objects.filter(subject_id=orphan).exists()
    with databases.as_worker():
        assert reap() == 1
        assert not RecordSecret.objects.filter(subject_id=orphan).exists()
        assert len(reading.open_rows(list(Record.objects.select_related("round")))) == 1
        assert reap() == 0


def test_the_reaper_waits_for_a_batch_in_flight(home: House) -> None:
    orphan = uuid4()
    done = threading.Event()

    def work() -> None:
        reap()
        connection.close()
        done.set()

    with databases.as_worker(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [reaping.IN_FLIGHT])
        keystore.issue_secrets(
            home.association.id, [(orphan, RetentionClass.RECORD, NIGHT.replace(year=NIGHT.year + 1))]
        )
        thread = threading.Thread(target=work)
        thread.start()
        assert not done.wait(1)
        assert RecordSecret.objects.filter(subject_id=orphan).exists()
    thread.join()
    assert not RecordSecret.objects.filter(subject_id=orphan).exists()


def test_a_round_left_open_closes_once_its_night_is_over(home: House) -> None:
    long_ago = NIGHT - timedelta(days=2)
    with working(home.scope("north")):
        round_ = cast.open_round(home, night=long_ago)
        receiving.hold(round_, cast.sealed(round_, cast.yes(2)), uuid4())
        tonight = cast.open_round(home, night=NIGHT + timedelta(days=1))
    with databases.as_worker():
        assert close_forgotten() == 1
        assert Record.objects.count() == 1
        assert Round.objects.get(status=Round.Status.OPEN).id == tonight.id


def test_who_does_not_see_every_row_may_not_reap(home: House) -> None:
    """As the web, row security hides all data outside a scope: every living key would look like an orphan's."""
    with pytest.raises(PermissionError):
        reap()
