"""How much one member, and one round, may leave here: far above any real night, far below what would keep a night from closing.

In the demonstration's city the largest of 155 rounds has 21 encounters, half of them 16 or fewer. One every two minutes for ten
hours, by one hand, is 300: a camp at its worst. A round takes five times as much, so that no one member fills it for the others.

Who sent what is counted by a number of this account on this round. It is keyed, and its key dies with the round: at the close for
what was held, with the last late phone for what came afterwards. No row says how much a person sent once the round is over.
"""

import hmac
from datetime import timedelta
from uuid import UUID, uuid5

from outreach.rounds.models import Round
from privacy.core.errors import PrivacyError
from privacy.core.puncture import Tree
from privacy.core.retention import RetentionClass, expires_on
from privacy.keystore import services as keystore

OF_MEMBER = 300
"""Drafts of one account on one round, those erased again included; and as many more after the close."""
OF_ROUND = 1500
"""Drafts that an open round holds; a closed one takes as many more."""
HANDOVERS = 20
"""Transmissions of one round: a crew has no more phones."""
KEY = UUID("5d6a3f0e-7c1b-4e55-9d0c-2f6b8e4a1c97")
"""The leaf of a round's tree that keys the numbers of its members. No draft may have this id."""


class TooMany(PrivacyError):
    """There is no room for this. `reason` comes from a closed list."""

    code = "too-many"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


def number(key: bytes, account_id: UUID) -> UUID:
    """A number of this account under that key: says nothing without it."""
    return UUID(bytes=hmac.digest(key, account_id.bytes, "sha256")[:16], version=4)


def held_number(tree: Tree, account_id: UUID) -> UUID:
    """On a round that is open."""
    return number(tree.secret(KEY), account_id)


def late_number(round_: Round, account_id: UUID) -> UUID:
    """On a round that is closed; its key is made at the first late sending, and dies when nothing can come any more."""
    day = expires_on(RetentionClass.TOMBSTONE, round_.night + timedelta(days=1), round_.association.policy)
    key = keystore.bucket_secret(
        round_.association_id, RetentionClass.TOMBSTONE, day, uuid5(round_.id, "late")
    )
    return number(key, account_id)


def check(of_member: int, of_round: int, more: int) -> None:
    """Raises TooMany when `more` new drafts find no room beside what is there."""
    if of_member + more > OF_MEMBER:
        raise TooMany("too-many-of-member")
    if of_round + more > OF_ROUND:
        raise TooMany("too-many-of-round")
