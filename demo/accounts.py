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

from demo.associations import DemoTenant
from outreach.members.models import Account, Membership, TeamMembership
from outreach.roles import STRONG, Role
from privacy.compat import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from privacy.db.scope import Scope, use_tenant

DOMAIN = "demo.maraudes.invalid"
PERIOD = 30  # seconds a code lives (RFC 6238)


@dataclass(frozen=True, slots=True)
class DemoAccount:
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


DEMO_ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount("worker", "Membre d'équipe", "lanternes", (Role.WORKER,), ("Équipe Nord",)),
    DemoAccount("lead", "Responsable d'équipe", "lanternes", (Role.LEAD, Role.WORKER), ("Équipe Nord",)),
    DemoAccount("coordinator", "Coordination", "lanternes", (Role.COORDINATOR,)),
    DemoAccount("admin", "Administration", "lanternes", (Role.ADMIN,)),
    DemoAccount("auditor", "Contrôle", "lanternes", (Role.AUDITOR,)),
    DemoAccount("partner", "Partenaire", "lanternes", (Role.PARTNER,)),
    DemoAccount("worker.soupe", "Membre d'équipe", "soupe", (Role.WORKER,), ("Camionnette",)),
    DemoAccount("lead.soupe", "Responsable d'équipe", "soupe", (Role.LEAD, Role.WORKER), ("Camionnette",)),
    DemoAccount("coordinator.soupe", "Coordination", "soupe", (Role.COORDINATOR,)),
    DemoAccount(
        "lead.veilleurs", "Responsable d'équipe", "veilleurs", (Role.LEAD, Role.WORKER), ("Veilleurs",)
    ),
    DemoAccount("coordinator.veilleurs", "Coordination", "veilleurs", (Role.COORDINATOR,)),
    DemoAccount("admin.premiers", "Administration", "premiers-pas", (Role.ADMIN,)),
    DemoAccount("coordinator.premiers", "Coordination", "premiers-pas", (Role.COORDINATOR,)),
    DemoAccount("worker.premiers", "Membre d'équipe", "premiers-pas", (Role.WORKER,)),
    DemoAccount("auditor.premiers", "Contrôle", "premiers-pas", (Role.AUDITOR,)),
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


def ensure(tenants: dict[str, DemoTenant], path: Path | None = None) -> int:
    """Make the accounts that are missing, with this installation's keys; return how many were made."""
    opened = keys(path)
    # One slow hash for all of them, who share one password anyway, and none when nobody is missing.
    hashed = cache(lambda: make_password(opened.password))
    return sum(
        _ensure(demo_account, tenants[demo_account.association], opened, hashed)
        for demo_account in DEMO_ACCOUNTS
        if demo_account.association in tenants
    )


def _ensure(demo_account: DemoAccount, tenant: DemoTenant, opened: Keys, hashed: Callable[[], str]) -> int:
    scope = Scope(tenant.association.id, frozenset(tenant.teams.values()), login_email=demo_account.email)
    with use_tenant(scope), transaction.atomic():
        account = Account.objects.filter(email=demo_account.email).first()
        made = account is None
        if account is None:
            account = Account.objects.create(
                email=demo_account.email, password=hashed(), display_name=demo_account.display_name
            )
        membership, _new = Membership.objects.get_or_create(
            association=tenant.association,
            account=account,
            defaults={"roles": [role.value for role in demo_account.roles]},
        )
        for team in demo_account.teams:
            TeamMembership.objects.get_or_create(
                association=tenant.association, team_id=tenant.teams[team], membership=membership
            )
        if demo_account.strong and not Authenticator.objects.filter(user=account).exists():
            TOTP.activate(account, opened.totp_secret)
    return int(made)


def now_code(opened: Keys) -> tuple[str, int]:
    """Return the code that works now and for how many seconds; the real clock, whatever the demo's says."""
    at = time.time()
    return opened.code(at), opened.seconds_left(at)
