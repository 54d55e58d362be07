"""Who is ended while their own click waits for the lock decides nothing more: the access rule was asked before the wait."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from outreach.members import approvals, services
from outreach.members.models import Invitation, Membership, RoleNotice, Team
from outreach.roles import Role
from privacy.db.scope import Scope, tenant_transaction
from tests import databases
from tests.factories import ACTOR, NOW, Person, Tenant
from tests.outreach.members.people import strong
from tests.outreach.members.test_own_roles import asked, second_admin
from tests.outreach.members.test_people import path, stored

pytestmark = pytest.mark.database
WAITING = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted"


def ended_while(lanterne: Tenant, leaver: Person, click: Callable[[], int]) -> int:
    """Agnes ends `leaver`; the click comes before she is done, waits for her, and goes on after. Gives its status."""
    statuses: list[int] = []

    def run() -> None:
        try:
            statuses.append(click())
        finally:
            connections.close_all()

    other = threading.Thread(target=run)
    with (
        databases.raw("owner") as watching,
        tenant_transaction(Scope(lanterne.association.id, account_id=lanterne.people["agnes"].id)),
    ):
        services.end(Membership.objects.get(id=leaver.membership.id), actor=ACTOR, now=NOW)
        other.start()
        for _ in range(250):
            if watching.execute(WAITING).fetchone() == (True,):
                break
            other.join(0.02)
        else:
            raise AssertionError("the click did not wait")
    other.join(20)
    assert stored(leaver).ended_on is not None
    return statuses[0]


def answer(browser: Client, url: str, **data: object) -> Callable[[], int]:
    return lambda: browser.post(url, data).status_code


def test_who_is_ended_already_keeps_the_day_on_which_they_are_forgotten(lanterne: Tenant) -> None:
    with tenant_transaction(Scope(lanterne.association.id, account_id=lanterne.people["agnes"].id)):
        omar = Membership.objects.get(id=lanterne.people["omar"].membership.id)
        stale = Membership.objects.get(id=omar.id)
        services.end(omar, actor=ACTOR, now=NOW)
        assert services.end(stale, actor=ACTOR, now=NOW + timedelta(days=30)) == 0
    assert stored(lanterne.people["omar"]).ended_on == NOW.date()


def test_an_administrator_ended_meanwhile_makes_no_administrator(lanterne: Tenant) -> None:
    claire, omar = second_admin(lanterne), lanterne.people["omar"]
    click = answer(strong(claire), path(omar), roles=["admin"])
    status = ended_while(lanterne, claire, click)
    assert "admin" not in stored(omar).roles
    assert status == 403


def test_an_administrator_ended_meanwhile_ends_nobody_and_takes_nobody_back(lanterne: Tenant) -> None:
    claire, omar = second_admin(lanterne), lanterne.people["omar"]
    status = ended_while(lanterne, claire, answer(strong(claire), path(omar, "fin/")))
    assert stored(omar).ended_on is None
    assert status == 403


def test_an_administrator_ended_meanwhile_leaves_no_link(lanterne: Tenant) -> None:
    claire = second_admin(lanterne)
    wanted = {"email": "puppet@invitee.invalid", "roles": ["admin"]}
    click = answer(strong(claire), reverse("coordination:invite"), **wanted)
    status = ended_while(lanterne, claire, click)
    with databases.as_owner():
        assert not Invitation.objects.filter(email="puppet@invitee.invalid").exists()
    assert status == 403


def test_an_administrator_ended_meanwhile_rests_no_team_and_makes_none(lanterne: Tenant) -> None:
    claire, north = second_admin(lanterne), lanterne.teams["north"]
    click = answer(strong(claire), reverse("coordination:team_active", args=[north.id]))
    status = ended_while(lanterne, claire, click)
    with databases.as_owner():
        assert Team.objects.get(id=north.id).active
    assert status == 403


def test_a_request_is_not_confirmed_by_somebody_ended_meanwhile(lanterne: Tenant) -> None:
    claire, agnes, north = second_admin(lanterne), lanterne.people["agnes"], lanterne.teams["north"]
    confirming = strong(claire)
    with tenant_transaction(Scope(lanterne.association.id, account_id=agnes.id)):
        approvals.ask(agnes.membership, [Role.ADMIN, Role.WORKER], [north], actor=ACTOR, now=NOW)
    click = answer(confirming, reverse("coordination:role_confirm", args=[asked().id]))
    status = ended_while(lanterne, claire, click)
    assert stored(agnes).roles == ["admin"]
    assert status == 403


def test_an_auditor_ended_meanwhile_refuses_nothing(lanterne: Tenant) -> None:
    agnes, victor = lanterne.people["agnes"], lanterne.people["victor"]
    refusing = strong(victor)
    with tenant_transaction(Scope(lanterne.association.id, account_id=agnes.id)):
        approvals.ask(
            agnes.membership, [Role.ADMIN, Role.WORKER], [lanterne.teams["north"]], actor=ACTOR, now=NOW
        )
    click = answer(refusing, reverse("auditing:role_refuse", args=[asked().id]))
    status = ended_while(lanterne, victor, click)
    with databases.as_owner():
        assert RoleNotice.objects.filter(own=True).exists()
    assert status == 403
