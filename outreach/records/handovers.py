"""A transmission to the next team: what a round passes on in words, sealed, as long as the policy says (30 days unless changed).

Rule of the module: it belongs to the round and carries no person's consent, so the form checks what is written. Nothing here says
who reads it: that is `outreach.records.selectors`.
"""

from collections.abc import Iterable, Iterator

from outreach.records.models import Handover
from outreach.rounds import limits
from outreach.rounds.models import Round
from privacy.core import context, envelope
from privacy.core.retention import RetentionClass, expires_on
from privacy.keystore import orphans
from privacy.keystore import services as keystore
from privacy.retention import ledger
from privacy.retention.services import effective_today
from privacy.sealed_rows import open_row

TABLE = "outreach_handover"


def create(round_: Round, text: str) -> bool:
    """Seal and store `text`. The same again changes nothing: an answer was lost, the phone sends all of it once more.

    Nor does one whose term is over already (a round found open weeks later): nobody could read it. Raises TooMany when a whole
    crew has said something already.
    """
    if any(text == said for _row, said in decrypt(Handover.objects.filter(round=round_))):
        return False
    if Handover.objects.filter(round=round_).count() >= limits.HANDOVERS:
        raise limits.TooMany("too-many-handovers")
    day = expires_on(RetentionClass.HANDOVER, round_.night, round_.association.policy)
    if day <= effective_today():
        return False
    mine = {"association_id": round_.association_id, "team_id": round_.team_id}
    row = Handover(round=round_, born_to=day, expires_on=day, **mine)
    orphans.begin_write()
    secret = keystore.bucket_secret(round_.association_id, RetentionClass.HANDOVER, day, row.id)
    row.blob = bytes(envelope.seal_nonpersonal(text.encode(), secret, _bound(row), padded_to=2048))
    row.save(force_insert=True)
    ledger.stored(round_.association_id, {(RetentionClass.HANDOVER, day): 1})
    return True


def decrypt(rows: Iterable[Handover]) -> Iterator[tuple[Handover, str]]:
    """Those that still open, with their words."""
    rows = list(rows)
    secrets = keystore.fetch_secrets([row.id for row in rows], [RetentionClass.HANDOVER]) if rows else {}
    for row in rows:
        text = open_row(TABLE, row.blob, secrets.get((row.id, RetentionClass.HANDOVER)), _bound(row))
        if text is not None:
            yield row, text.decode()


def _bound(row: Handover) -> bytes:
    return context.row_aad(row.association_id, TABLE, row.id, RetentionClass.HANDOVER.value, row.born_to)
