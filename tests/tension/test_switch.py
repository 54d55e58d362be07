"""The role switcher opens the demonstration's seats, with the second factor they need, and nothing anywhere else."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, include, path, reverse

from config.urls import urlpatterns as house
from outreach.roles import Role
from tension.demo.accounts import SEATS
from tests import databases
from tests.tension.test_demo import demo, seed  # noqa: F401 — `demo` is a fixture

urlpatterns = [*house, path("demo/", include("tension.urls"))]


def test_without_a_demonstration_there_is_no_such_page() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("demo:switch")


@pytest.mark.database
@pytest.mark.urls("tests.tension.test_switch")
def test_the_page_refuses_when_the_setting_is_off(db_clean: None, settings: Any) -> None:
    settings.DEMO = False
    assert Client().get("/demo/").status_code == 404
    assert Client().post("/demo/", {"seat": "admin"}).status_code == 404


@pytest.mark.database
@pytest.mark.urls("tests.tension.test_switch")
def test_before_the_seed_the_page_says_what_to_do(demo: Path) -> None:  # noqa: F811
    answer = Client().post("/demo/", {"seat": "admin"})
    assert answer.status_code == 400
    assert "seed_demo" in answer.content.decode()


@pytest.mark.database
@pytest.mark.urls("tests.tension.test_switch")
def test_one_click_takes_every_seat_and_leaves_the_one_before(demo: Path) -> None:  # noqa: F811
    seed(1)
    client = Client()
    assert client.get("/demo/").status_code == 200
    for seat in SEATS:
        answer = client.post("/demo/", {"seat": seat.login})
        assert answer.status_code == 302, seat.login
        seen: Any = client.get("/demo/").wsgi_request
        assert seen.user.email == seat.email
        assert seen.seat.roles == frozenset(seat.roles)
        home = client.get(answer["Location"], follow=True)
        assert home.status_code == 200, (seat.login, home.redirect_chain)
    with databases.as_owner():
        assert Role.PARTNER in {role for seat in SEATS for role in seat.roles}
    assert client.post("/demo/", {"seat": "nobody"}).status_code == 400
    seen = client.get("/demo/").wsgi_request
    assert seen.user.email == SEATS[-1].email
