"""Secrets whose data never came: a crash between the keystore's commit and the data's leaves them; once a day they go.

Rule of the room: which of them live, each room says for itself (`privacy.keystore.reaping`): here for records, tallies and
transmissions. The task carries no argument.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

from celery import shared_task
from django.db.models import Model

from outreach.records import sealing
from outreach.records.models import Record
from outreach.rounds.models import Handover, Tally
from privacy.core.retention import RetentionClass
from privacy.keystore import reaping
from privacy.keystore.reaping import reap


def _rows_of(model: type[Model]) -> Callable[[set[UUID]], Iterable[UUID]]:
    """Of some ids, those of rows that exist."""
    return lambda ids: model._default_manager.filter(pk__in=ids).values_list("pk", flat=True)


def register() -> None:
    reaping.register(sealing.CLASSES, _rows_of(Record))
    reaping.register([RetentionClass.TALLY], _rows_of(Tally))
    reaping.register([RetentionClass.HANDOVER], _rows_of(Handover))


@shared_task(name="outreach.records.tasks.reap_orphans", ignore_result=True)
def reap_orphans() -> None:
    reap()
