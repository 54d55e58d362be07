"""The role switcher opens the demonstration's accounts, with the second factor they need, and nothing anywhere else."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, include, path, reverse

from config.urls import urlpatterns as tenant
from demo.accounts import DEMO_ACCOUNTS
from outreach.roles import Role
from tests import databases
from tests.demo.test_demo import demo, seed  # noqa: F401 — `demo` is a fixture

urlpatterns = [*tenant, path("demo/", include("demo.urls"))]


def test_without_a_demonstration_there_is_no_such_page() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("demo:switch")


@pytest.mark.database
@pytest.mark.urls("tests.demo.test_switch")
def test_the_page_refuses_when_the_setting_is_off(db_clean: None, settings: Any) -> None:
    settings.DEMO = False
    assert Client().get("/demo/").status_code == 404
    assert Client().post("/demo/", {"demo_account": "admin"}).status_code == 404


@pytest.mark.database
@pytest.mark.urls("tests.demo.test_switch")
def test_before_the_seed_the_page_says_what_to_do(demo: Path) -> None:  # noqa: F811
    answer = Client().post("/demo/", {"demo_account": "admin"})
    assert answer.status_code == 400
    assert "seed_demo" in answer.content.decode()


@pytest.mark.database
@pytest.mark.urls("tests.demo.test_switch")
def test_one_click_takes_every_account_and_leaves_the_one_before(demo: Path) -> None:  # noqa: F811
    seed(1)
    client = Client()
    assert client.get("/demo/").status_code == 200
    for demo_account in DEMO_ACCOUNTS:
        answer = client.post("/demo/", {"demo_account": demo_account.login})
        assert answer.status_code == 302, demo_account.login
        seen: Any = client.get("/demo/").wsgi_request
        assert seen.user.email == demo_account.email
        assert seen.acting.roles == frozenset(demo_account.roles)
        home = client.get(answer["Location"], follow=True)
        assert home.status_code == 200, (demo_account.login, home.redirect_chain)
    with databases.as_owner():
        assert Role.PARTNER in {role for demo_account in DEMO_ACCOUNTS for role in demo_account.roles}
    assert client.post("/demo/", {"demo_account": "nobody"}).status_code == 400
    seen = client.get("/demo/").wsgi_request
    assert seen.user.email == DEMO_ACCOUNTS[-1].email
