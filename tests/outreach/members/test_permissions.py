"""Whom each page refuses: every person of the cast at every route, against a table written by hand.

The table is tests/resilience/permission_table.py.

The access rules under test are never read. What a page shows to those who may come is the business of its own tests and of
the long walk (script/drill permissions); what it does with others' objects as well.
"""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from outreach.members.models import Account
from tests import databases, factories
from tests.factories import Tenant
from tests.outreach.members.people import LOGIN, signed_in, strong
from tests.resilience import permission_table
from tests.resilience.permission_table import LINES, STRONG, Line
from tests.resilience.permission_walk import RANDOM, fill, routes

pytestmark = pytest.mark.database
OWN_ACCOUNT = (permission_table.ACCOUNT, permission_table.SETTING_UP)


def must_refuse(line: Line, roles: frozenset[str] | None, *, account: bool) -> bool:
    """Whether this page is not for them; `roles` is None for whoever has no place in an association."""
    if line.who == permission_table.ANYONE:
        return False
    if line.who in OWN_ACCOUNT:
        return not account
    return not (roles and roles & line.who)


def visitors(lanterne: Tenant) -> Iterator[tuple[str, Client, frozenset[str] | None, bool]]:
    """(name, browser, roles, whether signed in): every role by itself, an account without a place, and somebody without one."""
    for first, person in lanterne.people.items():
        roles = frozenset(person.membership.roles)
        yield first, strong(person) if roles & STRONG else signed_in(person), roles, True
    with databases.as_owner():
        Account.objects.create_user("otto@nowhere.invalid", factories.PASSWORD, display_name="Otto")
    otto = Client()
    otto.post(LOGIN, {"login": "otto@nowhere.invalid", "password": factories.PASSWORD})
    yield "otto", otto, None, True
    yield "nobody", Client(), None, False


@override_settings(DEMO=True, ROOT_URLCONF="tests.resilience.permission_urls")
def test_every_page_refuses_everybody_it_is_not_for(lanterne: Tenant) -> None:
    wrong, refused, let_in = [], 0, set()
    for name, client, roles, account in visitors(lanterne):
        client.raise_request_exception = False
        for route, path in routes().items():
            line, address = LINES[route], fill(path, RANDOM if "<uuid" in path else "1")
            cache.clear()  # no ceiling of the log's, no count of tries between two questions
            if must_refuse(line, roles, account=account):
                for method in {"get", *line.methods.lower().split()}:
                    answer = getattr(client, method)(address)
                    led_to = answer.headers.get("Location", "")
                    refused += 1
                    if line.who == permission_table.ANONYMOUS:
                        good = answer.status_code == 404
                    elif account:
                        good = answer.status_code == 403
                    else:
                        good = answer.status_code == 401 or led_to.startswith(LOGIN)
                    if not good:
                        wrong.append(f"{name} {method} {route} {answer.status_code} {led_to}")
            elif roles and line.who not in (permission_table.ANYONE, *OWN_ACCOUNT):
                if client.get(address).status_code == 403:
                    wrong.append(f"{name} is refused {route}")
                let_in.add(route)
    assert wrong == []
    of_roles = {
        route
        for route, line in LINES.items()
        if line.who not in (permission_table.ANYONE, permission_table.ANONYMOUS, *OWN_ACCOUNT)
    }
    assert let_in == of_roles
    assert refused > 400
