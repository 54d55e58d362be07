"""50 writes a second for 20 minutes into a whole service over HTTP: no error, and memory that stays flat.

In the first ten, threads, plans and allocators fill; the last ten are what the check of memory looks at.

Each write is one sealed draft through the API, on its own session and connection, on a fixed timetable (what is late shows as
late, and is made up for). A round takes 150 drafts and is then closed over the same API, which opens, gates, seals and
stores them. Beside the service grows a process that keeps every draft on purpose: the same check must call it a leak.
"""

import argparse
import base64
import http.client
import json
import statistics
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from time import monotonic, sleep
from typing import Any
from uuid import UUID, uuid4

from privacy.core import ingress
from tests.bench import memory
from tests.resilience.phone import headers
from tests.resilience.stack import Stack

PHONES = 20
A_ROUND = 150
BOUND = 512
"""Bytes a part may seem to keep of each write: an eighth of one sealed draft."""
LEAK = """
import sys, time
kept = []
while True:
    kept.append(bytearray(4145)); time.sleep(float(sys.argv[1]))
"""
ENCOUNTER = {"v": 1, "people": 2, "zone": True, "notice": "2026-11", "needs": ["meal"]}


class Kept(Stack):
    """A service whose two web processes are never renewed: a leak would show."""

    def environment(self, **more: str) -> dict[str, str]:
        return super().environment(GUNICORN_CMD_ARGS="--workers 2 --max-requests 0", **more)


@dataclass
class Tally:
    """What the phones saw."""

    answers: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)
    done: list[float] = field(default_factory=list)
    """When each write was answered."""
    errors: list[str] = field(default_factory=list)


class Phone(threading.Thread):
    """One phone after another on one timetable: draft, draft, … close, then the next round."""

    def __init__(self, port: int, rounds: list[dict[str, str]], first: float, gap: float, end: float) -> None:
        super().__init__(daemon=True)
        self.port, self.rounds, self.due, self.gap, self.end = port, rounds, first, gap, end
        self.link: http.client.HTTPConnection | None = None
        self.tally = Tally()

    def ask(self, session: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        for again in (False, True):
            try:
                if self.link is None:
                    self.link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                self.link.request(method, path, json.dumps(body) if body else None, headers(session))
                answer = self.link.getresponse()
                text = answer.read()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # The server may end an idle connection at any moment; HTTP says to ask again, and a draft may come twice.
                self.link = None
                self.tally.answers["connection opened again"] += 1
                if again:
                    raise
        self.tally.answers[f"{method} {answer.status}"] += 1
        if answer.status != 200:
            raise AssertionError(f"{answer.status} {text[:200]!r}")
        return dict(json.loads(text))

    def run(self) -> None:
        for one in self.rounds:
            if self.due >= self.end:
                return
            try:
                self.night(one)
            except Exception as failure:
                self.tally.errors.append(f"{type(failure).__name__}: {failure}")

    def night(self, one: dict[str, str]) -> None:
        found = self.ask(one["session"], "GET", "/api/v1/rounds/tonight")
        mine = next(round_ for round_ in found["rounds"] if round_["id"] == one["round"])
        for _ in range(A_ROUND):
            if self.due >= self.end:
                break
            sleep(max(0.0, self.due - monotonic()))
            self.tally.late.append(monotonic() - self.due)
            body = sealed(found["association"], mine)
            start = monotonic()
            held = self.ask(one["session"], "POST", f"/api/v1/rounds/{one['round']}/drafts", body)
            self.tally.done.append(monotonic())
            self.tally.took.append(self.tally.done[-1] - start)
            assert len(held["held"]) == 1, held
            self.due += self.gap
        start = monotonic()
        closing = {"phone": str(uuid4()), "counts": {"people_count": 3}}
        receipt = self.ask(one["session"], "POST", f"/api/v1/rounds/{one['round']}/close", closing)
        self.tally.closed.append(monotonic() - start)
        assert not receipt["quarantined"], receipt
        self.tally.answers["records stored"] += len(receipt["stored"])


def sealed(association: str, round_: dict[str, Any]) -> dict[str, Any]:
    """What the phone sends: one encounter sealed to the key of the week."""
    identity, key = uuid4(), UUID(round_["key"]["id"])
    day = date.fromisoformat(round_["draft_expires_on"])
    info = ingress.info(UUID(association), UUID(round_["pseudonym"]), identity, key, day)
    public = base64.b64decode(round_["key"]["public"])
    blob = ingress.seal_draft(public, info, identity, json.dumps(ENCOUNTER).encode())
    draft = {
        "id": str(identity),
        "key_id": str(key),
        "expires_on": day.isoformat(),
        "blob": base64.b64encode(blob).decode(),
    }
    return {"phone": str(uuid4()), "drafts": [draft]}


def main(rate: int, minutes: float) -> None:
    seconds = 60 * minutes
    needed = int(rate * seconds) // A_ROUND + PHONES
    stack = Kept.make()
    control = subprocess.Popen([sys.executable, "-c", LEAK, str(1 / rate)])
    try:
        stack.start()
        rounds = stack.run("tests.bench.writes_scene", str(-(-needed // 10)), "10")
        start = monotonic() + 1
        phones = [
            Phone(stack.port, rounds[n::PHONES], start + n / rate, PHONES / rate, start + seconds)
            for n in range(PHONES)
        ]

        def pids() -> dict[str, int]:
            running = {name: kept.process.pid for name, kept in stack.kept.items() if kept.process}
            return running | {"control": control.pid}

        with memory.Watch(pids) as watch:
            for phone in phones:
                phone.start()
            while any(phone.is_alive() for phone in phones):
                sleep(5)
                if sys.stderr.isatty():
                    sent = sum(len(phone.tally.took) for phone in phones)
                    sys.stderr.write(f"\r{sent:,} of {int(rate * seconds):,} writes")
        with stack.raw("owner") as connection:
            stored = connection.execute("SELECT count(*) FROM outreach_record").fetchone()
        restarts = {name: kept.starts - 1 for name, kept in stack.kept.items() if kept.starts > 1}
        tell(phones, watch, rate, seconds, stored[0] if stored else 0, restarts)
    finally:
        control.kill()
        control.wait()
        stack.end()


def tell(
    phones: list[Phone], watch: memory.Watch, rate: int, seconds: float, stored: int, restarts: dict[str, int]
) -> None:
    """The figures, and whether the aim is met."""
    total: Counter[str] = sum((phone.tally.answers for phone in phones), Counter())
    took = sorted(one for phone in phones for one in phone.tally.took)
    late = sorted(one for phone in phones for one in phone.tally.late)
    closed = sorted(one for phone in phones for one in phone.tally.closed)
    errors = [line for phone in phones for line in phone.tally.errors]
    done = sorted(one for phone in phones for one in phone.tally.done)
    span = done[-1] - done[0]
    print(f"{len(took):,} writes answered in {span:.0f} s ({len(took) / span:.1f} a second), {dict(total)}")
    print(f"errors: {len(errors)}; restarts: {restarts}; records in the service: {stored:,}")
    for line in errors[:5]:
        print(f"  {line}")
    cuts = {"median": 0.5, "95 %": 0.95, "99 %": 0.99, "most": 1.0}

    def at(values: list[float]) -> str:
        middle = statistics.median(values)
        return ", ".join(
            f"{name} {values[min(len(values) - 1, int(cut * len(values)))] / middle:.1f} ×"
            for name, cut in cuts.items()
            if cut > 0.5
        )

    print(f"a write, against its own median: {at(took)}; a close of {A_ROUND}: {at(closed)}")
    ends = late[len(late) // 2], late[int(0.95 * len(late))], late[-1]
    print("started after its time by (median, 95 %, most): " + ", ".join(f"{one:.1f} s" for one in ends))
    flat = True
    for name, samples in watch.samples.items():
        grown = memory.slope(samples)
        high, low, middle = (value / rate for value in (grown.high, grown.low, grown.middle))
        held = f"{samples[-1].private / 1e6:.0f} MB private, {samples[-1].whole / 1e6:.0f} MB in all"
        verdict = "flat" if high < BOUND else "NOT flat"
        if name == "control":
            verdict = "a leak, as it should be" if low > BOUND else "NOT found: the check is blind"
        flat &= (low > BOUND) if name == "control" else (high < BOUND)
        print(f"  {name}: {middle:+.0f} bytes a write ({low:+.0f} to {high:+.0f}), {held}: {verdict}")
        print(f"    private, in tenths of the run: {memory.course(samples)} MB")
    kept = stored == total["records stored"] == len(took)
    met = not errors and not restarts and flat and kept and len(took) / span >= 0.99 * rate
    print(
        f"{rate} writes a second for {seconds / 60:g} min, no error, every write a record, private memory flat"
        f" (< {BOUND} bytes a write)   {'met' if met else 'NOT met'}"
    )


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--rate", type=int, default=50)
    options.add_argument("--minutes", type=float, default=20)
    chosen = options.parse_args()
    main(chosen.rate, chosen.minutes)
