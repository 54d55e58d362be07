"""How many statements each page costs, written down; and none costs more when there is more of everything.

Counted where psycopg sends them, on every connection: Django's own log would miss the scope that opens each transaction and the
statements that are planned once. What BEGIN and COMMIT cost is not in the numbers. Each page is asked for twice and the second
answer counts: the first one may fill a cache of the process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.test import Client

from outreach.closing import services as closing
from outreach.members.models import Account, Invitation, Membership, Team, TeamMembership
from outreach.records.tally import Counts
from outreach.roles import Role
from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy import clock
from privacy.audit.sealing import publish_checkpoint
from privacy.audit.selectors import quarters
from privacy.core.retention import night_of
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.e2e import places
from tests.factories import NIGHT, NOW, Tenant
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database

THREE_A_SESSION = {"omar /compte/appareils/": 3}
"""The one page that grows: allauth asks for each device of a person whether its session still lives. Omar signs in once more."""

EXPECTED = {
    "nobody /": 2,
    "omar /api/v1/rounds/tonight": 7,
    "claire /cartes/coordination/": 19,
    "omar /cartes/equipe/": 17,
    "omar /compte/appareils/": 11,
    "nobody /aide/": 1,
    "nobody /aide/<guide>/": 1,
    "nobody /compte/inactive/": 1,
    "nobody /compte/login/": 1,
    "omar /compte/password/change/": 4,
    "nobody /compte/password/reset/": 1,
    "omar /compte/reauthenticate/": 10,
    "omar /compte/second-facteur/": 6,
    "halfway /compte/second-facteur/authenticate/": 7,
    "claire /compte/second-facteur/reauthenticate/": 10,
    "claire /compte/second-facteur/recovery-codes/": 8,
    "claire /compte/second-facteur/recovery-codes/download/": 8,
    "claire /compte/second-facteur/recovery-codes/generate/": 8,
    "claire /compte/second-facteur/totp/deactivate/": 9,
    "omar /compte/second-facteur/webauthn/": 5,
    "claire /compte/second-facteur/webauthn/add/": 11,
    "agnes /control/": 15,
    "victor /control/accords/": 17,
    "victor /control/registre/": 15 + 4 * len(list(quarters(NIGHT))),  # three or four are remembered
    "nobody /control/registre/<root>/": 2,
    "victor /control/registre/verifier/": 7,
    "claire /coordination/": 15,
    "claire /coordination/agenda/": 12,
    "claire /coordination/couverture/": 7,
    "agnes /coordination/equipes/": 7,
    "agnes /coordination/membres/": 11,
    "agnes /coordination/membres/<member>/": 9,
    "agnes /coordination/membres/<member>/fin/": 7,
    "agnes /coordination/membres/inviter/": 6,
    "nobody /invitation/": 1,
    "omar /maraude/notes/": 19,
    "omar /maraude/tournee/<open>/": 17,
    "omar /maraude/tournee/<open>/clore/": 6,
    "omar /maraude/tournee/<open>/compter/": 5,
    "omar /maraude/tournee/<open>/rencontre/": 9,
    "salome /maraude/tournee/<closed>/": 17,
    "salome /maraude/tournee/<closed>/clore/": 6,
    "omar /place/": 7,
}


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that is sent meanwhile."""
    sent: list[str] = []
    kept = {kind: kind.execute for kind in (psycopg.Cursor, psycopg.ServerCursor)}

    def counting(kind: Any) -> Any:
        def execute(self: Any, query: Any, *args: Any, **more: Any) -> Any:
            sent.append(str(query))
            return kept[kind](self, query, *args, **more)

        return execute

    try:
        for kind in kept:
            kind.execute = counting(kind)  # type: ignore[method-assign]
        yield sent
    finally:
        for kind, before in kept.items():
            kind.execute = before  # type: ignore[method-assign]


Page = tuple[str, str]
"""Who asks, and the address with the names of our objects in it."""


def found_pages(people: dict[str, Client], ids: dict[str, str]) -> list[Page]:
    """Each address with the first person of the cast who gets a page or a file there."""
    found = []
    for path in places.addresses(ids):
        if path.startswith("/compte/logout"):
            continue
        for who, client in people.items():
            if client.get(path).status_code == 200:
                found.append((who, path))
                break
    return found


def counted(people: dict[str, Client], pages: list[Page], ids: dict[str, str]) -> dict[str, int]:
    """The statements of each page, by "who address" with objects under their names in `ids`."""
    found = {}
    for who, path in pages:
        with statements() as sent:
            answer = people[who].get(path)
            for _ in answer if answer.streaming else ():
                pass
        assert answer.status_code == 200, path
        for name, value in ids.items():
            path = path.replace(value, f"<{name}>") if len(value) > 8 else path
        found[f"{who} {path}"] = len(sent)
    return found


def more_of_everything(
    lanterne: Tenant, ids: dict[str, str], tag: str, many: int, nights: tuple[int, ...]
) -> None:
    """`many` more teams, members, invitations and sectors; rounds, records, notes, handovers, a session and a seal."""
    with databases.as_owner():
        for number in range(many):
            name = f"{tag}{number}"
            team = lanterne.teams[name] = Team.objects.create(
                association=lanterne.association, name=f"Équipe {name}"
            )
            address = f"{name}@lanterne.invalid"
            account = Account.objects.create_user(address, factories.PASSWORD, display_name="Zoé")
            membership = Membership.objects.create(
                association=lanterne.association, account=account, roles=[Role.WORKER.value]
            )
            TeamMembership.objects.create(association=lanterne.association, team=team, membership=membership)
            Invitation.objects.create(
                association=lanterne.association,
                email=f"invited-{name}@lanterne.invalid",
                roles=["worker"],
                token_hash=sha256(name.encode()).digest(),
                expires_on=NIGHT + timedelta(days=5),
            )
            east = 3770000 if tag == "a" else 3780000
            cells = [f"CRS3035RES500mN{2880000 + 500 * number}E{east + 500 * n}" for n in range(3)]
            lanterne.sectors[name] = factories.sector(lanterne.association, name, f"Secteur {name}", cells)
    for team_name in lanterne.teams:
        with tenant_transaction(lanterne.scope(team_name)):
            for back in nights:
                closed_round(lanterne, team_name, back)
            rounds.plan_round(
                association_id=lanterne.association.id,
                team_id=lanterne.teams[team_name].id,
                night=NIGHT + timedelta(days=10 + nights[0]),
                sector_ids=[one.id for one in lanterne.sectors.values()],
            )
    with tenant_transaction(lanterne.scope("north")):
        held = Round.objects.get(id=ids["open"])
        for _ in nights:
            factories.held(held, factories.sealed(held, factories.yes(2)))
    signed_in(lanterne.people["omar"])
    with databases.as_worker():
        publish_checkpoint(NOW + timedelta(days=1), today_too=True)


def closed_round(lanterne: Tenant, team: str, back: int) -> None:
    round_ = factories.open_round(lanterne, team, NIGHT - timedelta(days=back))
    drafts = [
        factories.sealed(round_, factories.yes(1 + n % 3, cell, needs=("meal",), note="duvet"))
        for n, cell in enumerate(factories.CELLS_EAST[:back])
    ]
    closing.close_round(
        round_.id,
        phone=uuid4(),
        counts=Counts(people_count=9, refused=2),
        now=NOW - timedelta(days=back),
        drafts=drafts,
        handover="relais",
    )


def test_the_statements_of_every_page_are_these_however_much_there_is(lanterne: Tenant) -> None:
    ids = places.filled(lanterne)
    people = places.browsers(lanterne)
    more_of_everything(lanterne, ids, "a", 1, (2,))
    found = found_pages(people, ids)
    few = counted(people, found, ids)
    more_of_everything(lanterne, ids, "b", 4, (3, 4, 9))
    many = counted(people, found, ids)
    print("\n".join(f'    "{name}": {count},  # {many[name]}' for name, count in few.items()))
    grown = {name: count - few[name] for name, count in many.items() if count != few[name]}
    assert grown == THREE_A_SESSION
    # The night of `cast` begins at noon of the tests' day; at a moment before, her page has no round of tonight to ask about.
    begun = night_of(clock.now(), ZoneInfo(lanterne.association.timezone)) == NIGHT
    assert few == EXPECTED | {"salome /maraude/cette-nuit/": 15 if begun else 14}
