"""The one order in which transactions take what others may want too: who keeps it never waits in a ring.

    association row (import, territory, people: `outreach.associations.locks`)
    -> rounds, one mode, several of them by id
    -> "secrets in flight", shared (`privacy.keystore.orphans.begin_write`)
    -> the association's books, alone (`hold_books`): only then lines of the ledger, sums of weeks and months, month totals,
       counters of consent, in whatever order
    -> own rows (drafts, tombstones, records, quarantine, tallies, transmissions), sorted by id

| who | association | rounds | in flight | books |
|---|---|---|---|---|
| draft held, draft erased, a phone's first page | | one | | |
| round planned | | all of the team's night | | |
| round left, called off, planned again, reopened | | one | | |
| round closed, late drafts and counts | | one | shared | after sealing |
| record withdrawn | | one | shared | before its sums |
| quarantine tried again | | one | shared | after sealing |
| import | one | all of the batch | shared | before the first number |
| week made again, month sealed again | | | shared | first |
| month or quarter frozen | | | shared, to take over clear lines | first |
| rule shortened | one, to save it | one after the other | | after the keys |
| territory | one | | | |
| purge | | | | |
| orphans reaped | | | alone | |

Rule of the module: a mode is never raised. PostgreSQL lets many share a row; when two of them then want it alone, each waits for
the other (two phones that sent while the lead closed). So a round is taken FOR NO KEY UPDATE from the first, by everybody, and an
association too: rows that refer to it (KEY SHARE) do not wait. The purge takes expired rows only, which nobody else touches.
Transactions of the keystore are short, open inside of these and wait for nothing of the data; its own order is the lock of the
epoch (shared, or alone to destroy), then bucket keys sorted by class and day, then secrets.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import connection

from outreach.rounds.models import Round
from privacy.keystore import orphans

BOOKS = 0x626F6F  # "boo"; the other half of the lock's number is the association's


def hold_round(round_id: UUID, **more: object) -> Round:
    """The round, until the transaction ends. Raises Round.DoesNotExist when it is not ours."""
    rows = Round.objects.select_for_update(of=("self",), no_key=True).select_related("association")
    return rows.get(id=round_id, **more)


def hold_rounds(team_id: UUID, nights: Iterable[date]) -> list[Round]:
    """The rounds of a team in some nights, taken by id."""
    rows = Round.objects.select_for_update(of=("self",), no_key=True).filter(
        team_id=team_id, night__in=list(nights)
    )
    return list(rows.order_by("id"))


def hold_secrets() -> None:
    """Before the first secret is issued, and before the books."""
    orphans.begin_write()


def hold_books(association_id: UUID) -> None:
    """Before the first number of the association is changed. Taking it again costs a statement and changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [BOOKS, str(association_id)])
