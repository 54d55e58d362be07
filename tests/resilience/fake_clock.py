"""A service whose clock really moves: every process of it, PostgreSQL and Redis included, is told another time of day.

The offset stands in a file, so the clock of a running service can be put forward and back, as a wrong administrator or a bad NTP
server does. `moved.c` is loaded before the C library; libfaketime, which Debian has, breaks Python's sleep when it leaves
CLOCK_MONOTONIC alone, and moves that clock too when it does not. Needs a C compiler.
"""

import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from tests.resilience import expired
from tests.resilience.stack import Stack, until
from tests.resilience.whole_service import WholeService

WEEK = 7
SOURCE = Path(__file__).with_name("moved.c")


class MovedStack(Stack):
    @classmethod
    def make(cls) -> Self:
        stack = super().make()
        stack.move(0)
        command = ["cc", "-shared", "-fPIC", "-O2", "-o", str(stack.folder / "moved.so"), str(SOURCE)]
        subprocess.run(command, check=True)
        return stack

    def environment(self, **more: str) -> dict[str, str]:
        plain, library = super().environment(**more), self.folder / "moved.so"
        if not library.exists():
            return plain
        return plain | {"LD_PRELOAD": str(library), "MOVED_CLOCK": str(self.folder / "clock")}

    def move(self, days: int) -> None:
        """Put every clock of the service `days` ahead of the real one (or behind it); each process notices within a second."""
        clock = self.folder / "clock"
        draft = clock.with_name("clock.new")
        draft.write_text(f"{days * 86400}\n")
        draft.chmod(0o644)
        draft.replace(clock)

    def today(self) -> Any:
        """The day as PostgreSQL's own clock says it."""
        with self.raw("owner") as connection:
            row = connection.execute("SELECT (app_now() AT TIME ZONE 'UTC')::date").fetchone()
        return row[0] if row else None


class Moved(WholeService[MovedStack]):
    """What the drill knows of a service whose clock it moves."""

    def __init__(self, stack: MovedStack) -> None:
        super().__init__(stack)
        self.association, self.team, self.records = (
            self.made[name] for name in ("association", "team", "records")
        )
        self.by = stack.today() + timedelta(days=WEEK)

    def present(self) -> int:
        with self.stack.raw("owner") as owner:
            return expired.present(owner, self.by)

    def shown(self) -> int:
        with self.stack.raw("owner") as owner, self.stack.raw("web") as web:
            return expired.shown(owner, web, self.association, [self.team], self.by).total()

    def status(self) -> str:
        return self.stack.manage("retention_status").stdout

    def move(self, days: int) -> None:
        self.stack.move(days)
        until(lambda: bool(self.stack.today() == _day(days)), "PostgreSQL's clock has moved")


def _day(ahead: int) -> date:
    return (datetime.now(UTC) + timedelta(days=ahead)).date()
