"""The drills' own house: it comes up green, and a killed part comes back without a hand.

The pulses of worker and beat live in Redis and are renewed each minute: after Redis was away, only its own part is waited for.
"""

import os
import signal

from tests.drills.conftest import Drill
from tests.drills.house import PARTS, PARTS_OF_HEALTH, House, green, until


def test_a_house_comes_up_and_its_dead_come_back(house: House, drill: Drill) -> None:
    house.start("db", "broker", "web", "beat")
    assert house.health()["broker"] == "ok" and not green(house.health()), (
        "nobody forgets in a house without its worker"
    )
    house.start("worker")
    done = house.manage("purge", "--wet-run")
    assert done.returncode == 0, done.stderr
    until(lambda: green(house.health()), "every part is ok")
    assert set(house.health()) == PARTS_OF_HEALTH
    before = {part: house.kept[part].starts for part in PARTS}
    for part in PARTS:
        assert house.kept[part].kill()
        until(lambda part=part: house.kept[part].starts > before[part], f"{part} is started again")  # type: ignore[misc]
    until(lambda: set(house.health().values()) == {"ok"}, "every part is ok again")
    # The control: a part that nobody starts again is reported.
    house.stop("broker")
    assert house.health()["broker"] != "ok"
    house.start("broker")
    until(lambda: house.health()["broker"] == "ok", "the broker is ok once more")
    web = house.kept["web"].process
    assert web is not None
    os.kill(web.pid, signal.SIGTERM)
    until(house.answers, "the web answers after an orderly end")
    drill.say("house: every part killed once and back without a hand")
