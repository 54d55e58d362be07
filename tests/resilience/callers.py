"""The phones of a killed service: they send, wait for an answer, and send the same again until one comes.

Two ways, as in life: the API with drafts sealed here, and the pages with their forms. What an answer acknowledges goes into the
book; an answer that refuses what was sent in good order is a finding.
"""

import http.client
import json
import random
import threading
from collections import Counter
from contextlib import suppress
from functools import partial
from typing import Any

from tests.factories import PASSWORD
from tests.resilience.expected_state import Close, Entry, Walk
from tests.resilience.http_browser import Visitor
from tests.resilience.phone import headers
from tests.resilience.stack import Stack, until

LOGIN, MAP = "/compte/login/", "/cartes/equipe/"
DEAD = (OSError, http.client.HTTPException)


class Caller:
    """Nadia's session, and everything that goes over it."""

    def __init__(self, stack: Stack, email: str, chance: random.Random) -> None:
        self.stack, self.email, self.chance = stack, email, chance
        self.session = ""
        self.answers: Counter[int] = Counter()
        self.findings: list[str] = []
        self.lines: list[http.client.HTTPConnection] = []

    def sign_in(self) -> None:
        until(self._signed_in, "somebody signs in")

    def _signed_in(self) -> bool:
        visitor = Visitor(self.stack.port, "127.0.0.1")
        with suppress(AssertionError, *DEAD):
            visitor.get(LOGIN).submit("login", login=self.email, password=PASSWORD)
            if visitor.status == 200 and visitor.path != LOGIN:
                self.session = visitor.jar["sessionid"]
                return True
        return False

    def ask(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """(status, answer); (0, {}) when none came."""
        line = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=60)
        self.lines.append(line)
        status, said = 0, {}
        with suppress(ValueError, AttributeError, *DEAD):  # AttributeError: cut off between two reads
            line.request("POST", f"/api/v1/rounds/{path}", json.dumps(body), headers(self.session))
            answer = line.getresponse()
            text = answer.read()
            status = answer.status
            said = dict(json.loads(text))
        line.close()
        with suppress(ValueError):
            self.lines.remove(line)
        self.answers[status] += 1
        if status == 401:
            # The purge ends sessions by the drill's clock, and Django began them by the real one: signed in again, as people do.
            self.sign_in()
        return status, said

    def cut(self) -> None:
        """The phone is gone in the middle of whatever it says."""
        for line in list(self.lines):
            with suppress(OSError, AttributeError):
                line.sock.close()

    def bring(self, walk: Walk, *entries: Entry) -> bool:
        drafts = [one.body for one in entries]
        status, said = self.ask(f"{walk.id}/drafts", {"phone": str(entries[0].id), "drafts": drafts})
        if status == 200:
            known = {*said["held"], *said["known"]}
            for one in entries:
                one.acknowledged |= str(one.id) in known
            if said["refused"]:
                self.findings.append("a draft sent in good order was refused")
        elif 400 <= status < 500 and status != 401:
            self.findings.append(f"a draft sent in good order was answered {status} {said}")
        return all(one.acknowledged for one in entries)

    def close(self, walk: Walk, close: Close) -> bool:
        counts = {"people_count": close.people, "refused": close.refused}
        body = {
            "phone": str(close.phone),
            "seen": walk.told["seen"],
            "counts": counts,
            "handover": close.handover,
        }
        status, said = self.ask(f"{walk.id}/close", body)
        if status == 200:
            close.acknowledged = walk.closed = True
            if said["quarantined"]:
                self.findings.append("an encounter sealed in good order was set aside")
        elif 400 <= status < 500 and status != 401:
            self.findings.append(f"a close in good order was answered {status} {said}")
        return close.acknowledged

    def map_opens(self) -> bool:
        """The team's map, as a page."""
        self.sign_in()
        visitor = Visitor(self.stack.port, "127.0.0.1", jar={"sessionid": self.session})
        visitor.ask("GET", MAP)
        return visitor.status == 200 and visitor.path == MAP


class Page:
    """A phone that has no application: the form of an encounter and the form of the close, on one round."""

    def __init__(self, caller: Caller, walk: Walk) -> None:
        self.caller, self.walk = caller, walk
        self.visitor = Visitor(caller.stack.port, "127.0.0.1", jar={"sessionid": caller.session})
        self.people = 0

    def note(self, entry: Entry) -> "Sending":
        people, cell, needs, _note = entry.flat
        typed = {"zone": "yes", "people": str(people), "place": cell, "needs": list(needs)}
        return Sending(self, "rencontre/", "token", typed, f"tournee/{self.walk.id}/")

    def close(self, close: Close) -> "Sending":
        return Sending(self, "clore/", "handover", {"handover": close.handover}, "recu/")


class Sending:
    """One form: fetched once, and sent again as it was until it leads where it should."""

    def __init__(self, page: Page, path: str, having: str, typed: dict[str, Any], leads_to: str) -> None:
        self.page, self.having, self.typed, self.leads_to = page, having, typed, leads_to
        self.path = f"/maraude/tournee/{page.walk.id}/{path}"
        until(self._fetched, f"the page {path}")
        self.text = page.visitor.text

    def _fetched(self) -> bool:
        with suppress(AssertionError, *DEAD):
            self.page.visitor.get(self.path)
            return self._let_in() and self.page.visitor.path == self.path
        return False

    def _let_in(self) -> bool:
        """Signed in again where the page asked for it: then what was asked must be asked again."""
        if not self.page.visitor.path.startswith(LOGIN):
            return True
        self.page.caller.sign_in()
        self.page.visitor.jar["sessionid"] = self.page.caller.session
        return False

    def send(self) -> bool:
        visitor = self.page.visitor
        visitor.text, visitor.path, visitor.status = self.text, self.path, 0
        with suppress(AssertionError, *DEAD):
            visitor.submit(self.having, **self.typed)
        self.page.caller.answers[visitor.status] += 1
        if visitor.status in (403, 404, 409, 422):
            self.page.caller.findings.append(f"a form in good order was answered {visitor.status}")
        return self._let_in() and visitor.status == 200 and visitor.path.endswith(self.leads_to)


class Crowd:
    """Phones that go on sending whatever happens, until they are told to stop."""

    def __init__(self, caller: Caller, pause: float) -> None:
        self.caller, self.pause = caller, pause
        self.walks: list[Walk] = []
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, walks: list[Walk]) -> None:
        self.walks = walks
        self._ending.clear()
        self._thread = threading.Thread(target=self._go, daemon=True)
        self._thread.start()

    def _go(self) -> None:
        chance = random.Random(self.caller.chance.random())  # noqa: S311
        while not self._ending.wait(self.pause):
            walk = chance.choice(self.walks)
            waiting = [one for one in list(walk.entries) if one.body and not one.acknowledged]
            self.caller.bring(walk, *(waiting[:20] or [walk.seal(chance)]))

    def end(self) -> None:
        """Stop, and send what still has no answer until it has one."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(120)
        for walk in self.walks:
            until(partial(self._all_brought, walk), "what was sent is answered", 300, pause=0.2)

    def _all_brought(self, walk: Walk) -> bool:
        while waiting := [one for one in walk.entries if one.body and not one.acknowledged]:
            assert not self.caller.findings, self.caller.findings
            if not self.caller.bring(walk, *waiting[:100]):
                return False
        return True
