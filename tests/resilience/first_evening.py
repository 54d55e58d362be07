"""The first evening of an association, through nothing but the published port and the operator's two commands.

An administrator accepts, sets up codes, makes a team, invites a lead; the lead leaves, notes one encounter with a yes, closes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

from privacy.compat import format_hotp_value, hotp_value
from tests import moment
from tests.factories import PASSWORD
from tests.resilience.http_browser import Visitor

HOST = "maraudes.example"
NOTE = "passer avec un duvet 5f3a91"
LINK = re.compile(rf"https://{HOST}/invitation/#[\w-]+")
LEAD = "nadia@lanterne.invalid"
Manage = Callable[..., str]


@dataclass
class Evening:
    lead: Visitor
    place: str

    def squares(self) -> int:
        """How many squares the lead's team map lists: 0, 1, …"""
        self.lead.get("/cartes/equipe/")
        return max(0, self.lead.text.count("<tr") - 1)


def joined(port: int, link: str, name: str, address: str) -> Visitor:
    someone = Visitor(port, HOST, address)
    someone.get("/invitation/").submit("token", token=link)
    someone.submit("password", display_name=name, password=PASSWORD, again=PASSWORD)
    assert someone.status == 200, someone.heading()
    return someone


def sign_in(port: int, email: str, address: str) -> Visitor:
    someone = Visitor(port, HOST, address)
    someone.get("/compte/login/").submit("login", login=email, password=PASSWORD)
    return someone


def link_in(text: str) -> str:
    found = LINK.search(unescape(text))
    assert found, "no invitation link"
    return found[0]


def evening(port: int, manage: Manage) -> Evening:
    """Raises AssertionError with the page on which it stopped."""
    made = manage(
        "create_association", "Lanterne", "--admin", "agnes@lanterne.invalid", "--url", f"https://{HOST}"
    )
    manage("import_territory", "--default", "--wet-run")
    admin = joined(port, link_in(made), "Agnès", "203.0.113.7")
    admin.get("/compte/second-facteur/totp/activate/")
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", admin.text)
    assert secret
    admin.submit(
        "code", code=str(format_hotp_value(hotp_value(secret[1], int(moment.machine_seconds()) // 30)))
    )
    assert "Vos codes de secours" in admin.heading(), admin.heading()
    admin.get("/coordination/equipes/").submit("name", name="Nord")
    teams = admin.get("/coordination/membres/inviter/").offered("teams")
    admin.submit("roles", email=LEAD, roles=["lead", "worker"], teams=teams)

    lead = joined(port, link_in(admin.text), "Nadia", "203.0.113.8")
    sectors = lead.get("/maraude/cette-nuit/").offered("sectors")
    lead.submit("sectors", sectors=sectors[:1], start="1")
    assert lead.heading() == "Tournée en cours", lead.heading()
    here = lead.path
    places = lead.get(f"{here}rencontre/").offered("place")
    place = next(one for one in places if one.startswith("CRS3035"))
    lead.submit("zone", zone="yes", people="3", place=place, needs=["meal"], note=NOTE)
    assert lead.path == here, lead.text[-2000:]
    lead.get(f"{here}clore/").submit("handover")
    assert lead.path == f"{here}recu/", lead.heading()
    return Evening(lead, place)
