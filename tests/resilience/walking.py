"""Teams that walk on purpose in a known order, over HTTP, as phones do: the truth of it stays in the test's memory.

Each round is its own association's, so that a sealed log entry can be told apart; each encounter says its number by its count of
people, and stands in a square of its own, drawn at random: geography tells nothing here, only order could.
"""

import http.client
import json
import random
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

from django.core.cache import cache

from outreach.closing.intake import SealedDraft
from outreach.roles import Role
from outreach.rounds.models import Round
from privacy.db.scope import tenant_transaction
from tests import factories
from tests.factories import CELLS_EAST, Tenant, on_the_wire
from tests.outreach.members.people import signed_in

WAYS = ("form", "held", "batch", "both")
"""Each encounter by the page's form; by the API one by one; by the API all at the close; half held, half at the close."""

_TOKEN = re.compile(r'name="token" value="([^"]+)"')
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Team:
    """One team's phone on its round, and what really happened: `drafts` in the order of the walk."""

    tenant: Tenant
    round: Round
    way: str
    cookies: dict[str, str]
    address: str
    squares: list[str]
    drafts: list[UUID] = field(default_factory=list)
    kept_back: list[SealedDraft] = field(default_factory=list)
    csrf: str = ""

    def ask(self, path: str, body: str | None = None, kind: str = "application/x-www-form-urlencoded") -> str:
        """One request of this phone; the page. Raises AssertionError for an answer that is no success and no redirection."""
        line = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=120)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": kind, "X-CSRFToken": self.csrf}
        line.request("GET" if body is None else "POST", path, body, headers)
        answer = line.getresponse()
        page = answer.read().decode()
        line.close()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        assert answer.status in (200, 302), (path, answer.status, page[:300])
        return page

    def api(self, what: str, body: object) -> object:
        return json.loads(
            self.ask(f"/api/v1/rounds/{self.round.id}/{what}", json.dumps(body), "application/json")
        )

    def meet(self, number: int, total: int) -> None:
        """Encounter `number` of the walk (from 0), brought the way this team brings them."""
        page = f"/maraude/tournee/{self.round.id}/rencontre/"
        if self.way == "form":
            text = self.ask(page)
            token, csrf = _TOKEN.search(text), _CSRF.search(text)
            assert token and csrf
            form = {
                "token": token[1],
                "csrfmiddlewaretoken": csrf[1],
                "zone": "yes",
                "people": number + 1,
                "place": self.squares[number],
            }
            self.ask(page, urlencode(form))
            self.drafts.append(UUID(token[1].partition(":")[0]))
            return
        draft = self.sealed(number)
        if self.way == "held" or (self.way == "both" and number < total // 2):
            said = self.api("drafts", {"phone": str(uuid4()), "drafts": [on_the_wire(draft)]})
            assert isinstance(said, dict) and len(said["held"]) == 1, said
        else:
            self.kept_back.append(draft)

    def sealed(self, number: int) -> SealedDraft:
        with tenant_transaction(self.tenant.scope("north")):
            draft = factories.sealed(self.round, factories.yes(number + 1, self.squares[number]))
        self.drafts.append(draft.id)
        if not self.csrf:
            found = _CSRF.search(self.ask(f"/maraude/tournee/{self.round.id}/rencontre/"))
            assert found
            self.csrf = found[1]
        return draft

    def close(self) -> None:
        if not self.csrf:
            self.csrf = self.cookies["csrftoken"]
        said = self.api(
            "close", {"phone": str(uuid4()), "drafts": [on_the_wire(draft) for draft in self.kept_back]}
        )
        assert isinstance(said, dict) and not said["quarantined"], said

    def bring_late(self, number: int) -> None:
        """After the close, one by one, stored as they arrive: the control."""
        said = self.api("drafts", {"phone": str(uuid4()), "drafts": [on_the_wire(self.sealed(number))]})
        assert isinstance(said, dict) and len(said["held"]) == 1, said


def gathered(number: int, address: str, draw: random.Random, way: str = "") -> Team:
    """Association number `number` with one team, its lead signed in, its round open. Call as the owner of the tables."""
    tenant = factories.make_association(
        f"marche-{way}{number}", {"north": "Nord"}, {"nadia": ((Role.LEAD,), ("north",))}
    )
    with tenant_transaction(tenant.scope("north")):
        round_ = factories.open_round(tenant)
    cache.clear()  # many sign-ins from one address: the limit on guessing is another test's subject
    browser = signed_in(tenant.people["nadia"])
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    squares = list(CELLS_EAST)
    draw.shuffle(squares)
    return Team(tenant, round_, way or WAYS[number % len(WAYS)], cookies, address, squares)


def walk(teams: list[Team], encounters: int, draw: random.Random, together: int = 8) -> list[Team]:
    """Every team walks; `together` of them are out at once, their encounters mixed. Gives the teams in the order of closing."""
    closed: list[Team] = []
    for start in range(0, len(teams), together):
        out = teams[start : start + together]
        for number in range(encounters):
            for team in draw.sample(out, len(out)):
                team.meet(number, encounters)
        for team in draw.sample(out, len(out)):
            team.close()
            closed.append(team)
    return closed
