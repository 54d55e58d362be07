"""What is remembered of files that came in: how far, which lines were set aside, and a keyed id of every line that was taken.

Rule of the module: an id of a record's line dies with that record, and so does the key that made it (docs/adr/0038).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import UUID

from outreach.associations.models import Association
from outreach.importing.errors import Reason
from outreach.importing.identity import PEPPER, subject_of
from outreach.importing.models import ImportedRow, ImportJob, ImportLine
from outreach.importing.rows import Kept
from outreach.members.models import Team
from privacy.core.retention import RetentionClass, expires_on
from privacy.keystore import services as keystore
from privacy.keystore.models import Pepper
from privacy.keystore.shortening import sum_secret

NO_KEY = bytes(32)
"""What a dry run computes with before any import: nothing is known, and nothing is made."""


@dataclass(frozen=True, slots=True)
class Came:
    """What of a file came in: everything before `next_line` that was not set aside. `whole`: all of it.

    alike: lines like those of another file; they came in already, unless the file is said to be another page.
    """

    next_line: int = 0
    aside: frozenset[int] = frozenset()
    whole: bool = False
    alike: tuple[int, ...] = ()

    @classmethod
    def of(cls, job: ImportJob | None, *, another_page: bool) -> "Came":
        """So far, by the job of the file."""
        if job is None:
            return cls()
        # What the reception refused lies sealed in quarantine and was counted: trying it again here would count it twice.
        waiting = ImportLine.objects.filter(job=job).exclude(reason=Reason.REFUSED.value)
        alike: tuple[int, ...] = ()
        if not another_page:
            rows = waiting.filter(reason=Reason.ALIKE.value)
            alike = tuple(rows.order_by("line").values_list("line", flat=True))
        aside = frozenset(waiting.values_list("line", flat=True)).difference(alike)
        return cls(job.next_line, aside, job.finished and not aside, alike)

    def holds(self, line: int) -> bool:
        """Whether a line came in."""
        return line < self.next_line and line not in self.aside


def known(ids: Iterable[UUID]) -> set[UUID]:
    """Of some ids, those of lines that came in."""
    return set(ImportedRow.objects.filter(id__in=list(ids)).values_list("id", flat=True))


def remember(association: Association, taken: Iterable[tuple[UUID, object, date]], today: date) -> None:
    """Keep the ids of lines taken: (id, what the line meant, its night)."""
    policy = association.policy
    # What was only counted has no record to die with: a night and a number of people.
    counted = expires_on(RetentionClass.RECORD, today, policy)
    ImportedRow.objects.bulk_create(
        ImportedRow(
            id=id_,
            association=association,
            expires_on=expires_on(RetentionClass.RECORD, night, policy)
            if isinstance(outcome, Kept)
            else counted,
        )
        for id_, outcome, night in sorted(taken, key=lambda one: one[0])
    )


def pepper(*, wet: bool) -> bytes:
    """The secret for lines that are only counted; a dry run makes none."""
    if wet or Pepper.objects.filter(name=PEPPER).exists():
        return keystore.pepper(PEPPER)
    return NO_KEY


def night_keys(association: Association, team: Team, *, wet: bool) -> Callable[[date], bytes]:
    """The key of each night's lines, which dies with the records of that night; a dry run makes none."""

    @cache
    def key(night: date) -> bytes:
        subject = subject_of(team.id, night)
        if wet:
            dies = expires_on(RetentionClass.RECORD, night, association.policy)
            secret, _day = sum_secret(association.id, RetentionClass.IMPORT, dies, subject)
            return secret
        found = keystore.fetch_secrets([subject], [RetentionClass.IMPORT])
        return found.get((subject, RetentionClass.IMPORT)) or NO_KEY  # a damaged one knows nothing either

    return key
