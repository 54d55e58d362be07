"""Counts of one phone for one round: no person in it. Counted on the phone, sent at the close, sealed; later a month's totals.

Rule of the module: « ne sait pas » (None) is not zero; nothing here has a place. A refusal is one more in
`refused` and exists nowhere else. A phone has one row a round, however often it sends: what it counted counts once, and what it
took back before it knew that it had come is taken back.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from outreach.associations.models import Association
from outreach.records import vocabulary as words
from outreach.records.counting import add, running_until
from outreach.records.encounter import BadEncounter
from outreach.records.models import RunningMonth, Tally, TallyMonth
from outreach.rounds.models import Round
from privacy import sealed_sums
from privacy.core import context, envelope
from privacy.core.policy import Policy
from privacy.core.retention import RetentionClass, expires_on
from privacy.keystore import orphans
from privacy.keystore import services as keystore
from privacy.retention import ledger
from privacy.retention.services import effective_today
from privacy.sealed_rows import open_row

MOST = 1_000
"""Most that one phone may say it counted on one round, of anything but things given: a crew of three meets a tenth of it."""
MOST_GIVEN = 5_000
"""Most of one thing that one phone may say was given out: a lorry of soup serves some hundreds."""
MOST_PHONES = 20
"""Most phones whose counts one round takes: the largest crew."""
COUNTS = ("people_count", "men_count", "women_count", "minors_count", "refused", "encounters")
TABLE = "outreach_tally"


class TooMuch(ValueError):
    """One phone would have counted more on this round than one may; nothing was added."""


@dataclass(frozen=True, slots=True)
class Counts:
    """People met and counted (None for "ne sait pas"), refusals, what was given out, calls to the 115."""

    people_count: int | None = None
    men_count: int | None = None
    women_count: int | None = None
    minors_count: int | None = None
    refused: int = 0
    encounters: int = 0
    refusal_reasons: dict[str, int] = field(default_factory=dict)
    distributions: dict[str, int] = field(default_factory=dict)
    calls_115: dict[str, int] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return self == Counts()

    @property
    def too_many(self) -> bool:
        """Whether a number is more than one phone may send for one round."""
        numbers = [getattr(self, name) or 0 for name in COUNTS]
        numbers += [*self.refusal_reasons.values(), *self.calls_115.values()]
        return max(numbers) > MOST or max(self.distributions.values(), default=0) > MOST_GIVEN


@dataclass(frozen=True, slots=True)
class Turns:
    """Where a phone's counter stands, so that the server knows which of two sendings is the later one. It tells no time.

    series: drawn with the counter; one that was lost is followed by another one. at: how often it was written. told: where it
    stood when it sent what its last receipt names; it holds what was counted since.
    """

    series: str = ""
    at: int = 0
    told: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """What the server has of one phone: what it knew to have come, what came since, and the turns of that sending."""

    before: Counts = field(default_factory=Counts)
    since: Counts = field(default_factory=Counts)
    turns: Turns = field(default_factory=Turns)

    @property
    def counts(self) -> Counts:
        return plus(self.before, self.since)

    def after(self, counts: Counts, turns: Turns) -> "Held":
        """With one more sending. The same one again, or an older one that was late on its way, changes nothing."""
        if turns.series != self.turns.series or turns.told > self.turns.told:
            return Held(self.counts, counts, turns)
        if turns.told == self.turns.told and turns.at >= self.turns.at:
            return replace(
                self, since=counts, turns=turns
            )  # the receipt was lost: all of it comes again, and more or less
        return self


@dataclass(frozen=True, slots=True)
class Sent:
    """What a sending came to: all that the server counts of this phone now, and where the phone's counter stood for that.

    refused: how many refusals more, or fewer, than before. changed: whether anything is counted otherwise.
    """

    counts: Counts = field(default_factory=Counts)
    at: int = 0
    refused: int = 0
    changed: bool = False


_TABLES: dict[str, words.Vocabulary] = {
    "refusal_reasons": words.REFUSAL,
    "distributions": words.ITEMS,
    "calls_115": words.CALL_115_OUTCOME,
}


def build(body: dict[str, Any]) -> Counts:
    """Counts from a form or the phone app. Raises BadEncounter for an unknown key, code or impossible number."""
    counts = _built(body)
    if counts.too_many:
        raise BadEncounter("number")
    return counts


def flat(counts: Counts) -> dict[str, int]:
    """The known numbers by name, those of a table as "table.code"."""
    numbers = {name: getattr(counts, name) for name in COUNTS if getattr(counts, name) is not None}
    for name in _TABLES:
        numbers |= {f"{name}.{code}": count for code, count in getattr(counts, name).items()}
    return numbers


def plus(one: Counts, other: Counts) -> Counts:
    """Both together; a number that neither knows stays unknown."""
    numbers = flat(one)
    for name, number in flat(other).items():
        numbers[name] = numbers.get(name, 0) + number
    return _built(_nested(numbers))


def unflat(numbers: Mapping[str, int]) -> Counts:
    """The counts of which `flat` gives these numbers. Raises BadEncounter, as `build`."""
    return build(_nested(numbers))


def _nested(numbers: Mapping[str, int]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, number in numbers.items():
        table, _dot, code = name.partition(".")
        if code:
            body.setdefault(table, {})[code] = number
        else:
            body[name] = number
    return body


def _built(body: dict[str, Any]) -> Counts:
    if not isinstance(body, dict) or not body.keys() <= set(COUNTS) | _TABLES.keys():
        raise BadEncounter("unknown-field")
    values: dict[str, Any] = {}
    for name in COUNTS:
        number = body.get(name)
        if number is None:
            continue
        values[name] = _number(number)
    for name, allowed in _TABLES.items():
        table = body.get(name) or {}
        if not isinstance(table, dict) or not table.keys() <= allowed.keys():
            raise BadEncounter("code")
        values[name] = {code: _number(count) for code, count in table.items() if count}
    return Counts(**values)


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadEncounter("number")
    return value


def _bound(association_id: UUID, tally_id: UUID, day: date) -> bytes:
    return context.row_aad(association_id, TABLE, tally_id, RetentionClass.TALLY.value, day)


def _sealed(row: Tally, held: Held, secret: bytes) -> bytes:
    body = json.dumps(asdict(held), separators=(",", ":")).encode()
    bound = _bound(row.association_id, row.id, row.born_to)
    return bytes(envelope.seal_nonpersonal(body, secret, bound, padded_to=1024))


def send(round_: Round, phone: UUID, counts: Counts, policy: Policy, turns: Turns | None = None) -> Sent:
    """Take in what `phone` counted since the last receipt that it has; sealed (no person in it), and its difference to the month.

    Without `turns` a phone counts once. Of a round that is closed after its counts' own term only the month remains: its caller
    sees to it that they come once.
    Raises TooMuch where the phone would have counted more than one may.
    """
    row = Tally.objects.filter(round=round_, phone=phone).first()
    if row is None and counts.empty:
        return Sent()
    earlier = _opened([row]) if row else []
    if row and row.expires_on <= effective_today():
        return Sent()  # its secret is gone with the day of its kind
    # What a damaged row said is gone for good: it begins again with what comes now.
    held = earlier[0] if earlier else Held()
    later = Held(since=counts, turns=turns or Turns())
    if earlier:
        later = held.after(counts, turns) if turns else held
    before, after = held.counts, later.counts
    if row and after.too_many:
        raise TooMuch
    if row is None:
        if not is_over(round_):
            _store(round_, phone, later, expires_on(RetentionClass.TALLY, round_.night, policy))
    elif later != held:
        _seal_anew(row, later)
    if before != after:
        _change_month(round_.association, round_.night, _difference(before, after))
    return Sent(after, later.turns.at, after.refused - before.refused, before != after)


def is_over(round_: Round) -> bool:
    """Whether counts of this round could not be kept for a single day any more."""
    return expires_on(RetentionClass.TALLY, round_.night, round_.association.policy) <= effective_today()


def _store(round_: Round, phone: UUID, held: Held, day: date) -> None:
    row = Tally(
        association_id=round_.association_id,
        team_id=round_.team_id,
        round=round_,
        phone=phone,
        born_to=day,
        expires_on=day,
    )
    orphans.begin_write()
    secret = keystore.bucket_secret(round_.association_id, RetentionClass.TALLY, day, row.id)
    row.blob = _sealed(row, held, secret)
    row.save(force_insert=True)
    ledger.stored(round_.association_id, {(RetentionClass.TALLY, day): 1})


def empty(row: Tally) -> None:
    """Seal nothing in the place of what was sent; the row stays, so that its phone sends nothing of it again.

    As if the phone had been told: what it counts after its receipt is new. Without one it cannot tell what is, nor can one that
    has no turns.
    """
    [held] = _opened([row])
    _seal_anew(row, Held(turns=replace(held.turns, told=max(held.turns.at, 1))))


def _seal_anew(row: Tally, held: Held) -> None:
    """Under the secret that it has, wherever a shorter rule has moved it; under a new one where that was dropped as damaged.

    Raises Unreadable while it lies there damaged: until the purge has dropped it, within the hour.
    """
    kind = RetentionClass.TALLY
    secret = keystore.fetch_secrets([row.id], [kind]).get((row.id, kind))
    if secret is None:
        secret = keystore.bucket_secret(row.association_id, kind, row.expires_on, row.id)
    row.blob = _sealed(row, held, secret)
    row.save(update_fields=["blob"])


def phones_counted(round_: Round) -> int:
    """How many phones' counts the round holds, without those that were set aside; opened only where it matters."""
    rows = list(Tally.objects.filter(round=round_))
    return len(rows) if len(rows) < MOST_PHONES else sum(not one.empty for one in read(rows))


def read(rows: list[Tally]) -> list[Counts]:
    """The counts that can still be opened."""
    return [one.counts for one in _opened(rows)]


def _opened(rows: list[Tally]) -> list[Held]:
    secrets = keystore.fetch_secrets([row.id for row in rows], [RetentionClass.TALLY])
    opened = []
    for row in rows:
        secret = secrets.get((row.id, RetentionClass.TALLY))
        text = open_row(TABLE, row.blob, secret, _bound(row.association_id, row.id, row.born_to))
        if text is None:
            continue
        body = json.loads(text)
        if "turns" in body:
            opened.append(Held(_built(body["before"]), _built(body["since"]), Turns(**body["turns"])))
        else:  # of the version before: counts alone
            opened.append(Held(since=_built(body)))
    return opened


def add_to_month(association: Association, night: date, counts: Counts, *, sign: int = 1) -> bool:
    """Add counts to the running month of `night`, or take them out (sign -1): no area, no team, no day.

    False, and nothing added, when that month is frozen: nobody is shown two different totals of it.
    """
    more = {key: sign * count for key, count in _difference(Counts(), counts).items()}
    return _change_month(association, night, more | {"phones": sign})


def _difference(before: Counts, after: Counts) -> dict[str, int]:
    """What the month gains, or loses, when one phone's counts become others. A phone that counted nothing is none."""
    numbers = {name: -number for name, number in flat(before).items()}
    for name, number in flat(after).items():
        numbers[name] = numbers.get(name, 0) + number
    numbers["phones"] = (not after.empty) - (not before.empty)
    return {name: number for name, number in numbers.items() if number}


def _change_month(association: Association, night: date, more: dict[str, int]) -> bool:
    if is_frozen(association, night):
        return False
    month = night.replace(day=1)
    day = running_until(RetentionClass.RUNNING_MONTH, month, association.policy)
    sealed_sums.change(RunningMonth, association.id, month, day, lambda body: add(body, more))
    return True


def is_frozen(association: Association, night: date) -> bool:
    """Whether the totals of the month of `night` are written for good."""
    month = night.replace(day=1)
    return TallyMonth.objects.filter(association=association, month=month, frozen=True).exists()
