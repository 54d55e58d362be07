"""An evening of newcomers: six people accept from one Wi-Fi, and a wait that is said is the one that is waited."""

import re
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.core.internal import ratelimit
from django.test import Client

from outreach.members import limits
from outreach.roles import Role
from tests.factories import Tenant
from tests.factories import invited as invite
from tests.outreach.members.people import LOGIN

pytestmark = pytest.mark.database
ADDRESS = "198.51.100.23"
OWN_WORDS = "quatre lanternes vertes dorment"


def text(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())  # type: ignore[attr-defined]


def join(token: str, address: str = ADDRESS, spoilt: int = 0) -> Client:
    """What a volunteer does: open the link (badly copied `spoilt` times before), look at the page, choose a password."""
    phone = Client(REMOTE_ADDR=address)
    for _time in range(spoilt):
        phone.post("/invitation/", {"token": token[:-3] + "AAA"})
    phone.post("/invitation/", {"token": token})
    phone.get("/invitation/accepter/")
    answers = {"display_name": "Lila", "password": OWN_WORDS, "again": OWN_WORDS}
    phone.post("/invitation/accepter/", answers)
    return phone


def test_six_volunteers_join_from_one_address_in_a_minute(lanterne: Tenant) -> None:
    tokens = [invite(lanterne, f"volunteer{n}@invitee.invalid", Role.WORKER, "north") for n in range(6)]
    phones = [join(token, spoilt=2) for token in tokens]
    assert ["_auth_user_id" in phone.session for phone in phones] == [True] * 6
    # And all sign in again from there.
    for n in range(6):
        again = Client(REMOTE_ADDR=ADDRESS)
        again.post(LOGIN, {"login": f"volunteer{n}@invitee.invalid", "password": OWN_WORDS})
        assert "_auth_user_id" in again.session, n


class Clock:
    """The library's clock, put forward by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 1_800_000_000.0
        ours = SimpleNamespace(time=lambda: self.seconds, monotonic=time.monotonic, sleep=time.sleep)
        for module in (ratelimit, limits):
            monkeypatch.setattr(module, "time", ours, raising=False)

    def forward(self, **units: float) -> None:
        self.seconds += timedelta(**units).total_seconds()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def minutes(page: str) -> int:
    """The one wait that a page says."""
    [said] = re.findall(r"(\d+) minutes?\b", page)
    return int(said)


@pytest.mark.parametrize("late", [0, 40])
def test_the_page_for_too_many_tries_says_how_long(lanterne: Tenant, clock: Clock, late: int) -> None:
    phone = Client(REMOTE_ADDR=ADDRESS)
    dead = {"token": "A" * 43}
    for _time in range(10):
        assert phone.post("/invitation/", dead).status_code == 410
    clock.forward(seconds=late)
    answer = phone.post("/invitation/", dead)
    assert answer.status_code == 429
    assert minutes(text(answer)) == 1
    assert answer["Retry-After"] == str(60 - late)
    clock.forward(seconds=60 - late)
    assert phone.post("/invitation/", dead).status_code == 410


def test_wrong_passwords_say_how_long_to_wait_and_that_is_true(lanterne: Tenant, clock: Clock) -> None:
    """Five in five minutes and twenty in an hour: the longer wait is said, and after it one may try."""
    wrong = {"login": lanterne.people["omar"].email, "password": "guess-of-a-password"}
    phone = Client(REMOTE_ADDR=ADDRESS)
    waits = []
    for _round in range(4):
        for _time in range(5):
            assert "minute" not in text(phone.post(LOGIN, wrong))
        waits.append(minutes(text(phone.post(LOGIN, wrong))))
        clock.forward(minutes=waits[-1])
    assert waits == [5, 5, 5, 45]
    assert "minute" not in text(phone.post(LOGIN, wrong))
