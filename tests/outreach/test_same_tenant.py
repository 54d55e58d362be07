"""A row of one association names nothing of another: refused by the database, even to the owner of the tables."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model

from outreach.importing.models import ImportJob, ImportLine
from outreach.members.models import TeamMembership
from outreach.places.models import SectorCell
from outreach.rounds.models import Round, RoundSector
from privacy.db.scope import tenant_transaction
from tests import databases, factories
from tests.factories import NIGHT, Tenant

pytestmark = pytest.mark.database


def lines(lanterne: Tenant, other: Tenant) -> dict[str, Callable[[], Model]]:
    """What each kind of row is when it belongs to `lanterne` and names something of `other`."""
    mine = {"association": lanterne.association}

    def plan() -> Model:
        round_ = Round.objects.get(association=other.association)
        return RoundSector(**mine, round=round_, sector=lanterne.sectors["west"])

    def job() -> ImportJob:
        team = next(iter(other.teams.values()))
        return ImportJob.objects.create(
            association=other.association,
            team=team,
            file_digest=uuid4().bytes * 2,
            expires_on=NIGHT,
        )

    someone = other.people["bruno" if "bruno" in other.people else "salome"].membership
    return {
        "team": lambda: TeamMembership(**mine, team=lanterne.teams["north"], membership=someone),
        "plan": plan,
        "square": lambda: SectorCell(**mine, sector=other.sectors["east"], cell=uuid4().hex, size=500),
        "import": lambda: ImportLine(**mine, job=job(), line=2, reason="no-consent"),
    }


@pytest.mark.parametrize("kind", ["team", "plan", "square", "import"])
def test_a_row_names_nothing_of_another_association(lanterne: Tenant, passerelle: Tenant, kind: str) -> None:
    with tenant_transaction(lanterne.scope("north")):
        factories.open_round(lanterne, sectors=("east",))
    with tenant_transaction(passerelle.scope("quay")):
        factories.open_round(passerelle, "quay", sectors=("east",))
    with databases.as_owner():
        lines(lanterne, lanterne)[kind]().save()  # its own: taken
        with pytest.raises(IntegrityError, match="same_tenant"), transaction.atomic():
            lines(lanterne, passerelle)[kind]().save()
