"""Secrets whose data never came, or has gone: a crash between the keystore's commit and the data's leaves them.

Once a day they go, those of drafts each hour.

Rule of the room: which of them live, each room says for itself (`privacy.keystore.reaping`): here for records, tallies,
transmissions and drafts. The tasks carry no argument.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

from celery import shared_task
from django.db.models import Model

from outreach.records import quarantine, sealing
from outreach.records.models import Record
from outreach.rounds.models import Handover, Round, Tally
from privacy.core.retention import RetentionClass
from privacy.keystore import reaping
from privacy.keystore.reaping import reap


def _rows_of(model: type[Model]) -> Callable[[set[UUID]], Iterable[UUID]]:
    """Of some ids, those of rows that exist."""
    return lambda ids: model._default_manager.filter(pk__in=ids).values_list("pk", flat=True)


def _open_rounds(ids: set[UUID]) -> Iterable[UUID]:
    """Of some ids, those of rounds that hold drafts: what seals the drafts of a round dies when it closes."""
    return Round.objects.filter(pk__in=ids, status=Round.Status.OPEN).values_list("pk", flat=True)


def register() -> None:
    reaping.register(sealing.CLASSES, _rows_of(Record))
    reaping.register([RetentionClass.TALLY], _rows_of(Tally))
    reaping.register([RetentionClass.HANDOVER], _rows_of(Handover))
    reaping.register([RetentionClass.QUARANTINE], quarantine.living)
    reaping.register([RetentionClass.DRAFT], _open_rounds)


@shared_task(name="outreach.records.tasks.reap_orphans", ignore_result=True)
def reap_orphans() -> None:
    reap()


@shared_task(name="outreach.records.tasks.reap_drafts", ignore_result=True)
def reap_drafts() -> None:
    """What sealed the drafts of a closed round, or one set aside and taken, where a crash came between data and keys."""
    reap([RetentionClass.DRAFT, RetentionClass.QUARANTINE])
