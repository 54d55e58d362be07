"""The moment at which the tests run: a Wednesday in March at nine in the evening in Paris, or another that is asked for.

`MARAUDES_TEST_MOMENT` names another (2028-02-29T20:00, UTC) or says `random`, which draws one and prints it, so that a failure
can be repeated. Every file of tests begins there, and time goes on at its own pace. time-machine moves the clocks of Python; the
databases of the tests read `app_now()`, which their owner defines anew; processes that a test starts are told how far they are.
"""

import os
import random
import time
from datetime import UTC, datetime, timedelta

import time_machine

USUAL = datetime(2026, 3, 11, 20, 0, tzinfo=UTC)
ASKED, AHEAD = "MARAUDES_TEST_MOMENT", "MARAUDES_TEST_AHEAD"
"""Names of the environment: the moment (for people), and the seconds from the machine's clock to the tests' (for processes)."""
FIRST, DAYS = datetime(2026, 1, 1, tzinfo=UTC), 5 * 365
EARLY = 40
"""What `random` draws from: five years, any hour; an early minute of it, so that no file runs over midnight."""


def chosen() -> datetime:
    """The moment of this run. A drawn one is written back, so that every process of the run has the same."""
    asked = os.environ.get(ASKED, "")
    if not asked:
        return USUAL
    if asked == "random":
        draw = random.SystemRandom().randrange
        drawn = FIRST + timedelta(days=draw(DAYS), hours=draw(24), minutes=draw(EARLY))
        asked = os.environ[ASKED] = f"{drawn:%Y-%m-%dT%H:%M}"
    return datetime.fromisoformat(asked).replace(tzinfo=UTC)


MOMENT = chosen()
_moved: list[time_machine.Traveller] = []


def machine_seconds() -> float:
    """What the machine's own clock says: for what the kernel or a container stamps."""
    there = time_machine.escape_hatch
    return there.time.time() if there.is_travelling() else time.time()


def by_the_machine(instant: datetime) -> datetime:
    """What the machine's clock showed at an instant of the tests."""
    return instant - timedelta(seconds=float(os.environ[AHEAD]))


def restart() -> None:
    """Begin again at the moment: this process, and each that it starts from now on."""
    os.environ[AHEAD] = f"{MOMENT.timestamp() - machine_seconds():.6f}"
    follow()


def follow() -> None:
    """Move the clocks of this process as far as it was told, if it was."""
    if not os.environ.get(AHEAD):
        return
    there = machine_seconds() + float(os.environ[AHEAD])
    if _moved:
        _moved[0].move_to(there)
    else:
        _moved.append(time_machine.travel(there, tick=True).start())


def definition() -> str:
    """`app_now()` of a database that lives at the tests' moment."""
    return (
        "CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE AS"
        f" $$ SELECT now() + interval '{float(os.environ.get(AHEAD) or 0):.6f} seconds' $$"
    )
