"""Weeks of an association, made and read inside a service: rounds of long ago whose things end this week, and rounds of tonight.

`stack.run("tests.resilience.weeks", "fill")` as the owner makes them; `opens` and the rest as the web does. The same functions
serve the short drills, on the tests' own database. Every command prints one line of JSON; what it holds is invented.
"""

import json
import sys
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import django

RECORDS = 4
NOTE = "duvet mouillé, revenir"


def ending(today: date) -> date:
    """The Monday of the coming seven days: what a week's bucket holds ends then."""
    return today + timedelta(days=7 - today.weekday())


def old_night(today: date) -> date:
    """A night whose records (90 days, to a Monday) end in the coming week."""
    return ending(today) - timedelta(days=88)


def note_night(today: date) -> date:
    """A night whose notes (30 days) end in the coming week, and whose records live on."""
    return today - timedelta(days=27)


def walk(lanterne: Any, night: date, team: str = "north") -> int:
    """One whole night: started, held, closed, with counts and a transmission. Returns how many records it stored."""
    from outreach.closing import services as closing
    from outreach.records.tally import Counts
    from tests import factories

    now = datetime.combine(night, factories.NOW.timetz())
    with factories.tenant_transaction(lanterne.scope(team)):
        round_ = factories.open_round(lanterne, team, night=night)
        drafts = [factories.sealed(round_, factories.yes(2, note=NOTE)) for _ in range(RECORDS)]
        receipt = closing.close_round(
            round_.id,
            phone=uuid4(),
            counts=Counts(people_count=3, refused=1),
            now=now,
            drafts=drafts,
            handover="clé au local" if night > factories.NIGHT - timedelta(days=30) else "",
        )
    return len(receipt.stored)


def fill(lanterne: Any, today: date) -> int:
    """What ends this week (records; the notes of others) and what lives on. Returns how many records there are."""
    return sum(walk(lanterne, night) for night in (old_night(today), note_night(today), today))


def _home(association_id: str, team_id: str) -> Any:
    """The association that `fill` made, as `cast.lanterne` gave it; a request sees it in its own scope only."""
    from outreach.associations.models import Association
    from outreach.members.models import Team
    from outreach.places.models import Sector
    from privacy.db.scope import Scope
    from tests import factories

    with factories.tenant_transaction(Scope(UUID(association_id), frozenset({UUID(team_id)}))):
        association = Association.objects.get(id=association_id)
        teams = {"north": Team.objects.get(id=team_id)}
        codes = {"E": "east", "O": "west"}
        sectors = {codes[one.code]: one for one in Sector.objects.filter(association=association)}
    return factories.Tenant(association, teams, sectors, {})


def opened(lanterne: Any) -> list[str]:
    """Ids of the records that the north team can read now, each really opened (those of the last nights with their notes)."""
    from outreach.records import selectors
    from outreach.records.models import Record
    from tests.factories import tenant_transaction

    with tenant_transaction(lanterne.scope("north")):
        rows = list(Record.objects.select_related("round"))
        return sorted(str(one.id) for one in selectors.open_rows(rows, notes=True))


def bodies(lanterne: Any, round_id: str, many: int) -> list[dict[str, Any]]:
    """Drafts as a phone sends them to the API."""
    from outreach.rounds.models import Round
    from tests import factories

    with factories.tenant_transaction(lanterne.scope("north")):
        round_ = Round.objects.select_related("association").get(id=UUID(round_id))
        drafts = [factories.sealed(round_, factories.yes(2, note=NOTE)) for _ in range(many)]
    return [{"phone": str(uuid4()), "drafts": [factories.on_the_wire(one)]} for one in drafts]


def main(command: str, *arguments: str) -> Any:
    from tests import factories

    match command:
        case "fill":
            lanterne = factories.make_lanterne()
            return {
                "association": str(lanterne.association.id),
                "team": str(lanterne.teams["north"].id),
                "records": fill(lanterne, factories.NIGHT),
            }
        case "open":  # a further round, of the evening so many days on
            lanterne, night = _home(*arguments[:2]), factories.NIGHT + timedelta(days=int(arguments[2]))
            with factories.tenant_transaction(lanterne.scope("north")):
                return str(factories.open_round(lanterne, night=night).id)
        case "opens":
            return opened(_home(*arguments))
        case "bodies":
            return bodies(_home(*arguments[:2]), arguments[2], int(arguments[3]))
        case "session":
            from tests.resilience import standing

            return standing.sign_in("nadia")["nadia"]
    raise ValueError(command)


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(*sys.argv[1:])))
