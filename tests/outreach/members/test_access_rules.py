"""Deny by default: each route says who may come, and a route that does not say it is refused and fails here."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from config.access_rules import ACCESS_RULES
from outreach.access import (
    DISABLED,
    LOGIN_NOT_REQUIRED,
    LOGIN_REQUIRED,
    SECOND_FACTOR_NOT_REQUIRED,
    access_rule_of,
    login_not_required,
    membership_of,
    require_role,
)
from outreach.roles import Role
from privacy.audit.models import PendingEvent
from tests import databases
from tests.factories import Tenant
from tests.outreach.members.people import signed_in, strong
from tests.outreach.members.routes import walk

WORDS = {LOGIN_NOT_REQUIRED, LOGIN_REQUIRED, SECOND_FACTOR_NOT_REQUIRED, DISABLED}


def undeclared() -> list[str]:
    """Routes without an access rule, or with a word that is none."""
    missing = []
    for name, route, view in walk():
        declared = access_rule_of(view, name)
        roles = (
            isinstance(declared, frozenset) and declared and all(isinstance(role, Role) for role in declared)
        )
        if not roles and declared not in WORDS:
            missing.append(name or route)
    return missing


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a view that forgot its access rule")


@require_role(Role.LEAD)
def of_leads(request: HttpRequest) -> HttpResponse:
    return HttpResponse(membership_of(request).association_name)


@login_not_required
def of_everybody(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


urlpatterns = [
    path("forgotten/", forgotten, name="forgotten"),
    path("leads/", of_leads, name="leads"),
    path("open/", of_everybody, name="open"),
    path("", include("config.urls")),
]
with_forgotten = override_settings(ROOT_URLCONF=__name__)


def test_every_route_declares_its_access_rule() -> None:
    assert len(list(walk())) > 30
    assert undeclared() == []


def test_the_walk_finds_a_view_without_a_rule() -> None:
    with with_forgotten:
        assert undeclared() == ["forgotten"]


def test_every_rule_declared_by_name_has_its_route() -> None:
    names = {name for name, _route, _view in walk()}
    assert set(ACCESS_RULES) - names == set()


def test_the_pages_without_a_sign_in_are_these() -> None:
    """Whoever opens another one reads this list, and says why it holds nothing of anybody."""
    open_to_all = {name for name, _route, view in walk() if access_rule_of(view, name) == LOGIN_NOT_REQUIRED}
    assert open_to_all == {
        "home",
        "invitation",
        "invitation_accept",
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reset_password",
        "mfa_authenticate",
        "set_language",
        "healthz",
        "auditing:checkpoint",  # hashes and a signature, for whoever was told the hash
        "help:index",  # the user guides, the same files for everybody
        "help:guide",
    } | ({"demo:switch"} & open_to_all)


@pytest.mark.database
def test_a_view_without_a_rule_is_refused_to_everybody(lanterne: Tenant) -> None:
    with with_forgotten:
        assert Client().get("/open/").content == b"open"
        assert Client().get("/forgotten/")["Location"].startswith("/compte/login/")
        lead = signed_in(lanterne.people["nadia"])
        assert lead.get("/leads/").content == b"Lanterne"
        assert lead.get("/forgotten/").status_code == 403
        assert strong(lanterne.people["agnes"]).get("/forgotten/").status_code == 403


@pytest.mark.database
def test_a_rule_lets_its_roles_only_pass(lanterne: Tenant) -> None:
    with with_forgotten:
        assert signed_in(lanterne.people["nadia"]).get("/leads/").status_code == 200
        assert signed_in(lanterne.people["omar"]).get("/leads/").status_code == 403
        assert Client().get("/leads/").status_code == 302


@pytest.mark.database
def test_an_unknown_route_is_not_found(lanterne: Tenant) -> None:
    for client in (Client(), signed_in(lanterne.people["omar"])):
        assert client.get("/nothing-here/").status_code == 404


@pytest.mark.database
def test_an_address_that_is_none_is_not_repeated(lanterne: Tenant) -> None:
    """The language switch comes back to a page that exists (the control), and to the front door from one that does not."""
    for client in (Client(), signed_in(lanterne.people["omar"])):
        for address in ("/compte/plantedword/", "/compte/confirm-email/plantedword/"):  # none, and a shut one
            assert "plantedword" not in client.get(address).content.decode()
        assert 'name="next" value="/invitation/"' in client.get("/invitation/").content.decode()


@pytest.mark.database
def test_a_denial_of_a_member_is_logged_and_of_a_stranger_counted(lanterne: Tenant) -> None:
    member = signed_in(lanterne.people["omar"])
    assert member.get("/coordination/membres/").status_code == 403
    for _time in range(3):
        Client().get("/coordination/membres/")
    with databases.raw("owner") as owner:
        denied = owner.execute(
            "SELECT association_id, actor, outcome FROM audit_pendingevent WHERE event = 'denied'"
        ).fetchall()
        counted = owner.execute("SELECT kind, count FROM audit_anonymouscounter").fetchall()
    assert [(row[0], row[1].partition(":")[0], row[2]) for row in denied] == [
        (lanterne.association.id, "worker", "wrong-role")
    ]
    assert counted == [("page", 3)]
    assert PendingEvent._meta.db_table == "audit_pendingevent"


@pytest.mark.database
def test_while_keys_cannot_be_read_a_refusal_is_still_an_answer_and_logged(lanterne: Tenant) -> None:
    """The pseudonym of who asked needs a key; without it the log says that a member did."""
    member = signed_in(lanterne.people["omar"])
    [key] = Path(settings.KEK_DIR).glob("epoch-*.key")
    aside = key.rename(key.with_suffix(".aside"))
    try:
        assert member.get("/coordination/membres/").status_code == 403
        assert member.get(f"/maraude/tournee/{uuid4()}/").status_code == 404
    finally:
        aside.rename(key)
    assert member.get("/coordination/membres/").status_code == 403
    with databases.raw("owner") as owner:
        denied = owner.execute(
            "SELECT actor, outcome FROM audit_pendingevent WHERE event = 'denied' ORDER BY id"
        ).fetchall()
    said = sorted((actor.partition(":")[0], outcome) for actor, outcome in denied)
    assert said == [("member", "not-found"), ("member", "wrong-role"), ("worker", "wrong-role")]


@pytest.mark.database
def test_an_error_rolls_back_what_the_request_did(lanterne: Tenant) -> None:
    """A control shows that the same statement stays when the answer is good."""
    with with_forgotten, override_settings(ROOT_URLCONF="tests.outreach.members.failing"):
        for route, kept in (("/kept/", True), ("/lost/", False)):
            client = Client(raise_request_exception=False)
            client.get(route)
            with databases.as_owner():
                from outreach.members.models import Account

                assert Account.objects.filter(email=f"{route.strip('/')}@lanterne.invalid").exists() is kept
