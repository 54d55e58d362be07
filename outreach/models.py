"""Every table of outreach, gathered for Django; each lives beside its services, in the package that its name says."""

from outreach.associations.models import Association
from outreach.importing.models import ImportedRow, ImportJob, ImportLine
from outreach.members.models import Account, Invitation, Membership, RoleNotice, Team, TeamMembership
from outreach.places.models import Sector, SectorCell
from outreach.records.models import (
    ConsentCounter,
    ConsentEvent,
    Draft,
    Handover,
    Quarantine,
    Record,
    RunningMonth,
    RunningQuarter,
    SealedPart,
    Tally,
    TallyMonth,
    Tombstone,
)
from outreach.rounds.models import Round, RoundSector

__all__ = [
    "Account",
    "Association",
    "ConsentCounter",
    "ConsentEvent",
    "Draft",
    "Handover",
    "ImportJob",
    "ImportLine",
    "ImportedRow",
    "Invitation",
    "Membership",
    "Quarantine",
    "Record",
    "RoleNotice",
    "Round",
    "RoundSector",
    "RunningMonth",
    "RunningQuarter",
    "SealedPart",
    "Sector",
    "SectorCell",
    "Tally",
    "TallyMonth",
    "Team",
    "TeamMembership",
    "Tombstone",
]
