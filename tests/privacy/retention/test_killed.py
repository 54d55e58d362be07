"""A purge that ends in the middle leaves nothing untold: the next one finishes it and says in the log what went before."""

import pytest

from privacy.audit.models import PendingEvent
from privacy.keystore import epochs
from privacy.keystore import services as keystore
from privacy.keystore.models import BucketKey
from privacy.retention import services
from privacy.retention.models import PurgeRun
from tests import databases
from tests.factories import NOW, Tenant
from tests.privacy.retention.test_purge import AFTER, a_round

pytestmark = pytest.mark.database


class Killed(BaseException):
    """The process dies here: no handler of the service may catch it."""


@pytest.mark.parametrize("place", ["_erase", "_close"])
def test_what_a_killed_purge_destroyed_is_logged_by_the_next(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def die(*args: object, **more: object) -> int:
        raise Killed

    a_round(lanterne)
    with databases.as_worker():
        due = services.overdue(AFTER.date())
        monkeypatch.setattr(services, place, die)
        with pytest.raises(Killed):
            services.purge(AFTER, wet=True)
        left = services.overdue(AFTER.date())
        assert left < due
        assert not PendingEvent.objects.filter(event="purge_run").exists()
        assert not PurgeRun.objects.get().complete
        monkeypatch.undo()
        report = services.purge(AFTER, wet=True)
        said = dict(PendingEvent.objects.filter(event="purge_run").values_list("outcome", "count"))
        assert said["interrupted"] == due - left
        assert said.get("done", 0) == report.total
        assert PurgeRun.objects.get().complete
        services.purge(AFTER, wet=True)
        assert PendingEvent.objects.filter(event="purge_run", outcome="interrupted").count() == 1


def test_what_cannot_be_written_down_is_destroyed_all_the_same(
    lanterne: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("planted")

    a_round(lanterne)
    with databases.as_worker():
        assert services.overdue(AFTER.date()) > 0
        monkeypatch.setattr(services, "_begin", fail)
        with pytest.raises(RuntimeError, match="planted"):
            services.purge(AFTER, wet=True)
        assert services.overdue(AFTER.date()) == 0


def test_a_damaged_key_is_told_and_what_is_due_still_goes(lanterne: Tenant) -> None:
    a_round(lanterne)
    with databases.as_worker():
        one = BucketKey.objects.filter(retention_class="accumulator").get()
        BucketKey.objects.filter(id=one.id).update(wrapped=bytes(len(bytes(one.wrapped))))
        epochs.owe()  # an hour later, or owed by a withdrawal: a young epoch is left alone
        services.purge(NOW, wet=True)
        assert services.overdue(AFTER.date()) > 0
        told = PendingEvent.objects.get(event="keys_lost")
        assert (told.count, told.outcome) == (1, "failed")
        services.purge(AFTER, wet=True)
        assert keystore.count_expired(AFTER.date()) == services.overdue(AFTER.date()) == 0
