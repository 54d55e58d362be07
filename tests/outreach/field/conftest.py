"""A phone of the field: signed in, on an open round, as the real web role."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from outreach.rounds.models import Round
from privacy.db.scope import tenant_transaction
from tests import factories
from tests.factories import Person, Tenant
from tests.outreach.members.conftest import live  # noqa: F401 — a real server, for the journeys
from tests.outreach.members.people import signed_in
from tests.reading import typed


def text_of(answer: Any) -> str:
    """The page without the white space that browsers do not show, and without the elements that isolate a name."""
    return re.sub(r"\s+(?=</)|</?bdi>", "", typed(answer.content.decode()))


@dataclass(frozen=True)
class Answer:
    """Where a form led: the status and the page."""

    status: int
    text: str


@dataclass
class Phone:
    """One browser in somebody's hand, and the round it is on."""

    client: Client
    round: Round

    def url(self, page: str = "") -> str:
        return f"/maraude/tournee/{self.round.id}/{page}"

    def get(self, page: str = "") -> str:
        answer = self.client.get(self.url(page))
        assert answer.status_code == 200, (page, answer.status_code)
        return text_of(answer)

    def hidden(self, page: str, name: str) -> str:
        """The value of a hidden field of a page."""
        text = self.get(page)
        return text.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]

    def count(self, **answers: object) -> str:
        """Send one form of the counting page; the page it leads to."""
        if "mark" not in answers:
            answers["mark"] = self.hidden("compter/", "mark")
        answer = self.client.post(self.url("compter/"), answers, follow=True)
        return text_of(answer)

    def note(self, **answers: object) -> "Answer":
        if "token" not in answers:
            answers["token"] = self.hidden("rencontre/", "token")
        answers.setdefault("people", 1)
        answer = self.client.post(self.url("rencontre/"), answers, follow=True)
        return Answer(answer.status_code, text_of(answer))


def phone_of(person: Person, round_: Round) -> Phone:
    return Phone(signed_in(person), round_)


@pytest.fixture
def walking(lanterne: Tenant) -> Round:
    """Lanterne's north team is out tonight."""
    with tenant_transaction(lanterne.scope("north")):
        return factories.open_round(lanterne)


@pytest.fixture
def omar(lanterne: Tenant, walking: Round) -> Phone:
    return phone_of(lanterne.people["omar"], walking)


@pytest.fixture
def nadia(lanterne: Tenant, walking: Round) -> Phone:
    return phone_of(lanterne.people["nadia"], walking)
