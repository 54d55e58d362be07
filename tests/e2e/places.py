"""Every page of the service, found by walking the URL conf as each person of the cast; and a Lanterne that has something on each.

Rule of the module: nothing is skipped by name. A route is left out only because its answer is no HTML page (a redirect, a file,
JSON, an empty refusal), and a page is looked at once: again only for another role's frame around it.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

from django.test import Client
from playwright.sync_api import BrowserContext

from outreach.closing import services as closing
from outreach.members.models import Invitation
from outreach.records.tally import Counts
from outreach.rounds import services as rounds
from privacy.audit.models import Checkpoint
from privacy.audit.sealing import publish_checkpoint
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import NIGHT, NOW, Tenant
from tests.outreach.members.people import password_login, signed_in, strong
from tests.outreach.members.routes import walk

STRANGER, HALFWAY = "nobody", "halfway"
"""Who is not signed in, and who has given the password but not yet the code."""


@dataclass(frozen=True)
class Page:
    """One page as one person gets it."""

    who: str
    path: str
    status: int


def filled(lanterne: Tenant) -> dict[str, str]:
    """Lanterne with a night behind it, one going on and one ahead; gives what stands in the routes for objects."""
    ids = {"member": str(lanterne.people["paul"].membership.id), "team": str(lanterne.teams["north"].id)}
    with tenant_transaction(lanterne.scope("north", "south")):
        week_ago = factories.open_round(lanterne, "south", NIGHT - timedelta(days=11))
        for round_, many in (
            (week_ago, 6),
            (factories.open_round(lanterne, "south", NIGHT - timedelta(days=1)), 2),
        ):
            drafts = [
                factories.sealed(round_, factories.yes(people, cell, needs=("meal", "water")))
                for cell in factories.CELLS_EAST[:3]
                for people in (many, 1)
            ]
            counts = Counts(people_count=20, men_count=12, refused=3, distributions={"meal": 9})
            now = NOW - (NIGHT - round_.night)
            closing.close_round(
                round_.id, phone=uuid4(), counts=counts, now=now, drafts=drafts, handover="clé au local"
            )
        ids["closed"] = str(round_.id)
        ids["open"] = str(factories.open_round(lanterne).id)
        ahead = rounds.plan_round(
            association_id=lanterne.association.id,
            team_id=lanterne.teams["north"].id,
            night=NIGHT + timedelta(days=1),
            sector_ids=[lanterne.sectors["west"].id],
        )
        ids["planned"] = str(ahead.id)
    with databases.as_owner():
        made = Invitation.objects.create(
            association=lanterne.association,
            email="camille@lanterne.invalid",
            roles=["worker"],
            token_hash=sha256(b"x").digest(),
            expires_on=NIGHT + timedelta(days=5),
        )
    ids["invitation"] = str(made.id)
    with databases.as_worker():
        checkpoint = publish_checkpoint(NOW, today_too=True)
    assert isinstance(checkpoint, Checkpoint)
    return ids | {"root": checkpoint.root.hex(), "guide": "log-a-round"}


def addresses(ids: dict[str, str]) -> list[str]:
    """Every address of the URL conf, with each of our objects where a route asks for one."""
    rounds_ = [ids["open"], ids["closed"], ids["planned"]]
    found = []
    for _name, route, _view in walk():
        if "(?P<" in route:
            route = re.sub(r"\(\?P<\w+>[^)]*\)", "x-1", route).replace("^", "").replace("$", "")
        choices = [""]
        for part in re.split(r"(<[^>]+>)", route):
            name = part.strip("<>").rpartition(":")[2]
            values = [part]
            if part.startswith("<"):
                values = rounds_ if name == "round_id" else [ids.get(name, "1")]
            choices = [choice + value for choice in choices for value in values]
        found += choices
    return sorted(f"/{path}" for path in found)


def browsers(lanterne: Tenant) -> dict[str, Client]:
    """A signed-in client for each person of Lanterne, one for a stranger, one that stopped before the second step.

    Nadia comes last, because she closes the round.
    """
    weak = {name: signed_in(lanterne.people[name]) for name in ("omar", "salome", "paul")}
    firm = {name: strong(lanterne.people[name]) for name in ("claire", "agnes", "victor")}
    halfway = Client()
    password_login(halfway, lanterne.people["claire"])
    return {
        STRANGER: Client(),
        HALFWAY: halfway,
        **weak,
        **firm,
        "nadia": signed_in(lanterne.people["nadia"]),
    }


def carry_over(client: Client, context: BrowserContext, address: str) -> None:
    """Give a browser the cookies of a client."""
    cookies = [
        {"name": name, "value": morsel.value, "url": address} for name, morsel in client.cookies.items()
    ]
    if cookies:
        context.add_cookies(cookies)  # type: ignore[arg-type]


def pages(client: Client, who: str, paths: list[str], seen: set[str]) -> list[Page]:
    """The pages among `paths` that nobody of `seen` was shown yet, for this person."""
    found = []
    for path in paths:
        if path.startswith("/compte/logout"):
            continue  # it would end the session; its page is one of the answers
        answer = client.get(path)
        text = answer.content.decode() if "text/html" in answer.headers.get("content-type", "") else ""
        if not 300 <= answer.status_code < 400 and "<main" in text:
            area = re.search(r'data-area="(\w+)"', text)
            marks = {_shape(text), f"{who} {area[1] if area else ''}"}
            if not marks <= seen:
                found.append(Page(who, path, answer.status_code))
            seen |= marks
    return found


def _shape(text: str) -> str:
    """The content of a page without what differs each time: tokens, ids, numbers."""
    main = text[text.index("<main") : text.index("</main>")]
    return re.sub(r'value="[^"]{20,}"|[0-9a-f]{8}-[0-9a-f-]{27}|\d+', "", main)
