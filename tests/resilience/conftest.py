"""What every drill may ask for: how long it shall be, a place to say what it measured, and a service it may break.

The short form runs with every test run; `script/drill` runs the long one (MARAUDES_DRILL=long). A drill marked `long` has no
short form: it needs a daemon, another system's root or an hour, and is left out, not skipped, of a short run.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.resilience import needs
from tests.resilience.stack import Stack

LONG = os.environ.get("MARAUDES_DRILL") == "long"
_said = pytest.StashKey[list[str]]()


@dataclass(frozen=True)
class Drill:
    """`long`: which form runs. `say`: a line for the end of the run: what was done how often, and what was found."""

    long: bool
    lines: list[str]

    def times(self, short: int, long: int) -> int:
        return long if self.long else short

    def say(self, line: str) -> None:
        self.lines.append(line)
        print(line, flush=True)


@pytest.fixture
def drill(request: pytest.FixtureRequest) -> Drill:
    return Drill(LONG, request.config.stash.setdefault(_said, []))


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A service of its own beside the tests' one: cluster, broker, keys and processes in a temporary folder."""
    with Stack.lent() as made:
        yield made


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A drill without a short form is left out of a short run; a long run that lacks something does not begin."""
    if LONG:
        lacking = sorted({line for one in items for line in needs.missing(one)})
        if lacking:
            raise pytest.UsageError("this machine lacks what a drill needs:\n  " + "\n  ".join(lacking))
        return
    left_out = [one for one in items if one.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [one for one in items if one not in left_out]
    for one in items:
        if lacking := needs.missing(one):
            one.add_marker(pytest.mark.skip(reason="; ".join(lacking)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash.get(_said, [])
    if lines:
        terminalreporter.section("what the drills measured")
        for line in lines:
            terminalreporter.write_line(line)
