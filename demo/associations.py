"""The associations of the demonstration, and one of them as the seed needs it."""

from dataclasses import dataclass
from uuid import UUID

from outreach.associations.models import Association
from privacy.db.scope import Scope
from tension.city.parameters import DEMO_ASSOCIATIONS, AssociationParameters

BEGINS = AssociationParameters("Premiers Pas", "premiers-pas", ())
"""An association on its first day: members, and neither team nor sector. Its pages say what is missing."""
SHOWN = (*DEMO_ASSOCIATIONS, BEGINS)
"""The associations of the demonstration, in the order of the switcher."""


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """One association as the seed needs it: ids by name and code. `scope` sees all its teams."""

    association: Association
    teams: dict[str, UUID]
    sectors: dict[str, UUID]

    @property
    def scope(self) -> Scope:
        """The scope of its field, all teams."""
        return Scope(self.association.id, frozenset(self.teams.values()))
