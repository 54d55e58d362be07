"""A draft's second cover: what a phone sealed is sealed once more before it touches a disk, under a secret of that draft alone.

The week's ingress key opens what a phone sealed, for ten days, and PostgreSQL keeps deleted bytes in heap and write-ahead log.
So no table and no log ever has the phone's own bytes. Held drafts: a secret computed from the round's tree, forgotten when the
draft is erased, the whole tree destroyed when the round closes. Drafts set aside: a secret each (`quarantine`).

Rule of the module: the phone's bytes exist in memory only. Rows of the version before have them bare, known by their length.
"""

from uuid import UUID

from outreach.rounds.models import Round
from privacy.core import context, envelope, ingress
from privacy.core.errors import Unreadable
from privacy.core.puncture import Tree
from privacy.core.retention import RetentionClass, expires_on
from privacy.keystore import punctured
from privacy.retention.services import effective_today

SIZE = ingress.SIZE + envelope.OVERHEAD
"""Bytes of every covered draft."""


def tree_of(round_id: UUID) -> Tree | None:
    """The tree of a round, None when it never held a draft or closed."""
    return punctured.read(round_id, RetentionClass.DRAFT)


def tree_or_lost(round_id: UUID) -> Tree | None:
    """`tree_of`, also None when it is damaged for good. Raises Unreadable while the key folder is away."""
    return punctured.read_surely(round_id, RetentionClass.DRAFT)


def tree_for(round_: Round) -> Tree | None:
    """The tree of a round, made at its first draft. None on the day on which its drafts are over."""
    day = expires_on(RetentionClass.DRAFT, round_.night, round_.association.policy)
    if day <= effective_today():
        return None
    return punctured.read_or_make(round_.association_id, RetentionClass.DRAFT, day, round_.id)


def cover(blob: bytes, secret: bytes, table: str, draft_id: UUID) -> bytes:
    """The phone's bytes sealed once more, bound to their row."""
    return envelope.cover(blob, secret, _bound(table, draft_id))


def uncover(covered: bytes, secret: bytes | None, table: str, draft_id: UUID) -> bytes:
    """The phone's bytes again. Raises Unreadable when the secret is gone (None) or another."""
    if len(covered) == ingress.SIZE:
        return covered  # held by the version before
    if secret is None:
        raise Unreadable
    return envelope.uncover(covered, secret, _bound(table, draft_id))


def _bound(table: str, draft_id: UUID) -> bytes:
    return context.encode("maraudes/cover", table, draft_id)
