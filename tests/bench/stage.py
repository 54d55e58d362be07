"""What every measurement shares: fresh test databases under the real roles, the cast, and ratios with their spread.

Rule of the module: two things are compared in one process, in turns (A B A B …), and only their ratio is
printed: these machines are
shared and noisy, so a bare second means nothing.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

import django


@contextmanager
def folders() -> Iterator[str]:
    """Folders for epochs and for the log's key, in place of the installation's own; gives that of the epochs."""
    from django.conf import settings

    with tempfile.TemporaryDirectory() as epochs, tempfile.TemporaryDirectory() as log:
        settings.KEK_DIR, settings.AUDIT_KEY_DIR = epochs, log
        yield epochs


@contextmanager
def stage() -> Iterator[None]:
    """Databases made for the measurement and dropped afterwards."""
    django.setup()
    from tests import databases

    with folders():
        databases.create()
        try:
            yield
        finally:
            databases.drop()


def _nothing() -> None:
    """What comes before a turn that needs no preparation."""


def compare(
    name: str,
    ours: Callable[[], None],
    bare: Callable[[], None],
    *,
    rounds: int,
    aim: float | None = None,
    before: Callable[[], None] = _nothing,
) -> float:
    """Print and return the median of ours/bare over `rounds` paired turns, after one uncounted turn of each.

    `before` prepares every call, outside the clock.
    """
    for call in (ours, bare):
        before()
        call()
    ratios = []
    for turn in range(rounds):
        pair = {}
        for label, call in (("ours", ours), ("bare", bare)) if turn % 2 else (("bare", bare), ("ours", ours)):
            before()
            start = perf_counter()
            call()
            pair[label] = perf_counter() - start
        ratios.append(pair["ours"] / pair["bare"])
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{name}: {turn + 1}/{rounds}")
    median = statistics.median(ratios)
    low, high = statistics.quantiles(ratios, n=10)[0], statistics.quantiles(ratios, n=10)[-1]
    target = "" if aim is None else f"   aim ≤ {aim:g}: {'met' if median <= aim else 'NOT met'}"
    print(f"{name}: {median:.2f} × (10–90 %: {low:.2f}–{high:.2f}, {rounds} pairs){target}")
    return median
