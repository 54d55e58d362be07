"""The drills' own service: it comes up green, and a killed part comes back without a hand.

The pulses of worker and beat live in Redis and are renewed each minute: after Redis was away, only its own part is waited for.
"""

import os
import signal

from tests.resilience.conftest import Drill
from tests.resilience.stack import PARTS, PARTS_OF_HEALTH, Stack, green, until


def test_a_service_comes_up_and_its_dead_come_back(stack: Stack, drill: Drill) -> None:
    stack.start("db", "broker", "web", "beat")
    assert stack.health()["broker"] == "ok" and not green(stack.health()), (
        "nobody forgets in a service without its worker"
    )
    stack.start("worker")
    done = stack.manage("purge", "--wet-run")
    assert done.returncode == 0, done.stderr
    until(lambda: green(stack.health()), "every part is ok")
    assert set(stack.health()) == PARTS_OF_HEALTH
    before = {part: stack.kept[part].starts for part in PARTS}
    for part in PARTS:
        assert stack.kept[part].kill()
        until(lambda part=part: stack.kept[part].starts > before[part], f"{part} is started again")  # type: ignore[misc]
    until(lambda: set(stack.health().values()) == {"ok"}, "every part is ok again")
    # The control: a part that nobody starts again is reported.
    stack.stop("broker")
    assert stack.health()["broker"] != "ok"
    stack.start("broker")
    until(lambda: stack.health()["broker"] == "ok", "the broker is ok once more")
    web = stack.kept["web"].process
    assert web is not None
    os.kill(web.pid, signal.SIGTERM)
    until(stack.answers, "the web answers after an orderly end")
    drill.say("stack: every part killed once and back without a hand")
