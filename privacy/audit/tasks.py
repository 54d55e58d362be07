"""The daily seal and the hourly word of the last promise, as tasks without arguments: nothing about anyone travels in a queue."""

from celery import shared_task

from privacy import clock
from privacy.audit import last_checkpoint, sealing


@shared_task(name="privacy.audit.tasks.publish_checkpoint", ignore_result=True)
def publish_checkpoint() -> None:
    now = clock.now()
    last_checkpoint.publish(now)
    sealing.publish_checkpoint(now)


@shared_task(name="privacy.audit.tasks.publish_last_checkpoint", ignore_result=True)
def publish_last_checkpoint() -> None:
    last_checkpoint.publish(clock.now())
