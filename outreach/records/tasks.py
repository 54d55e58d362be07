"""Secrets whose record never came: a crash between the keystore's commit and the data's leaves them; once a day they go.

Rule of the room: a batch in flight has its secrets committed and its rows not yet. Receiving holds a shared lock
for the length of its transaction and the reaper takes it alone, so what it sees without a row is an orphan.
"""

from uuid import UUID

from celery import shared_task
from django.db import connection, transaction

from outreach.records import sealing
from outreach.records.models import Record
from outreach.records.receiving import IN_FLIGHT
from privacy.keystore import services as keystore

BATCH = 5000


@transaction.atomic
def reap() -> int:
    """Destroy the secrets of records that do not exist; returns how many. Run as the worker, which sees every record."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IN_FLIGHT])
    removed = 0
    for subjects in keystore.subjects(sealing.CLASSES, batch=BATCH):
        alive: set[UUID] = set(Record.objects.filter(id__in=subjects).values_list("id", flat=True))
        removed += keystore.drop(set(subjects) - alive, sealing.CLASSES)
    return removed


@shared_task(name="outreach.records.tasks.reap_orphans", ignore_result=True)
def reap_orphans() -> None:
    reap()
