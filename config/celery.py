"""Background work over the private Redis: tasks carry no argument and leave no result, so the broker never holds a fact.

Every task of the service is listed in `BEAT`; the time limits end a task that hangs, and a late task runs at its next turn.
"""

import contextlib
import gc
import logging
import os
import threading
from typing import Any

import redis
from celery import Celery, signals
from celery.schedules import crontab

from config import embedding
from config.heartbeat import Pulse, mark
from config.memory import keep_off_disk

keep_off_disk()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
os.environ.setdefault("MARAUDES_DB_ROLE", "worker")

# Name of the schedule entry: (task, when). The heartbeat proves to /healthz that beat and worker both live.
BEAT: dict[str, tuple[str, crontab]] = {
    "heartbeat": ("config.tasks.heartbeat", crontab()),
    "close-forgotten": ("outreach.closing.tasks.close_forgotten", crontab(minute=3)),
    "freeze-totals": ("outreach.closing.tasks.freeze_totals", crontab(minute=33)),
    "rebuild-stale": ("maps.tasks.rebuild_stale", crontab(minute=21)),
    "delete-draft-orphans": ("outreach.closing.tasks.delete_draft_orphans", crontab(minute=8)),
    "delete-orphans": ("outreach.closing.tasks.delete_orphans", crontab(hour=10, minute=40)),
    "purge": ("privacy.retention.tasks.purge", crontab(minute=7)),
    "seal-day": ("privacy.audit.tasks.publish_checkpoint", crontab(hour=12, minute=0)),
    "publish-last-checkpoint": ("privacy.audit.tasks.publish_last_checkpoint", crontab(minute=33)),
    "rotate-ingress": ("privacy.keystore.tasks.rotate_ingress", crontab(hour=11, minute=30)),
}

app = Celery("maraudes")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    result_backend=None,
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
    task_acks_late=True,
    task_time_limit=1800,
    task_soft_time_limit=1500,
    worker_concurrency=1,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a broker may be away for a week; without end, every 30 s at most
    beat_scheduler="config.heartbeat:Scheduler",
    beat_schedule={
        name: {"task": task, "schedule": when, "options": {"expires": 3000}}
        for name, (task, when) in BEAT.items()
    },
)
embedding.add_to(app)
app.autodiscover_tasks(
    [
        "config",
        "privacy.retention",
        "privacy.audit",
        "privacy.keystore",
        "maps",
        "outreach.closing",
    ]
)


@signals.setup_logging.connect
def _keep_our_logging(**_kwargs: Any) -> None:
    """A connected receiver keeps Celery from installing its own formatters, which print arguments and exception texts."""
    from django.conf import settings

    from config.logging import configure

    configure(settings.LOGGING)


@signals.celeryd_init.connect
def _check_worker(**_kwargs: Any) -> None:
    _check("worker")


@signals.beat_init.connect
def _check_beat(**_kwargs: Any) -> None:
    if threading.current_thread() is threading.main_thread():  # any other is of a worker that was checked
        _check("beat")


def _check(process: str) -> None:
    """Ends the process where it would work unsafely, before it takes a task."""
    import django

    django.setup()
    from config.starting import refuse_unsafe

    refuse_unsafe(process)


@signals.worker_init.connect
def _freeze(**_kwargs: Any) -> None:
    """All is loaded and nothing is forked: the collector of the pool copies no page of what it will never free."""
    gc.collect()
    gc.freeze()


@signals.worker_ready.connect
def _worker_ready(**_kwargs: Any) -> None:
    """The first sign of life is its own: until beat's first minute is over, /healthz would call a fresh start a failure."""
    with contextlib.suppress(redis.RedisError):
        mark(Pulse.WORKER)
    logging.getLogger("maraudes.worker").info("worker.ready")


@signals.beat_init.connect
def _beat_ready(**_kwargs: Any) -> None:
    logging.getLogger("maraudes.beat").info("beat.ready", extra={"count": len(BEAT)})


@signals.task_postrun.connect
def _task_ended(task: Any = None, state: str = "", **_kwargs: Any) -> None:
    """One line a task: its name and how it ended; the heartbeat would fill the log."""
    if task is not None and task.name != "config.tasks.heartbeat":
        level = logging.INFO if state == "SUCCESS" else logging.ERROR
        logging.getLogger("maraudes.worker").log(
            level, "task.ended", extra={"task": task.name, "outcome": state.lower()}
        )
