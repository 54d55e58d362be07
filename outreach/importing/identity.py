"""The name of an imported line: the same line gives the same id in every file, and nobody can compute it back.

    id = UUID of HMAC-SHA-256(key of the night, team, night, what is kept of the line, its rank among identical lines)

Rule of the module: nothing enters that its record does not hold too, but one byte of a note's words. The place enters as the
team's square, never finer: a keyed hash of an exact place could be searched by whoever stole the key. The key of a night
dies with the records of that night, and the ids with it (docs/adr/0038). The line of somebody who did not agree enters
without any place.
"""

import hmac
import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid5

from outreach.importing.rows import Counted, Kept, Outcome, SetAside
from privacy.core import coarsening
from privacy.core.context import encode
from privacy.core.grid import LADDER

PEPPER = "import"
"""The long-lived secret for lines that were only counted: a night and a number of people."""


def subject_of(team_id: UUID, night: date) -> UUID:
    """The keystore's name of the key under which the lines of a team's night are named."""
    return uuid5(team_id, f"import {night.isoformat()}")


class Names:
    """Gives ids to the lines of one file for one team. `key_of` gives the 32 bytes of a night."""

    def __init__(
        self, pepper: bytes, association_id: UUID, team_id: UUID, key_of: Callable[[date], bytes]
    ) -> None:
        self._pepper = pepper
        self._association_id = association_id
        self._team_id = team_id
        self._key_of = key_of
        self._ranks: Counter[bytes] = Counter()

    def of(self, outcome: Kept | Counted) -> UUID:
        """The next id of such a line: identical lines are told apart by rank, in the order of the calls."""
        if isinstance(outcome, Counted):
            return self._ranked(self._pepper, self._counted(outcome))
        return self._ranked(self._key_of(outcome.night), self._kept(outcome))

    def all_of(self, outcome: Outcome) -> tuple[UUID, ...]:
        """The ids under which a line may be known, its own first; none for a line set aside."""
        if isinstance(outcome, SetAside):
            return ()
        if isinstance(outcome, Counted):
            return (self.of(outcome),)
        return self.of(outcome), self.former(outcome)

    def former(self, outcome: Kept) -> UUID:
        """The id that the version before gave to a kept line; such ids live for 90 days after their import."""
        cell = coarsening.parent(outcome.cell, LADDER[-1]).id if outcome.cell else ""
        sector = outcome.sector_id.hex if outcome.sector_id else ""
        body = _text(outcome.body)
        said = encode("maraudes import record 1", self._association_id, outcome.night, cell, sector, body)
        return self._ranked(self._pepper, said)

    def _ranked(self, key: bytes, said: bytes) -> UUID:
        rank = self._ranks[said]
        self._ranks[said] += 1
        return UUID(bytes=hmac.digest(key, encode(said, rank), "sha256")[:16], version=4)

    def _counted(self, outcome: Counted) -> bytes:
        # The team stands in for a place: two teams may each have met one person who said no that night.
        return encode(
            "maraudes import tally 1", self._association_id, self._team_id, outcome.night, outcome.people
        )

    def _kept(self, outcome: Kept) -> bytes:
        cell = outcome.cell.id if outcome.cell else ""
        sector = outcome.sector_id.hex if outcome.sector_id else ""
        # Of the file's words, not of the note that is kept: that one is left out when it grows old, or when a word is doubtful.
        body = _text({name: value for name, value in outcome.body.items() if name != "note"})
        words = self._byte_of(outcome)
        return encode("maraudes import record 2", self._team_id, outcome.night, cell, sector, body, words)

    def _byte_of(self, outcome: Kept) -> bytes:
        """One byte of a keyed hash of the words, none without: enough to tell two notes apart, too little to find one."""
        if not outcome.words:
            return b""
        said = encode("maraudes import words 1", outcome.words)
        return hmac.digest(self._key_of(outcome.night), said, "sha256")[:1]


def _text(body: dict[str, object]) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
