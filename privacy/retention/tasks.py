"""The hourly purge, as a task without arguments: nothing about anyone ever travels in a queue."""

from celery import shared_task

from privacy import clock
from privacy.retention import services


@shared_task(name="privacy.retention.tasks.purge", ignore_result=True)
def purge() -> None:
    services.purge(clock.now(), wet=True)
