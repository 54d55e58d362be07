"""A transaction that lost to another one is run again from its beginning.

PostgreSQL ends one of several transactions that wait for each other in a ring. What it had done is undone, so running all of it
again is right and safe wherever the whole of a transaction is one callable: a request (`outreach.members.tries`), a service of a
task or a command (`atomic` here). The order of locks (`outreach.rounds.locks`) is there so that this hardly ever happens.
"""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import psycopg
from django.db import DatabaseError, connection, transaction

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 5
"""Times a transaction is run before its failure is told."""
PAUSE = 0.05
"""Seconds, times the number of the try, at most: two that lost to each other do not meet again in step."""

LOST = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
WAITED = (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)


def is_lost(failure: BaseException) -> bool:
    """PostgreSQL undid this transaction in favour of another: it may be run again."""
    return isinstance(failure, DatabaseError) and isinstance(failure.__cause__, LOST)


def waited_too_long(failure: BaseException) -> bool:
    """It waited for others until its time was over (statement_timeout): undone as well, but not to be tried at once."""
    return isinstance(failure, DatabaseError) and isinstance(failure.__cause__, WAITED)


def pause(number: int) -> None:
    """Wait a moment before try `number` (2 is the first repetition)."""
    time.sleep(random.random() * PAUSE * (number - 1))  # noqa: S311 — spreads load, hides nothing


def atomic(function: Callable[P, R]) -> Callable[P, R]:
    """`transaction.atomic` that runs the function again when its transaction lost; inside another one it is a savepoint as ever.

    The function must do nothing that outlives a rollback, but for keys that seal nothing then (the reaper takes those).
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            with transaction.atomic():
                return function(*args, **kwargs)
        for number in range(1, TRIES):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except DatabaseError as failure:
                if not is_lost(failure):
                    raise
            pause(number + 1)
        with transaction.atomic():
            return function(*args, **kwargs)

    return run
