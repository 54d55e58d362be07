"""One eraser for each kind of data that outreach keeps; registered once, run by the purge as the worker role.

Order matters: what refers to something is erased before it.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Model

from outreach import models
from outreach.members import erasers as members
from privacy.compat import delete_in_one_statement
from privacy.core.retention import RetentionClass
from privacy.erasers import Eraser
from privacy.erasers import register as add


def by_day(
    model: type[Model], *, carrying: bool = False, **narrow: Any
) -> tuple[Callable[[date], int], Callable[[date, int], int]]:
    """Counting and erasing rows of `model` whose `expires_on` has come; those `carrying` rows of other tables take them along."""

    def due(today: date) -> int:
        return model._default_manager.filter(expires_on__lte=today, **narrow).count()

    def erase(today: date, batch: int) -> int:
        rows = model._default_manager.filter(expires_on__lte=today, **narrow)
        if not carrying:
            # One statement: nothing refers to these rows, or the database itself deletes what does. Read into Django, row by row
            # with their blobs, a purge took seven times as long as a bare DELETE.
            return delete_in_one_statement(rows.filter(pk__in=rows.values("pk")[:batch]))
        chosen = list(rows.values_list("pk", flat=True)[:batch])
        model._default_manager.filter(pk__in=chosen).delete()
        return len(chosen)

    return due, erase


def _eraser(
    name: str, model: type[Model], *classes: RetentionClass, carrying: bool = False, **narrow: Any
) -> Eraser:
    due, erase = by_day(model, carrying=carrying, **narrow)
    return Eraser(name, frozenset(classes), frozenset({model._meta.db_table}), due, erase)


def register() -> None:
    kinds = RetentionClass
    for eraser in (
        _eraser("notes", models.SealedPart, kinds.NOTE, retention_class=kinds.NOTE.value),
        _eraser("records", models.Record, kinds.RECORD),
        _eraser("consent events", models.ConsentEvent, kinds.CONSENT),
        _eraser("tallies", models.Tally, kinds.TALLY),
        _eraser("running months", models.RunningMonth, kinds.RUNNING_MONTH),
        _eraser("running quarters", models.RunningQuarter, kinds.RUNNING_QUARTER),
        _eraser("handover notes", models.Handover, kinds.HANDOVER),
        _eraser("drafts", models.Draft, kinds.DRAFT),
        _eraser("quarantine", models.Quarantine, kinds.QUARANTINE),
        _eraser("tombstones", models.Tombstone, kinds.TOMBSTONE),
        _eraser("imports", models.ImportJob, kinds.IMPORT, carrying=True),
        _eraser("imported lines", models.ImportedRow, kinds.IMPORT),
        _eraser("itineraries", models.Round, kinds.ITINERARY, carrying=True),
    ):
        add(eraser)
    members.register()
