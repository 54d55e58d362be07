"""The roles of an association. A person may hold several; what each may read stands in the access rules, not here."""

from collections.abc import Iterable
from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    WORKER = "worker"
    LEAD = "lead"
    COORDINATOR = "coordinator"
    ADMIN = "admin"
    AUDITOR = "auditor"
    PARTNER = "partner"


LABELS = {
    Role.WORKER: _("Membre d’équipe"),
    Role.LEAD: _("Responsable d’équipe"),
    Role.COORDINATOR: _("Coordination"),
    Role.ADMIN: _("Administration"),
    Role.AUDITOR: _("Contrôle"),
    Role.PARTNER: _("Partenaire"),
}

# Who must prove a second factor before any page opens: these roles see more than one night of one team.
STRONG = frozenset({Role.COORDINATOR, Role.ADMIN, Role.AUDITOR})
FIELD = frozenset({Role.WORKER, Role.LEAD})

GUARDED = FIELD | {Role.COORDINATOR, Role.AUDITOR}
"""Roles that read what an administrator does not: nobody takes one of these alone."""


def clash(roles: Iterable[Role]) -> bool:
    """Whether one membership may not hold these together: the whole city's sums beside one team's records give others' away."""
    held = frozenset(roles)
    return Role.COORDINATOR in held and bool(held & FIELD)
