"""Arithmetic of counts: « ne sait pas » stays apart from zero, and the last ten counts can be taken back.

Rule of the module: pure values. An unknown number is never read as 0: a total with one unknown part is "at least".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from outreach.records.tally import Counts, Sent, Turns, flat, plus, unflat

PARTS = ("people_count", "men_count", "women_count", "minors_count")
MOST_DRAFTS = 60
"""How many drafts a phone remembers for undo: a cookie holds 4,096 bytes."""
MOST_STEPS = 10
"""How many counts a phone can take back, the last one first."""


class TooMany(ValueError):
    """This phone has counted the most that it may send for one round; nothing was added."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A total and whether a part of it was unknown ("au moins 12"); None when nothing was known."""

    number: int | None
    at_least: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What one count added, to be taken back: numbers by name, the parts that it made known, or unsure, first; its form's mark.

    Differences and not totals: what is noted or erased in between stays as it is.
    """

    added: Mapping[str, int]
    known: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Counter:
    """What one phone counted on one round. It lives on the phone until the close.

    present: this phone had a page of the round while it was open; only then does a closed round take its counts.
    unsure: parts that one group at least left unknown. steps: the last counts, to be taken back, oldest first.
    drafts: (id, people) of the encounters noted here, oldest first; 0 people for one that was erased.
    seen: marks of the forms already counted.
    say, number: what the next page tells. kept, aside, sent, vague: the receipt; vague: parts that were sent as "at least".
    turns: tells the server a later sending from an earlier one.
    """

    phone: UUID
    present: bool = False
    counts: Counts = field(default_factory=Counts)
    unsure: frozenset[str] = frozenset()
    steps: tuple[Step, ...] = ()
    drafts: tuple[tuple[UUID, int], ...] = ()
    seen: tuple[str, ...] = ()
    say: str = ""
    number: int | None = None
    kept: int | None = None
    aside: Mapping[str, int] = field(default_factory=dict)
    sent: Counts = field(default_factory=Counts)
    vague: frozenset[str] = frozenset()
    turns: Turns = field(default_factory=Turns)

    @property
    def empty(self) -> bool:
        return self.counts.empty

    def sum_of(self, part: str) -> Sum:
        return Sum(getattr(self.counts, part), part in self.unsure)

    def has_seen(self, mark: str) -> bool:
        return mark in self.seen


def marked(counter: Counter, mark: str) -> Counter:
    """Remember that the form `mark` was counted: sending it again changes nothing."""
    *earlier, last = counter.steps or (None,)
    steps = (*earlier, replace(last, mark=mark)) if last and not last.mark else counter.steps
    return replace(counter, seen=(*counter.seen, mark)[-12:], steps=steps)


def add_group(counter: Counter, numbers: Mapping[str, int | None], refused: str | None = None) -> Counter:
    """One more group met. Raises TooMany, as all that adds.

    numbers: PARTS → 0–200 or None for "ne sait pas"; a missing part was not asked.

    refused: code of a refusal that came with it, "" when no reason was given.
    """
    values: dict[str, int | None] = {}
    unsure = set(counter.unsure)
    for part in PARTS:
        so_far: int | None = getattr(counter.counts, part)
        if part not in numbers:
            continue
        number = numbers[part]
        if number is None:
            unsure.add(part)
        else:
            values[part] = (so_far or 0) + number
    counts = replace(counter.counts, encounters=counter.counts.encounters + 1, **values)  # type: ignore[arg-type]
    if refused is not None:
        counts = _with_refusal(counts, refused)
    return _stepped(counter, counts, frozenset(unsure))


def add_refusal(counter: Counter, reason: str) -> Counter:
    """One refusal of people already counted."""
    return _stepped(counter, _with_refusal(counter.counts, reason), counter.unsure)


def add_items(counter: Counter, items: Mapping[str, int]) -> Counter:
    """Things given out: code → quantity."""
    return _stepped(
        counter,
        replace(counter.counts, distributions=_plus(counter.counts.distributions, items)),
        counter.unsure,
    )


def add_call(counter: Counter, outcome: str) -> Counter:
    """One call to the 115 and what came of it."""
    return _stepped(
        counter,
        replace(counter.counts, calls_115=_plus(counter.counts.calls_115, {outcome: 1})),
        counter.unsure,
    )


def take_back(counter: Counter) -> tuple[Counter, int]:
    """The counter without its last count, and how many people that was; the same counter when there is none."""
    return _less(counter, counter.steps[-1]) if counter.steps else (counter, 0)


def without(counter: Counter, mark: str) -> Counter:
    """The counter without what the form `mark` counted: its no became a yes. The same where it cannot be taken back."""
    for step in counter.steps:
        if mark and step.mark == mark:
            return _less(counter, step)[0]
    return counter


def _less(counter: Counter, step: Step) -> tuple[Counter, int]:
    left = {name: max(n - step.added.get(name, 0), 0) for name, n in flat(counter.counts).items()}
    counts = unflat({name: n for name, n in left.items() if name not in step.known or n})
    steps = tuple(one for one in counter.steps if one is not step)
    # What was taken back was not counted: the same form sent again counts.
    seen = tuple(one for one in counter.seen if one != step.mark)
    taken = replace(counter, counts=counts, unsure=counter.unsure - step.unsure, steps=steps, seen=seen)
    return taken, step.added.get("people_count", 0)


def add_draft(counter: Counter, draft_id: UUID, people: int, others: int) -> Counter:
    """An encounter noted on this phone: its people are counted with all others; only its id stays to undo it."""
    if any(known == draft_id and counted for known, counted in counter.drafts):
        return counter
    met = people + others
    counts = _bounded(
        counter,
        replace(
            counter.counts,
            people_count=(counter.counts.people_count or 0) + met,
            encounters=counter.counts.encounters + 1,
        ),
    )
    if any(known == draft_id for known, _people in counter.drafts):
        drafts = tuple((known, met if known == draft_id else n) for known, n in counter.drafts)
    else:
        drafts = (*counter.drafts, (draft_id, met))[-MOST_DRAFTS:]
    return replace(counter, counts=counts, drafts=drafts)


def drop_draft(counter: Counter, draft_id: UUID) -> Counter:
    """The counter without the people of an encounter that was erased; its number stays, so that no other one takes it."""
    met = sum(people for known, people in counter.drafts if known == draft_id)
    if not met:
        return counter
    counts = replace(
        counter.counts,
        people_count=max((counter.counts.people_count or 0) - met, 0) or None,
        encounters=max(counter.counts.encounters - 1, 0),
    )
    drafts = tuple((known, 0 if known == draft_id else people) for known, people in counter.drafts)
    return replace(counter, counts=counts, drafts=drafts)


def sent(counter: Counter, came: Sent, kept: int, aside: Mapping[str, int]) -> Counter:
    """After the close: the counts are sent and not to be sent again; the receipt stays to be read.

    It says what the server counts of this phone: more than what was sent just now, or none of it where that was set aside.
    """
    turns = counter.turns
    return Counter(
        counter.phone,
        counter.present,
        seen=counter.seen,
        kept=kept,
        aside=dict(aside),
        sent=came.counts if came.at else counter.sent,
        vague=frozenset() if came.at and came.counts.empty else counter.vague | counter.unsure,
        turns=replace(turns, at=max(turns.at, came.at), told=max(turns.told, came.at)),
    )


def _stepped(counter: Counter, counts: Counts, unsure: frozenset[str]) -> Counter:
    before, after = flat(counter.counts), flat(_bounded(counter, counts))
    step = Step(
        {name: n - before.get(name, 0) for name, n in after.items() if n != before.get(name, 0)},
        frozenset(PARTS) & (after.keys() - before.keys()),
        unsure - counter.unsure,
    )
    return replace(counter, counts=counts, unsure=unsure, steps=(*counter.steps, step)[-MOST_STEPS:])


def _bounded(counter: Counter, counts: Counts) -> Counts:
    if plus(counter.sent, counts).too_many:
        raise TooMany
    return counts


def _with_refusal(counts: Counts, reason: str) -> Counts:
    reasons = _plus(counts.refusal_reasons, {reason: 1}) if reason else counts.refusal_reasons
    return replace(counts, refused=counts.refused + 1, refusal_reasons=reasons)


def _plus(table: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {
        code: table.get(code, 0) + more.get(code, 0)
        for code in {**table, **more}
        if table.get(code, 0) + more.get(code, 0)
    }
