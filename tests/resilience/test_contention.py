"""Eight clients close, send, erase, withdraw and purge at once for five minutes: no 5xx, nothing lost."""

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.resilience.callers import Caller
from tests.resilience.conftest import Drill
from tests.resilience.expected_state import Entry, Walk
from tests.resilience.fault_injection import Hand
from tests.resilience.http_browser import Visitor
from tests.resilience.stack import Stack, until

SEED = 20261127
SECONDS = 300
OPEN = 3
"""Rounds open at any time; the client that closes plans another one for each it closes."""
BUTTON = re.compile(r'name="draft" value="([0-9a-f-]{36})"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
ERASED = "Rencontre effacée"


@dataclass
class Crew:
    """All that the clients share: the rounds, what was said about each draft, and what went wrong."""

    stack: Stack
    about: dict[str, Any]
    chance: random.Random
    walks: list[Walk] = field(default_factory=list)
    erased: set[int] = field(default_factory=set)
    withdrawn: Counter[str] = field(default_factory=Counter)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    nights: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    ending: threading.Event = field(default_factory=threading.Event)

    def plan(self, hand: Hand) -> None:
        """One more round: another night, shift or team each time."""
        with self.lock:
            number, self.nights = self.nights, self.nights + 1
        told = hand.do(
            "plan",
            0,
            association=self.about["association"],
            sectors=list(self.about["sectors"]),
            team=self.about["teams"][number % 2],
            back=number // 4 % 2,
            shift=("night", "day")[number // 2 % 2] if number < 8 else f"s{number}"[:8],
        )
        self.walks.append(Walk(told, UUID(self.about["association"])))

    def open(self) -> list[Walk]:
        return [one for one in self.walks if not one.closed]

    def tell(self, who: str, status: int, said: Any = "") -> None:
        with self.lock:
            self.answers[who, status] += 1
            if status >= 500 or status == 0:
                self.findings.append(f"{who} was answered {status} {said}")


def _send(crew: Crew, caller: Caller, chance: random.Random) -> None:
    """Mostly to an open round, now and then to one just closed; what has no answer yet goes again."""
    walk = chance.choice(crew.open() if chance.random() < 0.8 else crew.walks[-6:])
    entries = [walk.seal(chance) for _ in range(chance.randint(1, 4))]
    body = {"phone": str(uuid4()), "drafts": [one.body for one in entries]}
    status, said = caller.ask(f"{walk.id}/drafts", body)
    crew.tell("send", status, said)
    if status == 200:
        known = {*said["held"], *said["known"]}
        for one in entries:
            one.acknowledged = str(one.id) in known
        if said["refused"] or not all(one.acknowledged for one in entries):
            crew.findings.append(f"a draft in good order came back as {said}")


def _erase(crew: Crew, caller: Caller, chance: random.Random) -> None:
    """Note by the form and erase at once; who comes too late finds the round closed, and the encounter kept."""
    walk = chance.choice(crew.open())
    path = f"/maraude/tournee/{walk.id}/"
    visitor = Visitor(crew.stack.port, "127.0.0.1", jar={"sessionid": caller.session})
    visitor.ask("GET", f"{path}rencontre/")
    if visitor.path == path:
        return  # closed meanwhile: no form
    entry = walk.form(chance)
    people, cell, needs, _note = entry.flat
    visitor.submit("token", zone="yes", people=str(people), place=cell, needs=list(needs))
    crew.tell("note", visitor.status)
    entry.acknowledged = visitor.status == 200 and visitor.path == path
    buttons, token = BUTTON.findall(visitor.text), TOKEN.search(visitor.text)
    if not buttons or token is None:
        return
    visitor.ask("POST", f"{path}effacer/", [("csrfmiddlewaretoken", token[1]), ("draft", buttons[0])])
    crew.tell("erase", visitor.status)
    if ERASED in visitor.text:
        crew.erased.add(id(entry))


def _close(crew: Crew, caller: Caller, hand: Hand, chance: random.Random) -> None:
    crew.ending.wait(1.5)
    walk = chance.choice(crew.open())
    close = walk.close(chance)
    status, said = caller.ask(
        f"{walk.id}/close",
        {"phone": str(close.phone), "counts": {"people_count": close.people}, "handover": close.handover},
    )
    crew.tell("close", status, said)
    if status == 200:
        walk.closed = True
        if said["quarantined"]:
            crew.findings.append(f"set aside at a close: {said['quarantined']}")
        crew.plan(hand)


def _withdraw(crew: Crew, hand: Hand) -> None:
    answer = hand.ask("withdraw", 0, association=crew.about["association"], teams=crew.about["teams"])
    crew.tell("withdraw", 200 if "said" in answer else 500, answer)
    if said := answer.get("said"):
        crew.withdrawn[repr(said)] += 1


def _stack(crew: Crew, hand: Hand, chance: random.Random) -> None:
    order = chance.choice(("purge", "rotate", "rebuild", "reap"))
    answer = hand.ask(order, 0)
    crew.tell(order, 200 if "said" in answer else 500, answer)


def _flat(entry: Entry) -> str:
    people, cell, needs, note = entry.flat
    return repr([people, cell, sorted(needs), note])


@pytest.mark.long
def test_eight_clients_at_once_lose_nothing(stack: Stack, drill: Drill) -> None:
    stack.start("db", "broker")
    about = stack.run("tests.resilience.rpc_worker", "made")
    stack.start("web", workers=2)
    crew = Crew(stack, about, random.Random(SEED))  # noqa: S311
    hands = {
        name: Hand(stack, role) for name, role in (("plan", "worker"), ("web", "web"), ("service", "worker"))
    }
    for _ in range(OPEN):
        crew.plan(hands["plan"])
    first = Caller(stack, about["email"], crew.chance)
    first.sign_in()

    def client(number: int, step: Callable[[Caller, random.Random], None]) -> threading.Thread:
        chance = random.Random(SEED + number)  # noqa: S311
        caller = Caller(stack, about["email"], chance)
        caller.session = first.session

        def go() -> None:
            while not crew.ending.is_set():
                try:
                    step(caller, chance)
                except Exception as failure:
                    crew.findings.append(f"{type(failure).__name__}: {failure}"[:300])
                    crew.ending.wait(1)
            crew.findings.extend(caller.findings)

        return threading.Thread(target=go, daemon=True)

    steps: list[Callable[[Caller, random.Random], None]] = [lambda c, r: _send(crew, c, r)] * 4 + [
        lambda c, r: _erase(crew, c, r),
        lambda c, r: _close(crew, c, hands["plan"], r),
        lambda _c, _r: _withdraw(crew, hands["web"]),
        lambda _c, r: _stack(crew, hands["service"], r),
    ]
    threads = [client(number, step) for number, step in enumerate(steps)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    until(lambda: time.monotonic() - began > SECONDS, "five minutes", SECONDS + 60, pause=1)
    crew.ending.set()
    for thread in threads:
        thread.join(120)
    _settle(crew, first, hands["plan"])
    state = hands["web"].do("state", 0, association=about["association"], teams=about["teams"])
    for hand in hands.values():
        hand.end()
    drill.say(f"contention: {SECONDS} s, 8 clients: {dict(sorted(crew.answers.items()))}")
    sent = sum(len(walk.entries) for walk in crew.walks)
    on_purpose = f"{len(crew.erased)} erased, {crew.withdrawn.total()} withdrawn"
    drill.say(f"contention: {sent} encounters in {len(crew.walks)} rounds, {on_purpose}")
    assert not crew.findings, crew.findings[:10]
    expected = Counter(
        _flat(one)
        for walk in crew.walks
        for one in walk.entries
        if one.acknowledged and id(one) not in crew.erased
    )
    there = Counter(repr(row) for one in state["rounds"].values() for row in one["records"])
    assert not (lost := expected - there - crew.withdrawn), f"{lost.total()} lost"
    assert not (more := there + crew.withdrawn - expected), f"{more.total()} too many"
    assert not any(one["drafts"] for one in state["rounds"].values())
    assert state["weeks"] == state["again"], "a week's sum is not what its records make"
    assert all(one["rows"] == len(one["records"]) for one in state["rounds"].values())
    drill.say(
        f"contention: {there.total()} records open, 0 lost, {len(state['weeks'])} weeks equal a rebuild"
    )


def _settle(crew: Crew, caller: Caller, hand: Hand) -> None:
    """What would come by itself: what got no answer is sent again, and everything is closed."""
    del hand
    for walk in crew.walks:
        waiting = [one for one in walk.entries if one.body and not one.acknowledged]
        if waiting:
            until(lambda w=walk, e=waiting: caller.bring(w, *e), "what was sent is answered")  # type: ignore[misc]
    for walk in crew.open():
        close = walk.close(crew.chance)
        until(lambda w=walk, c=close: caller.close(w, c), "a lead closes")  # type: ignore[misc]
