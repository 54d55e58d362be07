"""One invented account per role, so that whoever tries the demonstration can look from every seat.

The password and the second factor's secret are drawn once per installation and kept in the file that the setting
DEMO_KEYS names (var/demo-accounts, 0600), beside the other secrets of this installation. They exist only for accounts under
demo.maraudes.invalid.
"""

import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from outreach.members.models import Account, Membership, TeamMembership
from outreach.roles import STRONG, Role
from privacy.compat import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from privacy.db.scope import Scope, acting
from tension.demo.house import House

DOMAIN = "demo.maraudes.invalid"
PERIOD = 30  # seconds a code lives (RFC 6238)


@dataclass(frozen=True, slots=True)
class Seat:
    """One account of the demonstration. `teams` None: every team of the association."""

    login: str
    display_name: str
    association: str
    roles: tuple[Role, ...]
    teams: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        """The address to sign in with; its domain can never receive mail (RFC 2606)."""
        return f"{self.login}@{DOMAIN}"

    @property
    def strong(self) -> bool:
        """Whether a second factor is asked for."""
        return bool(STRONG & set(self.roles))


SEATS: tuple[Seat, ...] = (
    Seat("worker", "Membre d'équipe", "lanternes", (Role.WORKER,), ("Équipe Nord",)),
    Seat("lead", "Responsable d'équipe", "lanternes", (Role.LEAD, Role.WORKER), ("Équipe Nord",)),
    Seat("coordinator", "Coordination", "lanternes", (Role.COORDINATOR,)),
    Seat("admin", "Administration", "lanternes", (Role.ADMIN,)),
    Seat("auditor", "Contrôle", "lanternes", (Role.AUDITOR,)),
    Seat("partner", "Partenaire", "lanternes", (Role.PARTNER,)),
    Seat("worker.soupe", "Membre d'équipe", "soupe", (Role.WORKER,), ("Camionnette",)),
    Seat("lead.soupe", "Responsable d'équipe", "soupe", (Role.LEAD, Role.WORKER), ("Camionnette",)),
    Seat("coordinator.soupe", "Coordination", "soupe", (Role.COORDINATOR,)),
    Seat("lead.veilleurs", "Responsable d'équipe", "veilleurs", (Role.LEAD, Role.WORKER), ("Veilleurs",)),
    Seat("coordinator.veilleurs", "Coordination", "veilleurs", (Role.COORDINATOR,)),
    Seat("admin.premiers", "Administration", "premiers-pas", (Role.ADMIN,)),
    Seat("coordinator.premiers", "Coordination", "premiers-pas", (Role.COORDINATOR,)),
    Seat("worker.premiers", "Membre d'équipe", "premiers-pas", (Role.WORKER,)),
    Seat("auditor.premiers", "Contrôle", "premiers-pas", (Role.AUDITOR,)),
)
"""Every association of the demonstration has its entries in the switcher, also the one that begins."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """What opens the demo accounts of this installation."""

    password: str
    totp_secret: str

    def code(self, at: float) -> str:
        """The six digits of the second factor at `at`, seconds since 1970."""
        return str(format_hotp_value(hotp_value(self.totp_secret, int(at) // PERIOD)))

    def seconds_left(self, at: float) -> int:
        """How long the code of `at` still works, seconds."""
        return PERIOD - int(at) % PERIOD


def keys(path: Path | None = None) -> Keys:
    """Return this installation's keys, drawn at first use into `path` (readable by its owner only)."""
    path = path or settings.DEMO_KEYS
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        body = {"password": secrets.token_urlsafe(12), "totp_secret": generate_totp_secret()}
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(body, file)
    return Keys(body["password"], body["totp_secret"])


def ensure(houses: dict[str, House], path: Path | None = None) -> int:
    """Make the accounts that are missing, with this installation's keys; return how many were made."""
    opened = keys(path)
    # One slow hash for all of them, who share one password anyway, and none when nobody is missing.
    hashed = cache(lambda: make_password(opened.password))
    return sum(
        _ensure(seat, houses[seat.association], opened, hashed)
        for seat in SEATS
        if seat.association in houses
    )


def _ensure(seat: Seat, house: House, opened: Keys, hashed: Callable[[], str]) -> int:
    scope = Scope(house.association.id, frozenset(house.teams.values()), login_email=seat.email)
    with acting(scope), transaction.atomic():
        account = Account.objects.filter(email=seat.email).first()
        made = account is None
        if account is None:
            account = Account.objects.create(
                email=seat.email, password=hashed(), display_name=seat.display_name
            )
        membership, _new = Membership.objects.get_or_create(
            association=house.association,
            account=account,
            defaults={"roles": [role.value for role in seat.roles]},
        )
        for team in seat.teams:
            TeamMembership.objects.get_or_create(
                association=house.association, team_id=house.teams[team], membership=membership
            )
        if seat.strong and not Authenticator.objects.filter(user=account).exists():
            TOTP.activate(account, opened.totp_secret)
    return int(made)


def now_code(opened: Keys) -> tuple[str, int]:
    """Return the code that works now and for how many seconds; the real clock, whatever the demo's says."""
    at = time.time()
    return opened.code(at), opened.seconds_left(at)
