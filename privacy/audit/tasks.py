"""The daily seal, as a task without arguments: nothing about anyone ever travels in a queue."""

from celery import shared_task

from privacy import clock
from privacy.audit import sealing


@shared_task(name="privacy.audit.tasks.seal_day", ignore_result=True)
def seal_day() -> None:
    sealing.seal_day(clock.now())
