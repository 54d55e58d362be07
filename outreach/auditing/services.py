"""Consent by purpose and quarter, as an auditor may read it: bands of finished quarters, the only ones kept."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from outreach.records.models import ConsentCounter
from privacy import bands
from privacy.audit.selectors import Quarter
from privacy.db import scope

ALIAS = "audit"


@dataclass(frozen=True, slots=True)
class ConsentBand:
    """One purpose in one finished quarter. `always_yes`: 50 answers or more and nearly nobody refused, which
    deserves a question.
    """

    quarter: date
    purpose: str
    asked: str
    given: str
    refused: str
    withdrawn: str
    always_yes: bool
    refused_tenth: int | None
    """The share of no, in whole tenths rounded down; None below 50 answers, and for a quarter that a version before froze."""

    @property
    def share(self) -> str:
        """As `20–29 %`; "" where there is none."""
        if self.refused_tenth is None:
            return ""
        least = 10 * self.refused_tenth
        return f"{least}–{least + 9 if least < 90 else 100}\N{NO-BREAK SPACE}%"

    @property
    def name(self) -> str:
        return str(Quarter.of(self.quarter))


def consent_bands(association_id: UUID) -> list[ConsentBand]:
    """Finished quarters, newest first."""
    with (
        scope.use_tenant(scope.Scope(association_id=association_id)),
        transaction.atomic(using=ALIAS),
    ):
        rows = list(
            ConsentCounter.objects.using(ALIAS)
            .filter(association_id=association_id, frozen=True)
            .order_by("-quarter", "purpose")
        )
    return [
        ConsentBand(
            quarter=row.quarter,
            purpose=row.purpose,
            asked=bands.label(row.asked),
            given=bands.label(row.given),
            refused=bands.label(row.refused),
            withdrawn=bands.label(row.withdrawn),
            always_yes=row.always_yes,
            refused_tenth=row.refused_tenth,
        )
        for row in rows
    ]
