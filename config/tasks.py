"""The heartbeat: beat asks, a worker answers, and the answer is one timestamp in Redis."""

from celery import shared_task

from config.heartbeat import beat


@shared_task
def heartbeat() -> None:
    """Write that a worker took a task which beat sent."""
    beat()
