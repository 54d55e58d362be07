"""Nothing written, nothing echoed: what a refusal leaves in both databases, in the log and in its own words.

Rule of the module: every table of both databases is summed, row by row, before and after; only what a test names may differ.
Whatever an error carries (its text, its arguments, its cause) is held against the needle, and so is every log line as printed.
"""

import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from config.logging import AllowListFormatter
from tests import databases, leak_search
from tests.resilience.bad_values import NEEDLE
from tests.resilience.conftest import Drill

State = dict[str, tuple[int, int]]

BACKGROUND_TABLES = frozenset(
    {
        "default.django_session",
        "default.usersessions_usersession",
        "default.audit_pendingevent",
        "default.audit_anonymouscounter",
        "keystore.keystore_ingresskey",
        "keystore.keystore_kekepoch",
    }
)
"""What a request may touch without taking anything in: its own session, the log of a denial or a reading, a week's key."""


def state() -> State:
    """(rows, sum of their hashes) of every table."""
    found: State = {}
    for database in ("default", "keystore"):
        with databases.raw("owner", database) as connection:
            names = [
                row[0]
                for row in connection.execute(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'spatial_ref_sys'"
                ).fetchall()
            ]
            each = " UNION ALL ".join(
                f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM \"{name}\" t"
                for name in names
            )
            for name, rows, total in connection.execute(each).fetchall():
                found[f"{database}.{name}"] = (int(rows), int(total))
    return found


def changed(before: State, besides: frozenset[str] = frozenset()) -> set[str]:
    """Tables that differ now, but for those named."""
    after = state()
    return {name for name in after.keys() | before.keys() if before.get(name) != after.get(name)} - besides


def echoed_in_tables() -> list[str]:
    """Tables in which the needle stands, in clear or in a simple disguise."""
    places = [(table, rows.encode()) for table, rows in databases.contents()]
    return sorted(leak_search.search(places, {"needle": NEEDLE})["needle"])


def words_of(error: BaseException | None) -> str:
    """Everything an error says when it is printed, and so does what caused it."""
    said = []
    while error is not None:
        said += [str(error), repr(error.args), *(str(note) for note in getattr(error, "__notes__", ()))]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(said)


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(AllowListFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


_tried: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def counted(drill: Drill) -> Iterator[None]:
    """Says at the end of the run how many inputs each test tried, and what became of them. For a drill's module to import."""
    _tried.clear()
    yield
    if _tried.total() > 1:
        name = os.environ["PYTEST_CURRENT_TEST"].partition("::")[2].partition(" ")[0]
        became = ", ".join(f"{number} {what}" for what, number in sorted(_tried.items()))
        drill.say(f"bad input: {name}: {became}")


def became(what: str) -> None:
    """One input more that was taken, refused or answered so."""
    _tried[what] += 1


@contextmanager
def listening() -> Iterator[list[str]]:
    """Every log line of the block, as the service prints it."""
    handler = _Lines()
    quiet = [
        logger
        for logger in logging.Logger.manager.loggerDict.values()
        if isinstance(logger, logging.Logger) and not logger.propagate
    ]
    ears = [logging.getLogger(), *quiet]
    for ear in ears:
        ear.addHandler(handler)
    try:
        yield handler.lines
    finally:
        for ear in ears:
            ear.removeHandler(handler)
