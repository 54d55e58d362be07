"""A house whose clock really moves: every process of it, PostgreSQL and Redis included, reads the time through libfaketime.

The offset stands in a file, so the clock of a running house can be put forward and back, as a wrong administrator or a bad NTP
server does. Time that only measures (CLOCK_MONOTONIC) runs on, as on a real machine.
"""

import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.drills import expired
from tests.drills.house import House, until

WEEK = 7

LIBRARY = "libfaketimeMT.so.1"


def library() -> Path:
    """Where Debian puts it; installed when it is missing. Raises AssertionError naming the package when that fails."""
    for _try in range(2):
        found = sorted(Path("/usr/lib").glob(f"*/faketime/{LIBRARY}"))
        if found:
            return found[0]
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "libfaketime"],
            capture_output=True,
            check=False,
        )
    raise AssertionError("this drill needs the Debian package libfaketime")


class MovedHouse(House):
    def environment(self, **more: str) -> dict[str, str]:
        clock = self.folder / "clock"
        if not clock.exists():
            self.move(0)
        return super().environment(**more) | {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def move(self, days: float) -> None:
        """Put every clock of the house `days` ahead of the real one (or behind it); each process notices within a second."""
        clock = self.folder / "clock"
        draft = clock.with_name("clock.new")
        draft.write_text(f"{days:+g}d\n")
        draft.chmod(0o644)
        draft.replace(clock)

    def today(self) -> Any:
        """The day as PostgreSQL's own clock says it."""
        with self.raw("owner") as connection:
            row = connection.execute("SELECT (now() AT TIME ZONE 'UTC')::date").fetchone()
        return row[0] if row else None


class Outside:
    """What the drill knows of a moved house from outside it."""

    def __init__(self, house: MovedHouse) -> None:
        self.house = house
        house.start()
        made = house.run("tests.drills.weeks", "fill")
        self.association, self.team, self.records = made["association"], made["team"], made["records"]
        self.by = house.today() + timedelta(days=WEEK)

    def present(self) -> int:
        with self.house.raw("owner") as owner:
            return expired.present(owner, self.by)

    def shown(self) -> int:
        with self.house.raw("owner") as owner, self.house.raw("web") as web:
            return expired.shown(owner, web, self.association, [self.team], self.by)

    def opened(self) -> int:
        return len(self.house.run("tests.drills.weeks", "opens", role="web"))

    def status(self) -> str:
        return self.house.manage("retention_status").stdout

    def move(self, days: float) -> None:
        self.house.move(days)
        until(lambda: bool(self.house.today() == _day(days)), "PostgreSQL's clock has moved")

    def green(self, but: frozenset[str] = frozenset()) -> None:
        until(lambda: self.failing() == but, f"every part is ok but {sorted(but)}", 4000)

    def failing(self) -> frozenset[str]:
        health = self.house.health()
        return (
            frozenset(part for part, said in health.items() if said != "ok") if health else frozenset({"web"})
        )


def _day(ahead: float) -> date:
    return (datetime.now(UTC) + timedelta(days=ahead)).date()
