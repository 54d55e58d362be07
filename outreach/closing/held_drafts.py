"""Drafts that the server holds while their round is open: read with their cover off, or known to be erased.

Rule of the module: a draft is opened to the phone's bytes only to be received, compared or remembered by its digest, in memory.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from outreach.closing import intake
from outreach.closing.intake import SealedDraft
from outreach.records import covering
from outreach.records.models import Draft
from outreach.rounds.models import Round
from privacy import clock
from privacy.core.errors import Unreadable
from privacy.core.retention import RetentionClass
from privacy.keystore import punctured

TABLE = "outreach_draft"


@dataclass(slots=True)
class Held:
    """erased: ids whose secret was destroyed, but whose row stayed: the commit that should have taken it never came."""

    drafts: list[SealedDraft] = field(default_factory=list)
    erased: list[UUID] = field(default_factory=list)


def read(round_: Round, rows: Iterable[Draft]) -> Held:
    """`rows` of one round. What is damaged, or all of it when the tree is gone (a damaged key that a purge dropped), is given as
    it lies there: it opens nowhere and is set aside, not lost without a word, and the round's other drafts go on.
    Raises Unreadable while nobody can tell (the key folder is away).
    """
    held = Held()
    try:
        tree = covering.tree_of(round_.id)
    except Unreadable:
        tree = covering.tree_or_lost(round_.id)
    for row in rows:
        blob = bytes(row.blob)
        try:
            secret = tree.secret(row.id) if tree is not None else None
        except Unreadable:
            held.erased.append(row.id)
            continue
        if tree is not None:
            with suppress(Unreadable):
                blob = covering.uncover(blob, secret, TABLE, row.id)
        held.drafts.append(SealedDraft(row.id, row.key_id, row.expires_on, blob))
    return held


def erase(round_: Round, row: Draft) -> None:
    """The draft goes, its id is kept, and last, committed on its own, its secret dies: nothing on a disk opens it any more once
    the epoch rotates. Were the data's commit to fail now, the row would stay but open nowhere, and go when the round closes.
    """
    held, draft_id = read(round_, [row]), row.id
    policy, today = round_.association.policy, clock.today()
    intake.write_tombstones(round_, held.drafts, policy, today, row.sender)
    intake.write_erased_tombstones(round_, held.erased, policy, today, row.sender)
    row.delete()
    punctured.forget(round_.id, RetentionClass.DRAFT, [draft_id])
