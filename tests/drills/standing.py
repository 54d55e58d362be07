"""A standing scene in a drill's house: the cast of both associations, rounds in every state, sealed drafts, people signed in.

`house.run("tests.drills.standing", "scene")` as owner; then `house.run("tests.drills.standing", "sign-in", role="web")`
signs people in as the web does and gives their cookies. What both print is invented, like the cast.
"""

import json
import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django

OPEN, SEALED = 240, 60
STRONG = ("claire", "agnes", "victor")


def scene() -> dict[str, Any]:
    """Lanterne's north team with many open rounds (a fuzzer closes them), other states, other teams, and Passerelle's."""
    from outreach.closing import services as closing
    from outreach.records.tally import Counts
    from outreach.rounds import services as rounds
    from tests import cast

    home, stranger = cast.lanterne(), cast.passerelle()
    with cast.working(home.scope("north", "south")):
        opened = [cast.open_round(home, night=cast.NIGHT + timedelta(days=n)) for n in range(OPEN)]
        closed = cast.open_round(home, night=cast.NIGHT - timedelta(days=1))
        closing.close_round(closed.id, phone=uuid4(), counts=Counts(), now=cast.NOW - timedelta(days=1))
        planned, cancelled = (
            rounds.plan_round(
                association_id=home.association.id,
                team_id=home.teams["north"].id,
                night=cast.NIGHT + timedelta(days=OPEN + n),
                sector_ids=[home.sectors["east"].id],
            )
            for n in range(2)
        )
        rounds.cancel_round(cancelled.id, now=cast.NOW)
        south = cast.open_round(home, "south")
        drafts = [(one, cast.sealed(one, cast.yes(2))) for one in opened[:SEALED]]
    with cast.working(stranger.scope("quay")):
        foreign = cast.open_round(stranger, "quay")
    return {
        "open": [str(one.id) for one in opened],
        "closed": str(closed.id),
        "planned": str(planned.id),
        "cancelled": str(cancelled.id),
        "other": [str(south.id), str(foreign.id), str(home.teams["north"].id)],
        "drafts": [{"round": str(round_.id), **cast.on_the_wire(draft)} for round_, draft in drafts],
    }


def sign_in(*names: str) -> dict[str, str]:
    """First name → the value of the session cookie of a person of Lanterne, with the second factor where the role needs it."""
    from django.conf import settings

    from tests.outreach.members import people

    settings.ALLOWED_HOSTS.append("testserver")
    keys = {}
    for first in names:
        person: Any = type("Person", (), {"email": f"{first}@lanterne.invalid", "id": None})
        client = people.strong(person) if first in STRONG else people.signed_in(person)
        keys[first] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return keys


if __name__ == "__main__":
    django.setup()
    print(json.dumps(scene() if sys.argv[1] == "scene" else sign_in("omar", "nadia", *STRONG)))
