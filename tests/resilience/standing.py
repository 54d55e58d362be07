"""A standing scene in a drill's service: the cast of both associations, rounds in every state, sealed drafts, people signed in.

`stack.run("tests.resilience.standing", "scene")` as owner; then `stack.run("tests.resilience.standing", "sign-in", role="web")`
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
    from tests import factories

    lanterne, passerelle = factories.make_lanterne(), factories.make_passerelle()
    with factories.tenant_transaction(lanterne.scope("north", "south")):
        opened = [
            factories.open_round(lanterne, night=factories.NIGHT + timedelta(days=n)) for n in range(OPEN)
        ]
        closed = factories.open_round(lanterne, night=factories.NIGHT - timedelta(days=1))
        closing.close_round(closed.id, phone=uuid4(), counts=Counts(), now=factories.NOW - timedelta(days=1))
        planned, cancelled = (
            rounds.plan_round(
                association_id=lanterne.association.id,
                team_id=lanterne.teams["north"].id,
                night=factories.NIGHT + timedelta(days=OPEN + n),
                sector_ids=[lanterne.sectors["east"].id],
            )
            for n in range(2)
        )
        rounds.cancel_round(cancelled.id, now=factories.NOW)
        south = factories.open_round(lanterne, "south")
        drafts = [(one, factories.sealed(one, factories.yes(2))) for one in opened[:SEALED]]
    with factories.tenant_transaction(passerelle.scope("quay")):
        foreign = factories.open_round(passerelle, "quay")
    return {
        "open": [str(one.id) for one in opened],
        "closed": str(closed.id),
        "planned": str(planned.id),
        "cancelled": str(cancelled.id),
        "other": [str(south.id), str(foreign.id), str(lanterne.teams["north"].id)],
        "drafts": [{"round": str(round_.id), **factories.on_the_wire(draft)} for round_, draft in drafts],
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
