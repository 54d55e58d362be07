"""A service under attack: one association, its phones, its client's book, and blow after blow in the middle of what it does.

Nothing here repairs the service. After a blow the phones send again, and each task of the service has its next turn.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import cycle
from typing import Any
from uuid import UUID, uuid4

from tests import moment
from tests.factories import CELL
from tests.resilience import invariants
from tests.resilience.callers import Caller, Crowd, Page, Sending
from tests.resilience.expected_state import Book, Close, Entry, Walk
from tests.resilience.fault_injection import OPERATIONS, VICTIMS, Hand, Striker
from tests.resilience.stack import Stack, until

SEED = 20261122
STEP = 3
"""Days between two turns: each brings an end to something."""
PAST = ((0, 12), (6, 5), (8, 7))
"""Nights before the drill: (day of its clock, records); the first ones are over when it begins."""
FIRST = 13 if (moment.MOMENT + timedelta(days=13)).weekday() else 14
"""Never a Monday: in its morning the week of both nights is over, and the control finds no week to lose."""

Blow = tuple[Callable[[], bool], Callable[[], bool], Callable[[], None]]
"""What happens once under the blow, what comes again until it is true, and how to cut it off."""


class CrashTest:
    """One association, its phones and its client's book, in a service that is killed again and again."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.chance = stack, random.Random(SEED)  # noqa: S311
        self.days = 0
        self.book = Book()
        self.table: Counter[tuple[str, str]] = Counter()
        self.findings: list[str] = []
        self.kept: list[str] = []
        stack.start("db", "broker")
        self.about = stack.run("tests.resilience.rpc_worker", "made")
        self.hand, self.eye = Hand(stack, "worker"), Hand(stack, "web")
        self.striker = Striker(stack, self.hand, self.chance)
        for self.days, many in PAST:
            self._past(many)
        self.days = FIRST
        stack.start("web", "worker", "beat", days=FIRST)
        self.caller = Caller(stack, self.about["email"], self.chance)
        self.crowd = Crowd(self.caller, 0.3)

    # The scene

    def _where(self) -> dict[str, Any]:
        return {"association": self.about["association"], "sectors": list(self.about["sectors"])}

    def _past(self, many: int) -> None:
        told = self.hand.do("past", self.days, team=self.about["teams"][0], many=many, **self._where())
        walk = Walk(told, UUID(self.about["association"]), closed=True)
        walk.entries = [Entry((one, CELL, (), "duvet"), uuid4(), None, True) for one in told["people"]]
        walk.closes = [Close(uuid4(), many, 1, "rien", True)]
        self.book.walks.append(walk)

    def plan_round(self, team: int, back: int, shift: str) -> Walk:
        told = self.hand.do(
            "plan", self.days, team=self.about["teams"][team], back=back, shift=shift, **self._where()
        )
        walk = Walk(told, UUID(self.about["association"]))
        self.book.walks.append(walk)
        return walk

    @property
    def today(self) -> date:
        return date.fromisoformat(self.hand.do("day", self.days)["today"])

    def turn(self, points: list[tuple[str, str]]) -> None:
        """A day of the service: rounds go out, the blows fall, everything is closed, and the verdict is given."""
        self.caller.sign_in()
        _ = self.today
        self.forgotten = [self.plan_round(team, 1, shift) for team in (0, 1) for shift in ("night", "day")]
        self.open = [self.plan_round(team, 0, shift) for team in (0, 1) for shift in ("night", "day")]
        self.page = Page(self.caller, self.open[0])
        self._noted(self.open[0].form(self.chance))
        for walk in self.open + self.forgotten:
            self.caller.bring(walk, *(walk.seal(self.chance) for _ in range(4)))
        self.crowd.begin(self.open + self.forgotten)
        for operation, victim in points:
            self._point(operation, victim)
        self._evening()
        self.judge()

    def tomorrow(self) -> None:
        """The clock moves on; web, worker and beat begin anew at the new day."""
        self.days += STEP
        for part in ("web", "worker", "beat"):
            self.stack.kept[part].environment["MARAUDES_CLOCK_OFFSET_DAYS"] = str(self.days)
            until(self.stack.kept[part].kill, f"{part} is there")
        self.striker.recover()

    # The blows

    def _point(self, operation: str, victim: str) -> None:
        if victim in ("worker", "broker"):
            until(self._worker_ready, "the worker takes tasks")
        act, again, cut = getattr(self, f"_{operation}")(victim)
        self.striker.strike(operation, victim, act, cut)
        self.table[operation, victim] += 1
        until(again, f"{operation} comes through after {victim} was killed", 300)
        self.findings += [
            f"{operation}, {victim}: {one}"
            for one in invariants.shown(self.stack, self.about["association"], self.about["teams"])
        ]

    def _worker_ready(self) -> bool:
        return self.striker.worker_answers()

    def _record(self, _victim: str) -> Blow:
        if self.chance.random() < 0.4 and self.open and self.page.walk is self.open[0]:
            entry = self.page.walk.form(self.chance)
            sending = self.page.note(entry)
            return (lambda: self._sent(entry, sending)), (lambda: self._sent(entry, sending)), self.caller.cut
        walk = self.chance.choice(self.open + self.forgotten)
        entries = [walk.seal(self.chance) for _ in range(3)]
        return (
            (lambda: self.caller.bring(walk, *entries)),
            (lambda: self.caller.bring(walk, *entries)),
            self.caller.cut,
        )

    def _sent(self, entry: Entry, sending: Sending) -> bool:
        if not entry.acknowledged and sending.send():
            entry.acknowledged = True
            self.page.people += entry.flat[0]
        return entry.acknowledged

    def _noted(self, entry: Entry) -> None:
        sending = self.page.note(entry)
        until(lambda: self._sent(entry, sending), "an encounter is noted by the form")

    def _close(self, victim: str) -> Blow:
        if victim in ("worker", "broker") and not self._forgotten_closed():
            return self._task("outreach.closing.tasks.close_forgotten", self._forgotten_closed)
        walk = self.open.pop(self.chance.choice((0, -1, -1)))
        if walk is self.page.walk:
            close = walk.close(self.chance)
            close.people, close.refused = self.page.people, 0
            sending = self.page.close(close)
            return (lambda: self._led(walk, sending)), (lambda: self._led(walk, sending)), self.caller.cut
        close = walk.close(self.chance)
        act = lambda: self.caller.close(walk, close)  # noqa: E731
        return act, act, self.caller.cut

    def _led(self, walk: Walk, sending: Sending) -> bool:
        walk.closed = sending.send() or walk.closed
        return walk.closed

    def _forgotten_closed(self) -> bool:
        with self.stack.raw("owner") as data:
            ids = [walk.id for walk in self.forgotten]
            row = data.execute(
                "SELECT count(*) FROM outreach_round WHERE id = ANY(%s::uuid[]) AND status = 'open'", [ids]
            ).fetchone()
        return row is not None and row[0] == 0

    def _task(self, name: str, done: Callable[[], bool]) -> Blow:
        def act() -> bool:
            self.striker.send(name)
            time.sleep(1.5)
            return True

        def again() -> bool:
            if done():
                return True
            self.striker.send(name)
            time.sleep(1)
            return done()

        return act, again, self.hand.kill

    def _order(self, do: str) -> Blow:
        return (
            (lambda: "said" in self.hand.ask(do, self.days)),
            (lambda: "said" in self.hand.ask(do, self.days)),
            self.hand.kill,
        )

    def _purge(self, victim: str) -> Blow:
        """What a killed purge left is left to the next one: nothing is waited for here, the evening's purge must come through."""
        if victim in ("worker", "broker"):
            return self._task("privacy.retention.tasks.purge", lambda: True)
        act, _again, cut = self._order("purge")
        return act, (lambda: True), cut

    def _rotation(self, victim: str) -> Blow:
        """No task rotates alone: under worker and broker it is a purge, which begins so; the command must come through."""
        act, again, cut = self._order("rotate")
        if victim in ("worker", "broker"):
            act, _again, cut = self._task("privacy.retention.tasks.purge", lambda: True)
        return act, again, cut

    def _rebuild(self, victim: str) -> Blow:
        if victim not in ("worker", "broker"):
            return self._order("rebuild")
        with self.stack.raw("owner") as data:
            data.execute("UPDATE maps_weeklysummary SET version = 0")
        return self._task("maps.tasks.rebuild_stale", self._none_stale)

    def _none_stale(self) -> bool:
        with self.stack.raw("owner") as data:
            row = data.execute(
                "SELECT count(*) FROM maps_weeklysummary WHERE version = 0 AND expires_on > app_today()"
            ).fetchone()
        return row is not None and row[0] == 0

    # The end of the day

    def _evening(self) -> None:
        """What would come by itself within hours: phones send the rest, leads close, each task has its turn."""
        self.crowd.end()
        until(self._worker_ready, "the worker takes tasks")
        _act, again, _cut = self._task("outreach.closing.tasks.close_forgotten", self._forgotten_closed)
        until(again, "forgotten rounds close")
        for walk in self.forgotten:
            walk.closed = True
        for walk in self.open + self.forgotten:
            if walk is self.page.walk:
                close = walk.close(self.chance)
                close.people, close.refused = self.page.people, 0
                sending = self.page.close(close)
                until(lambda w=walk, s=sending: self._led(w, s), "the page closes")  # type: ignore[misc]
                continue
            close = walk.close(self.chance)
            until(lambda w=walk, c=close: self.caller.close(w, c), "a lead closes")  # type: ignore[misc]
        until(self._purged, "a purge comes through")
        self.hand.do("reap", self.days)

    def _purged(self) -> bool:
        said = self.hand.ask("purge", self.days).get("said")
        return said is not None and not said["elsewhere"]

    def judge(self) -> None:
        self.findings += [f"day {self.days}: {one}" for one in self.verdict()]

    def verdict(self) -> Iterator[str]:
        about, today = self.about, self.today
        state = self.eye.do("state", self.days, association=about["association"], teams=about["teams"])
        yield from invariants.of_rounds(self.book, state, today)
        yield from invariants.of_sums(self.book, state, about["sectors"], today)
        yield from invariants.of_stores(self.stack, today, purged=True)
        yield from invariants.shown(self.stack, about["association"], about["teams"])
        if left := invariants.orphans(self.stack):
            yield f"{left} keys that seal nothing after the reaper came"
        answer = self.hand.ask("seal", self.days, kept=self.kept)
        if "error" in answer:
            yield f"the log is not sealed: {answer['error']}"
            return
        log = answer["said"]
        self.kept.append(log["note"])
        yield from log["findings"]
        closed = sum(walk.closed for walk in self.book.walks)
        if log["events"].get("round_closed", 0) != closed:
            yield f"the log tells of {log['events'].get('round_closed', 0)} closes, the book of {closed}"
        if "keys_lost" in log["events"]:
            yield "keys were damaged"
        if not self.caller.map_opens():
            yield "the team's map does not open"
        yield from self.caller.findings

    def end(self) -> None:
        self.hand.end()
        self.eye.end()


EACH_TURN = [
    "record",
    "purge",
    "purge",
    "purge",
    "record",
    "close",
    "rotation",
    "close",
    "rebuild",
    "rotation",
    "close",
    "rebuild",
    "record",
]


def plan(turns: int) -> list[list[tuple[str, str]]]:
    """Thirteen points a turn; each operation goes through its victims in order, so that a few turns bring every pair."""
    victims = {name: cycle(VICTIMS[at:] + VICTIMS[:at]) for at, name in enumerate(OPERATIONS)}
    return [[(name, next(victims[name])) for name in EACH_TURN] for _turn in range(turns)]
