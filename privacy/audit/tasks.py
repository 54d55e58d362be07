"""The daily seal and the hourly word of the last promise, as tasks without arguments: nothing about anyone travels in a queue."""

from celery import shared_task

from privacy import clock
from privacy.audit import promise, sealing


@shared_task(name="privacy.audit.tasks.seal_day", ignore_result=True)
def seal_day() -> None:
    now = clock.now()
    promise.tell(now)
    sealing.seal_day(now)


@shared_task(name="privacy.audit.tasks.tell_promise", ignore_result=True)
def tell_promise() -> None:
    promise.tell(clock.now())
