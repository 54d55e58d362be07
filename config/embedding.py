"""Celery's scheduler as a thread of the worker, for a machine that runs everything.

A scheduler process costs as much memory as a worker and does nothing but look at a clock, and Celery's own `worker --beat` forks
one more. Containers keep theirs apart: it has neither database nor key there.
"""

from typing import Any

from celery import Celery, bootsteps
from celery.beat import EmbeddedService
from click import Option

PATIENCE = 3
"""Seconds for the thread to write down what ran when; its clock looks up once a second."""


class EmbeddedBeat(bootsteps.StartStopStep):  # type: ignore[misc]
    """Starts after the pool, so that no process is forked while the thread runs, unless one was killed for its time limit."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, beat_thread: str | None = None, **options: Any) -> None:
        super().__init__(worker, **options)
        self.enabled = beat_thread is not None
        self.schedule = beat_thread

    def start(self, worker: Any) -> None:
        scheduler = worker.app.conf.beat_scheduler
        self.thread = EmbeddedService(
            worker.app, thread=True, scheduler_cls=scheduler, schedule_filename=self.schedule
        )
        self.thread.start()

    def stop(self, worker: Any) -> None:
        """Never waits for a broker that is away."""
        self.thread.service.stop()
        self.thread.join(PATIENCE)

    terminate = stop


def add_to(app: Celery) -> None:
    """Give the worker the option `--beat-thread FILE`."""
    told = "Run the scheduler as a thread; FILE remembers what ran when."
    app.user_options["worker"].add(Option(["--beat-thread"], metavar="FILE", help=told))
    app.steps["worker"].add(EmbeddedBeat)
