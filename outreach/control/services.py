"""Consent by purpose and quarter, as an auditor may read it: bands of finished quarters, from a view that holds nothing finer."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connections, transaction

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

    @property
    def name(self) -> str:
        return f"{self.quarter.year}-T{(self.quarter.month + 2) // 3}"


def consent_bands(association_id: UUID) -> list[ConsentBand]:
    """Finished quarters, newest first."""
    with (
        scope.acting(scope.Scope(association_id=association_id)),
        transaction.atomic(using=ALIAS),
        connections[ALIAS].cursor() as cursor,
    ):
        cursor.execute(
            "SELECT quarter, purpose, asked, given, refused, withdrawn, always_yes"
            " FROM outreach_consentband WHERE association_id = %s ORDER BY quarter DESC, purpose",
            [association_id],
        )
        return [ConsentBand(*row) for row in cursor.fetchall()]
