"""The heartbeat: beat asks, a worker answers, and the answer is one timestamp in Redis."""

from celery import shared_task

from config.heartbeat import Pulse, mark


@shared_task(name="config.tasks.heartbeat", ignore_result=True)
def heartbeat() -> None:
    """Write that a worker took a task which beat sent."""
    mark(Pulse.WORKER)
