"""The name of an imported line: the same line gives the same id in every file, and nobody can compute it back.

    id = UUID of HMAC-SHA-256(pepper "import", association, what is kept of the line, its rank among identical lines)

Rule of the room: the place enters as its kilometre square, and the line of somebody who did not agree enters
without any place: a keyed hash of an exact place could be searched by whoever stole the key.
"""

import hmac
import json
from collections import Counter
from uuid import UUID

from outreach.importing.rows import Counted, Kept
from privacy.core import coarsening
from privacy.core.context import encode
from privacy.core.grid import LADDER

PEPPER = "import"


class Names:
    """Gives ids to the lines of one file, read in order from its first line."""

    def __init__(self, pepper: bytes, association_id: UUID, team_id: UUID) -> None:
        self._pepper = pepper
        self._association_id = association_id
        self._team_id = team_id
        self._seen: Counter[bytes] = Counter()

    def of(self, outcome: Kept | Counted) -> UUID:
        """The id of this line; call once per line, in order: identical lines are told apart by rank."""
        said = self._canonical(outcome)
        rank = self._seen[said]
        self._seen[said] += 1
        digest = hmac.digest(self._pepper, encode(said, rank), "sha256")
        return UUID(bytes=digest[:16], version=4)

    def _canonical(self, outcome: Kept | Counted) -> bytes:
        if isinstance(outcome, Counted):
            # The team stands in for a place: two teams may each have met one person who said no that night.
            return encode(
                "maraudes import tally 1", self._association_id, self._team_id, outcome.night, outcome.people
            )
        cell = coarsening.parent(outcome.cell, LADDER[-1]).id if outcome.cell else ""
        sector = outcome.sector_id.hex if outcome.sector_id else ""
        body = json.dumps(outcome.body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return encode("maraudes import record 1", self._association_id, outcome.night, cell, sector, body)
