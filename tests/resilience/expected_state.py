"""The book that a client keeps of what it sent and what was acknowledged; what the service holds is later held against it.

A phone sends again what got no answer, as often as it takes, with the same ids. What the book calls acknowledged may never be
lost, nor be there twice; what it sent without an answer yet may be there or not.
"""

import base64
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from outreach.closing.intake import NOTICE
from outreach.records.encounter import Encounter
from privacy.core import ingress
from privacy.core.values import Cell
from tests.factories import CELLS_EAST, CELLS_WEST

NEEDS = ("meal", "water", "care")
WORDS = ("duvet", "soupe", "couverture", "chaussettes", "gants", "savon", "thermos", "tente", "bonnet")


@dataclass(eq=False)
class Entry:
    """One encounter as it was sent; `body` is None for one that a form carries."""

    flat: tuple[int, str, tuple[str, ...], str]
    id: UUID
    body: dict[str, str] | None
    acknowledged: bool = False


@dataclass(eq=False)
class Close:
    """One phone's close: its counts and its transmission."""

    phone: UUID
    people: int
    refused: int
    handover: str
    acknowledged: bool = False


@dataclass(eq=False)
class Walk:
    """A round as the client knows it."""

    told: dict[str, Any]
    association: UUID
    entries: list[Entry] = field(default_factory=list)
    closes: list[Close] = field(default_factory=list)
    closing: bool = False
    closed: bool = False

    @property
    def id(self) -> str:
        return str(self.told["id"])

    def over(self, kind: str, today: date) -> bool:
        """Whether what this round kept of `kind` has reached its day."""
        return date.fromisoformat(self.told["ends"][kind]) <= today

    def seal(self, chance: random.Random) -> Entry:
        """A new encounter, sealed as a phone does it."""
        cell, note = chance.choice(CELLS_EAST + CELLS_WEST), " ".join(chance.sample(WORDS, 3))
        people, needs = chance.randint(1, 9), tuple(sorted(chance.sample(NEEDS, chance.randint(0, 2))))
        made = Encounter(
            people=people, zone=True, notice=NOTICE, cell=Cell.parse(cell), needs=needs, note=note
        )
        id_, key, day = uuid4(), UUID(self.told["key"]), date.fromisoformat(self.told["draft"])
        bound = ingress.info(self.association, UUID(self.told["pseudonym"]), id_, key, day)
        blob = ingress.seal_draft(bytes.fromhex(self.told["public"]), bound, id_, made.to_json())
        body = {
            "id": str(id_),
            "key_id": str(key),
            "expires_on": day.isoformat(),
            "blob": base64.b64encode(blob).decode(),
        }
        entry = Entry((people, cell, needs, note), id_, body)
        self.entries.append(entry)
        return entry

    def form(self, chance: random.Random) -> Entry:
        """A new encounter for the form; the server draws its id."""
        flat = (chance.randint(1, 9), chance.choice(CELLS_EAST + CELLS_WEST), ("meal",), "")
        entry = Entry(flat, uuid4(), None)
        self.entries.append(entry)
        return entry

    def close(self, chance: random.Random, phone: UUID | None = None) -> Close:
        close = Close(
            phone or UUID(self.told["phone"]),
            chance.randint(1, 99),
            chance.randint(0, 5),
            self._words(chance),
        )
        self.closes.append(close)
        return close

    def _words(self, chance: random.Random) -> str:
        """A transmission that no other of this round says."""
        taken = {close.handover for close in self.closes}
        while (text := " ".join(chance.sample(WORDS, 4))) in taken:
            pass
        return text

    def expected(self, today: date) -> Counter[tuple[Any, ...]]:
        """What can be read of the records today: nothing once they are over, no note once notes are."""
        if self.over("record", today):
            return Counter()
        plain = self.over("note", today)
        return Counter((*one.flat[:3], "" if plain else one.flat[3]) for one in self.entries)


@dataclass(eq=False)
class Book:
    """All walks of one association, and what the past ones were."""

    walks: list[Walk] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        return [entry for walk in self.walks for entry in walk.entries]

    def months(self) -> dict[str, dict[str, int]]:
        """People and refusals counted, phones that sent them, by month."""
        found: dict[str, dict[str, int]] = {}
        for walk in self.walks:
            line = found.setdefault(walk.told["night"][:7] + "-01", Counter())
            for close in walk.closes:
                line["people_count"] += close.people
                line["refused"] += close.refused
                line["phones"] += 1
        return found

    def weeks(self, today: date) -> dict[str, tuple[int, int]]:
        """Monday → (rounds closed, people met) of the weeks whose sums still live."""
        found: dict[str, tuple[int, int]] = {}
        for walk in self.walks:
            if walk.closed and not walk.over("summary", today):
                rounds, people = found.get(walk.told["week"], (0, 0))
                people += sum(one.flat[0] for one in walk.entries)
                found[walk.told["week"]] = (rounds + 1, people)
        return found

    def sectors(self) -> dict[str, dict[str, tuple[int, int]]]:
        """month → east or west → (rounds that planned it, people met there)."""
        found: dict[str, dict[str, tuple[int, int]]] = {}
        for walk in self.walks:
            lines = found.setdefault(walk.told["night"][:7] + "-01", {"east": (0, 0), "west": (0, 0)})
            for name, cells in (("east", CELLS_EAST), ("west", CELLS_WEST)):
                people = sum(one.flat[0] for one in walk.entries if one.flat[1] in cells)
                lines[name] = (lines[name][0] + 1, lines[name][1] + people)
        return found
