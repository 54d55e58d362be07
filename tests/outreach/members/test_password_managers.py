"""Every page that asks for a password says whose it is, in the field under which managers save it."""

import re

import pytest
from django.test import Client

from tests.factories import Tenant
from tests.factories import invited as invite
from tests.outreach.members.people import LOGIN, signed_in
from tests.outreach.members.routes import walk

pytestmark = pytest.mark.database


def forms(page: str) -> list[str]:
    """The forms of a page that have a password in them."""
    return [form for form in re.findall(r"<form\b.*?</form>", page, flags=re.S) if 'type="password"' in form]


def usernames(form: str) -> list[str]:
    """The fields for the username that stand before the first password."""
    return re.findall(
        r'<input[^>]*autocomplete="username"[^>]*>', form.split('type="password"', maxsplit=1)[0]
    )


def test_a_manager_finds_the_address_on_every_page_with_a_password(lanterne: Tenant) -> None:
    omar = lanterne.people["omar"]
    inside = signed_in(omar)
    found: dict[str, list[str]] = {}
    for name, route, _view in walk():
        if "<" in route or "logout" in route or name == "invitation_accept":
            continue
        answer = inside.get(f"/{route}")
        if answer.status_code == 200 and not answer.streaming:
            found |= {name: forms(answer.content.decode())} if forms(answer.content.decode()) else {}
    assert {"account_change_password", "account_reauthenticate"} <= found.keys()
    for name, shown in found.items():
        for form in shown:
            [field] = usernames(form)
            assert f'value="{omar.email}"' in field, name


def test_a_newcomers_address_stands_before_the_nickname_is_saved_as_one(lanterne: Tenant) -> None:
    phone = Client()
    phone.post("/invitation/", {"token": invite(lanterne, "lila@invitee.invalid")})
    [form] = forms(phone.get("/invitation/accepter/").content.decode())
    [field] = usernames(form)
    assert 'value="lila@invitee.invalid"' in field
    assert " name=" not in field


def test_the_sign_in_asks_for_it(lanterne: Tenant) -> None:
    [form] = forms(Client().get(LOGIN).content.decode())
    [field] = usernames(form)
    assert 'name="login"' in field
