"""Which secrets of records, tallies, handover notes and drafts still have their row.

A crash between the keystore's commit and the data's leaves secrets whose data never came, or has gone; `privacy.keystore.orphans`
destroys them, and each package says for itself which of them live.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db.models import Model

from outreach.records import quarantine, sealing
from outreach.records.models import Handover, Record, Tally
from outreach.rounds.models import Round
from privacy.core.retention import RetentionClass
from privacy.keystore import orphans


def _rows_of(model: type[Model]) -> Callable[[set[UUID]], Iterable[UUID]]:
    """Of some ids, those of rows that exist."""
    return lambda ids: model._default_manager.filter(pk__in=ids).values_list("pk", flat=True)


def _open_rounds(ids: set[UUID]) -> Iterable[UUID]:
    """Of some ids, those of rounds that hold drafts: what seals the drafts of a round dies when it closes."""
    return Round.objects.filter(pk__in=ids, status=Round.Status.OPEN).values_list("pk", flat=True)


def register() -> None:
    orphans.register(sealing.CLASSES, _rows_of(Record))
    orphans.register([RetentionClass.TALLY], _rows_of(Tally))
    orphans.register([RetentionClass.HANDOVER], _rows_of(Handover))
    orphans.register([RetentionClass.QUARANTINE], quarantine.living)
    orphans.register([RetentionClass.DRAFT], _open_rounds)
