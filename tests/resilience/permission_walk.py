"""The walk of the matrix: every route × GET and POST × person × object, each answer held against its line, written by a person.

Rule of the module: the expectation comes from tests/resilience/permission_table.py; the access rules under test are never read.
What the table allows is undone after its answer, so that each question meets the same service; what it refuses stays, so that
the log keeps the refusal.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from django.db import transaction
from django.test import Client

from privacy.audit.events import CEILING, CEILING_REACHED
from privacy.db.scope import ANONYMOUS, use_tenant
from tests.outreach.members.routes import walk
from tests.resilience import permission_table
from tests.resilience.permission_forms import Forms
from tests.resilience.permission_scene import TOKEN, Things, Visitor
from tests.resilience.permission_table import LINES, Line

RANDOM = str(uuid5(UUID(int=7), "nobody's"))
MALFORMED = ("x", "1' OR '1'='1", "../../", "0" * 36, "%00", "-1")
AGAIN = ("/compte/reauthenticate/", "/compte/second-facteur/reauthenticate/")
"""Where somebody signed in is led who must prove it again before changing a factor."""

VARIED = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]+"|nonce="?[A-Za-z0-9+/=_-]+"?|name="(?:token|mark)" value="[^"]+"'
)


@dataclass(frozen=True)
class Question:
    """One request: to which route, as whom, about what of whose."""

    route: str
    method: str
    path: str
    whose: str = ""
    csrf: bool = True
    body: dict[str, Any] | None = None


@dataclass
class Found:
    """What the walk saw: counts for the page, and every answer that should have been another."""

    asked: Counter[str] = field(default_factory=Counter)
    opened: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    refusals: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    """Refusals of members by person, association, roles and outcome."""

    @property
    def logged(self) -> Counter[tuple[str, str, str]]:
        """The lines that these refusals make in the log: a ceiling a person and outcome, and one line that says so."""
        lines: Counter[tuple[str, str, str]] = Counter()
        for (_name, stack, roles, outcome), times in self.refusals.items():
            lines[stack, roles, outcome] += min(times, CEILING)
            if times > CEILING:
                lines[stack, roles, outcome + CEILING_REACHED] += 1
        return lines

    def says(self, visitor: Visitor, question: Question, answer: Any, what: str) -> None:
        self.wrong.append(
            f"{what}: {visitor.name} {question.method} {question.route} ({question.whose}) {answer.status_code}"
        )


def routes(patterns: list[Any] | None = None) -> dict[str, str]:
    """Every route of the service by name, as its path is written."""
    return {name or route: route for name, route, _view in walk(patterns)}


def fill(route: str, value: str) -> str:
    """A path of this route that names `value`; regular expressions of the login library get two words."""
    route = re.sub(r"\^|\$", "", re.sub(r"\(\?P<\w+>[^)]*\)", "word", route))
    return "/" + re.sub(r"<[^>]+>", quote(value, safe=""), route)


class Walk:
    """Asks, and compares. `lines` is the table; a control gives one of its own."""

    def __init__(self, visitors: list[Visitor], things: Things, lines: dict[str, Line] | None = None) -> None:
        self.visitors, self.things, self.forms = visitors, things, Forms(things)
        self.lines = LINES if lines is None else lines
        self.found = Found()
        self._client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    def whose(self, line: Line, visitor: Visitor) -> Iterator[tuple[str, str]]:
        """(whose, id): what the address may name, seen from this person."""
        kind = line.about
        if kind in ("", "word"):
            yield "", ""
        elif kind == "guide":
            yield "", "log-a-round"
        elif kind == "root":
            yield "", "0" * 64
        elif kind == "key":
            yield from (("foreign", one) for one in self.things.some("key", "agnes"))
            yield "random", "2147483000"
        else:
            yield from self._objects(line, visitor)

    def _objects(self, line: Line, visitor: Visitor) -> Iterator[tuple[str, str]]:
        kind = line.about
        mine: tuple[str, ...] = (visitor.team,) if kind == "round" else (visitor.tenant,)
        here = ("north", "south") if visitor.tenant == "lanterne" else ("quay",)
        there = ("quay",) if visitor.tenant == "lanterne" else ("north", "south")
        if kind == "team":
            mine = here
        groups = ("round", "team")
        foreign = (
            there if kind in groups else ("passerelle",) if visitor.tenant == "lanterne" else ("lanterne",)
        )
        yield from (("own", one) for one in self.things.some(kind, *mine))
        if kind == "round":
            rest = [team for team in here if team != visitor.team] if visitor.tenant else []
            yield from (("other team", one) for one in self.things.some(kind, *rest))
        yield from (("foreign", one) for one in self.things.some(kind, *foreign)[:3])
        yield "random", RANDOM
        other = "team" if kind != "team" else "round"
        yield from (("wrong kind", one) for one in self.things.some(other, *here)[:1])

    def may(self, line: Line, visitor: Visitor) -> str:
        """ "" when access is to be granted, else why not."""
        if line.who == permission_table.ANYONE:
            return ""
        if line.who == permission_table.ANONYMOUS:
            return "shut"
        if not visitor.account:
            return "not-signed-in"
        if line.who == permission_table.SETTING_UP:
            return ""
        if line.who != permission_table.ACCOUNT:
            if not visitor.is_member:
                return "no-membership"
            if not visitor.roles & line.who:
                return "wrong-role"
        return "" if visitor.proved else "second-factor"

    def reaches(self, line: Line, visitor: Visitor, whose: str) -> bool:
        if line.reach == permission_table.NONE:
            return True
        if line.reach == permission_table.ALL_OF_IT_OR_OWN_TEAM:
            return whose == "own" or ("coordinator" in visitor.roles and whose == "other team")
        return whose == "own"

    def ask(self, visitor: Visitor, question: Question, undo: bool) -> Any:
        """Send it; with `undo` nothing of it stays."""
        self._client.cookies = visitor.cookies(question.csrf)
        send = getattr(self._client, question.method.lower())
        more: dict[str, Any] = {"headers": {"X-CSRFToken": TOKEN}} if question.csrf else {}
        if question.path.startswith("/api/"):
            more |= {"content_type": "application/json"}
        data: Any = question.body if question.body is not None else {}
        if question.path.startswith("/api/") and question.method != "GET":
            data = json.dumps(data)
        with ExitStack() as stack:
            if undo:
                stack.enter_context(use_tenant(ANONYMOUS))
                for alias in ("keystore", "default"):
                    stack.enter_context(transaction.atomic(using=alias))
            answer = send(question.path, data, **more)
            if undo:
                for alias in ("keystore", "default"):
                    transaction.set_rollback(True, using=alias)
        return answer

    def judge(self, visitor: Visitor, question: Question) -> Any:
        """Ask one question and hold the answer against its line."""
        line = self.lines[question.route]
        why = self.may(line, visitor)
        takes = question.method in line.methods.split()
        shown = not why and question.csrf and (not takes or self.reaches(line, visitor, question.whose))
        answer = self.ask(visitor, question, undo=shown)
        self.found.asked[question.method] += 1
        status, words = answer.status_code, self.found.says
        content = b"" if answer.streaming else answer.content
        for secret in visitor.hidden - {question.path.strip("/").split("/")[-1]}:
            if secret.encode() in content and secret not in question.path:
                words(visitor, question, answer, f"shows {secret}")
        if status >= 500 and question.route != "healthz":  # which says that worker and beat are not there
            words(visitor, question, answer, "broke")
        if not question.csrf and why not in ("shut",):
            if status not in (401, 403, 404, 405):
                words(visitor, question, answer, "without a token")
            if question.path.startswith("/api/") and why in ("wrong-role", "no-membership"):
                self._log(visitor, why)
            return answer
        self._judge_access(visitor, question, answer, why, takes)
        return answer

    def _judge_access(self, visitor: Visitor, question: Question, answer: Any, why: str, takes: bool) -> None:  # noqa: C901
        line, status, words = self.lines[question.route], answer.status_code, self.found.says
        if status == 302 and answer["Location"].startswith(AGAIN):
            self.found.asked["asked to prove again"] += 1
            if why:
                words(visitor, question, answer, "opens")
            return
        refused = status in (401, 403) or (status == 302 and answer["Location"].startswith("/compte/login/"))
        if why == "shut":
            if status != 404:
                words(visitor, question, answer, "is not shut")
        elif why:
            self.found.asked["refused"] += 1
            if not refused:
                words(visitor, question, answer, "opens")
            if why in ("wrong-role", "no-membership"):
                self._log(visitor, why)
        elif takes and not self.reaches(line, visitor, question.whose):
            self.found.asked["refused"] += 1
            if status != 404:
                words(visitor, question, answer, "reaches")
            elif visitor.is_member:
                self._log(visitor, "not-found")
        elif refused and line.who != permission_table.ANYONE and question.route != "api:close":
            words(visitor, question, answer, "is refused to whom it is for")
        elif takes:
            if status == 404 and question.whose == "own":
                words(visitor, question, answer, "is not found by whom it is for")
            if status < 400:
                self.found.asked["opened"] += 1
                self.found.opened.add(question.route)

    def _log(self, visitor: Visitor, outcome: str) -> None:
        roles = "+".join(sorted(visitor.roles)) or ("member" if visitor.tenant else "account")
        self.found.refusals[visitor.name, visitor.tenant, roles, outcome] += 1

    def questions(self, name: str, route: str, visitor: Visitor) -> Iterator[Question]:
        """GET and POST, every object; a POST with a token and without one."""
        line = self.lines[name]
        for whose, id_ in self.whose(line, visitor):
            for method in ("GET", "POST"):
                body = self.forms.body(line.sends, visitor) if method == "POST" else None
                yield Question(name, method, fill(route, id_), whose, True, body)
            if "POST" in line.methods and whose in ("", "own"):
                yield Question(
                    name, "POST", fill(route, id_), whose, False, self.forms.body(line.sends, visitor)
                )

    def same(
        self, visitor: Visitor, name: str, answers: dict[tuple[str, str], set[tuple[int, bytes]]]
    ) -> None:
        """What is not theirs and what never was answer alike, word for word."""
        for method in ("GET", "POST"):
            kinds = {
                whose: seen for (asked, whose), seen in answers.items() if asked == method and whose != "own"
            }
            line = self.lines[name]
            for whose, seen in kinds.items():
                if not self.reaches(line, visitor, whose) and seen != kinds["random"]:
                    self.found.wrong.append(f"tells {whose} from random: {visitor.name} {method} {name}")

    def route(self, name: str, route: str, visitor: Visitor) -> None:
        answers: dict[tuple[str, str], set[tuple[int, bytes]]] = {}
        for question in self.questions(name, route, visitor):
            answer = self.judge(visitor, question)
            if question.whose and question.csrf and not answer.streaming:
                id_ = [part for part in question.path.split("/") if len(part) == 36 or part.isdecimal()]
                text = VARIED.sub(b"", answer.content)
                for part in id_:
                    text = text.replace(part.encode(), b"")
                answers.setdefault((question.method, question.whose), set()).add((answer.status_code, text))
        if answers:
            self.same(visitor, name, answers)

    def malformed(self, name: str, route: str, visitor: Visitor) -> None:
        """An id that is none leads nowhere, whoever asks."""
        for bad in MALFORMED if "<uuid" in route else MALFORMED[:3]:
            for method in ("GET", "POST"):
                answer = self.ask(visitor, Question(name, method, fill(route, bad)), undo=True)
                self.found.asked["malformed"] += 1
                if answer.status_code not in (400, 404) or (len(bad) > 5 and bad.encode() in answer.content):
                    self.found.says(visitor, Question(name, method, route, bad), answer, "malformed")
