"""A name written from right to left stands in an element of its own, so that it turns no number beside it round."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest

from outreach.associations.models import Association
from outreach.members.models import Account, Team
from outreach.places.models import Sector
from outreach.rounds import services as rounds
from privacy.db.scope import tenant_transaction
from tests import databases
from tests.factories import NIGHT, Tenant, open_round
from tests.outreach.members.people import signed_in, strong

pytestmark = pytest.mark.database

EAST, NORTH, OMAR, LANTERNE = "مزرح", "צפון", "عمر", "פנס"
VOID = {"area", "br", "hr", "img", "input", "link", "meta", "path", "rect", "circle"}


class Beside(HTMLParser):
    """Collects texts in which one of the names stands beside something else, outside an element that isolates."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for name in (EAST, NORTH, OMAR, LANTERNE):
            if name not in data or {"script", "option", "title"} & set(self.open):
                continue
            self.seen.add(name)
            if self.open[-1:] != ["bdi"] and data.strip() != name:
                self.found.append(data.strip())


@pytest.fixture
def turned(lanterne: Tenant) -> Tenant:
    with databases.as_owner():
        Sector.objects.filter(id=lanterne.sectors["east"].id).update(name=EAST)
        Team.objects.filter(id=lanterne.teams["north"].id).update(name=NORTH)
        Account.objects.filter(id=lanterne.people["omar"].id).update(display_name=OMAR)
        Association.objects.filter(id=lanterne.association.id).update(name=LANTERNE)
    return lanterne


def beside(lanterne: Tenant, who: str, paths: list[str]) -> tuple[list[str], set[str]]:
    client = (strong if who in ("claire", "agnes") else signed_in)(lanterne.people[who])
    found: list[str] = []
    seen: set[str] = set()
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        reader = Beside()
        reader.feed(answer.content.decode())
        found += [f"{path} {one}" for one in reader.found]
        seen |= reader.seen
    return found, seen


def test_what_reads_the_pages_finds_a_name_beside_a_number() -> None:
    reader = Beside()
    reader.feed(f"<p>{NORTH}, 3 squares</p><p><bdi>{EAST}</bdi>, 3</p><h1>{OMAR}</h1>")
    assert reader.found == [f"{NORTH}, 3 squares"]
    assert reader.seen == {NORTH, EAST, OMAR}


def test_coordination(turned: Tenant) -> None:
    with tenant_transaction(turned.scope("north")):
        open_round(turned, sectors=("east",), night=NIGHT - timedelta(days=1))
        for ago in (2, 9, -2, -3):
            rounds.plan_round(
                association_id=turned.association.id,
                team_id=turned.teams["north"].id,
                night=NIGHT - timedelta(days=ago),
                sector_ids=[turned.sectors["east"].id],
            )
    found, seen = beside(
        turned, "claire", ["/coordination/", "/coordination/agenda/", "/coordination/couverture/"]
    )
    assert seen == {EAST, NORTH, LANTERNE}
    assert found == []


def test_gaps(turned: Tenant) -> None:
    found, seen = beside(turned, "claire", ["/coordination/"])
    assert EAST in seen
    assert found == []


def test_administration(turned: Tenant) -> None:
    member = turned.people["omar"].membership.id
    found, seen = beside(
        turned,
        "agnes",
        [f"/coordination/{one}" for one in ("membres/", "equipes/", "membres/inviter/", f"membres/{member}/")]
        + [f"/coordination/membres/{member}/fin/", "/place/"],
    )
    assert seen == {NORTH, OMAR, LANTERNE}
    assert found == []


def test_field(turned: Tenant) -> None:
    with tenant_transaction(turned.scope("north")):
        round_ = open_round(turned, sectors=("east",))
    here = f"/maraude/tournee/{round_.id}/"
    found, seen = beside(
        turned,
        "nadia",
        ["/maraude/cette-nuit/?toutes=1", here, f"{here}compter/", f"{here}rencontre/", f"{here}clore/"],
    )
    assert seen == {EAST, NORTH, LANTERNE}
    assert found == []
